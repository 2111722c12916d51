// Everything that the demo needs, started by itself in a temporary folder, and nothing of it left behind.
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEdge, type LocalEdge } from '../local/edge.ts'
import { hireAgent, type Agent } from './agent.ts'
import { startDatabase } from './database.ts'
import type { Table } from './customers.ts'

/** A running installation with its database. */
export interface Stage {
  readonly url: string
  readonly agent: Agent
  /** A folder that is gone when the demo is. */
  readonly folder: string
  /** The table, counted in Postgres itself. */
  look(): Promise<Table>
  /** Ends the Worker and Postgres; the folder stays until the process ends. */
  stop(): Promise<void>
}

/**
 * Starts Postgres and the Worker side by side, with a secret that nobody knows.
 * However the process ends from here on, no process and no folder stays behind.
 */
export async function setStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'enact-demo-'))
  cleanUpAtTheEnd(folder)
  const database = await startDatabase()
  const secret = randomBytes(32).toString('base64url')
  let edge: LocalEdge | undefined
  const stop = async () => void (await Promise.all([edge?.stop(), database.close()]))
  try {
    edge = await startEdge({
      port: 0,
      state: join(folder, 'state'),
      variables: { ENACT_SECRET: secret, ...database.variables },
      devVars: false,
      watch: false,
      onLog: () => undefined
    })
    await database.ready
    return { url: edge.url, agent: await hireAgent(edge.url, secret), folder, look: database.look, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Workerd ends with this process and the database's thread is a part of it: what remains is the folder. */
function cleanUpAtTheEnd(folder: string): void {
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  process.on('exit', remove)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // Last of all: wrangler's own listeners, which end workerd, came later than ours.
      process.off('exit', remove).on('exit', remove)
      process.exit(128 + constants.signals[signal])
    })
  }
}
