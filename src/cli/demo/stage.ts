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
  /** The table, counted in Postgres itself. */
  look(): Promise<Table>
  /** Ends the Worker and Postgres; the second time nothing. */
  stop(): Promise<void>
}

/** A new folder. However the process ends from here on, it is gone then; a signal ends it with `process.exitCode` where one is set. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'enact-demo-'))
  // Workerd ends with this process and the database's thread is a part of it: the folder is all that could remain.
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  process.on('exit', remove)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // Last of all: wrangler's own listeners, which end workerd, came later than ours.
      process.off('exit', remove).on('exit', remove)
      process.exit(process.exitCode ?? 128 + constants.signals[signal])
    })
  }
  return folder
}

/** Starts Postgres and the Worker side by side, with a secret that nobody knows. Where one does not start, nothing runs on. */
export async function setStage(folder: string): Promise<Stage> {
  const database = await startDatabase()
  const secret = randomBytes(32).toString('base64url')
  let edge: LocalEdge | undefined
  let stopping: Promise<unknown> | undefined
  const stop = async () => void (await (stopping ??= Promise.all([edge?.stop(), database.close()])))
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
    return { url: edge.url, agent: await hireAgent(edge.url, secret), look: database.look, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
