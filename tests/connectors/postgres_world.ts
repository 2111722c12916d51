// What the Postgres suites share: one database through either driver, and calls as the recorder makes them.
import { startNeonProxy } from '../../src/cli/local/neon_proxy.ts'
import { postgres } from '../../src/connectors/postgres/index.ts'
import type { ActionResult, CallContext, Connection, System } from '../../src/engine/connector.ts'
import type { Inverse, JsonObject } from '../../src/engine/schema.ts'
import { inverseOf, newCall, outputOf, runAction, undo } from './contract.ts'

export const DRIVERS = ['neon', 'pg'] as const
export type Driver = (typeof DRIVERS)[number]

type Options = Omit<Parameters<typeof postgres>[0], 'database_url' | 'driver'>

export interface World {
  readonly system: System
  run(action: string, input: JsonObject, call?: CallContext): Promise<ActionResult>
  /** Runs a write that must succeed and gives its inverse, having passed through JSON like a receipt. */
  make(action: string, input: JsonObject): Promise<{ output: JsonObject; inverse: Inverse }>
  undo(inverse: Inverse): Promise<ActionResult>
  close(): Promise<void>
}

/** The connector on this database; its calls share one client, as those of one run do. */
export async function openWorld(databaseUrl: string, driver: Driver, options: Options): Promise<World> {
  const proxy = driver === 'neon' ? await startNeonProxy({ databaseUrl }) : null
  const bound = postgres({ database_url: databaseUrl, driver, ...(proxy ? { neon_local_url: proxy.url } : {}), ...options })
  let connection: Promise<Connection> | null = null
  const system: System = { ...bound, connect: () => (connection ??= bound.connect()) }
  const run = (action: string, input: JsonObject, call = newCall()) => runAction(system, action, input, call)
  return {
    system,
    run,
    async make(action, input) {
      const output = outputOf(await run(action, input))
      const inverse = JSON.parse(JSON.stringify(inverseOf(system, action, input, output))) as Inverse
      return { output, inverse }
    },
    undo: (inverse) => undo(system, inverse),
    async close() {
      await (await connection)?.close?.()
      await proxy?.close()
    }
  }
}
