// The Worker on this machine, as wrangler would run it: real D1, real Durable Objects, in one folder, with the variables given.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

/** The repository's folder. */
export const ROOT = fileURLToPath(new URL('../', import.meta.url))

export interface LocalWorkerOptions {
  readonly port: number
  /** Where databases and objects are kept. */
  readonly state: string
  readonly variables: Readonly<Record<string, string>>
  /** Runs on the migrated database before the Worker starts. */
  readonly seed: readonly { readonly sql: string; readonly values: readonly (string | number | null)[] }[]
  /** Rebuild when a source changes. */
  readonly watch: boolean
  /** What the Worker logs. */
  onLog(line: string): void
}

export interface LocalWorker {
  readonly url: string
  stop(): Promise<void>
}

const READY_MS = 60_000

// Nothing is sent anywhere and nothing is fetched: it works offline, and starts in half the time.
const QUIET = {
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_LOG: 'error',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  X_LOCAL_OBSERVABILITY: 'false',
  X_LOCAL_EXPLORER: 'false',
  CI: '1'
}

/** Applies the migrations, seeds and starts. `stop` ends workerd too. Rejects where the port is taken or the Worker does not build. */
export async function startLocalWorker({ port, state, variables, seed, watch, onLog }: LocalWorkerOptions): Promise<LocalWorker> {
  await refuseTakenPort(port)
  Object.assign(process.env, QUIET)
  const wrangler = await import('wrangler')
  const config = `${ROOT}wrangler.toml`
  // wrangler keeps local state in a folder `v3` below the one that it is told; its proxy takes the folder itself.
  const proxy = await wrangler.getPlatformProxy<{ DB: Database }>({
    configPath: databaseAlone(state),
    persist: { path: `${state}/v3` },
    remoteBindings: false,
    envFiles: []
  })
  try {
    await migrate(proxy.env.DB)
    for (const { sql, values } of seed)
      await proxy.env.DB.prepare(sql)
        .bind(...values)
        .run()
  } finally {
    await proxy.dispose()
  }
  const bindings = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, { type: 'secret_text' as const, value }]))
  const worker = await wrangler.unstable_startWorker({
    config,
    bindings,
    dev: {
      server: { hostname: '127.0.0.1', port },
      inspector: false,
      remote: false,
      persist: state,
      watch,
      logLevel: 'error',
      structuredLogsHandler: ({ message }: { message: string }) => onLog(message)
    }
  })
  // What does not build is told by the log alone, and never becomes ready.
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>(
    (_, reject) => (timer = setTimeout(() => reject(new Error('the Worker does not start: see above')), READY_MS))
  )
  await Promise.race([worker.ready, late]).finally(() => clearTimeout(timer))
  return { url: `http://127.0.0.1:${port}`, stop: () => worker.dispose() }
}

/** wrangler waits for a port that is taken without a word. */
function refuseTakenPort(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', () => reject(new Error(`port ${port} is taken: set PORT to another`)))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()))
  })
}

/** A configuration with the database and nothing else: the proxy complains of Durable Objects that it has no Worker for. */
function databaseAlone(state: string): string {
  mkdirSync(state, { recursive: true })
  const path = `${state}/database.json`
  writeFileSync(
    path,
    JSON.stringify({ name: 'enact', compatibility_date: '2026-08-15', d1_databases: [{ binding: 'DB', database_name: 'enact' }] })
  )
  return path
}

interface Database {
  exec(sql: string): Promise<unknown>
  prepare(sql: string): { bind(...values: unknown[]): { run(): Promise<unknown> }; all(): Promise<{ results: { name: string }[] }> }
}

/** The same bookkeeping as `wrangler d1 migrations apply`, without its second and a half. */
async function migrate(db: Database): Promise<void> {
  await db.exec(
    'CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)'
  )
  const applied = new Set((await db.prepare('SELECT name FROM d1_migrations').all()).results.map(({ name }) => name))
  const files = readdirSync(`${ROOT}migrations`)
    .filter((name) => name.endsWith('.sql') && !applied.has(name))
    .sort()
  for (const name of files) {
    const statements = readFileSync(`${ROOT}migrations/${name}`, 'utf8').split('--> statement-breakpoint')
    for (const statement of statements) await db.prepare(statement).bind().run()
    await db.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name).run()
  }
}
