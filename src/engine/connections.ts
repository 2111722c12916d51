// The vendor clients of one run: made when first needed, closed when the run is over.
import type { Connection, System } from './connector.ts'

export type Connections = Map<string, Promise<Connection>>

/** The system's client; every call of a run gets the same one. */
export async function connectOnce(connections: Connections, system: System): Promise<unknown> {
  let connection = connections.get(system.id)
  if (connection === undefined) {
    connection = system.connect()
    connections.set(system.id, connection)
  }
  return (await connection).client
}

/** Closes what was opened. A close that fails changes no outcome. */
export async function closeAll(connections: Connections): Promise<void> {
  await Promise.allSettled([...connections.values()].map(async (connection) => (await connection).close?.()))
}
