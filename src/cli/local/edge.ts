// The Worker on this machine, as wrangler runs it: real workerd, D1 and Durable Objects, kept in one folder, offline.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's folder. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

interface Options {
  /** 0 takes a free one. */
  readonly port: number
  /** Where databases and objects are kept. */
  readonly state: string
  /** Variables of the Worker. They go before those of `.dev.vars`. */
  readonly variables: Readonly<Record<string, string>>
  /** Whether what is in `.dev.vars` reaches the Worker, too. */
  readonly devVars: boolean
  /** Runs on the migrated database before the Worker starts. */
  readonly seed?: readonly Statement[]
  /** A folder in which other local Workers, and the Pages project, find this one. */
  readonly registry?: string
  /** Rebuild when a source changes. */
  readonly watch: boolean
  /** What the Worker logs. */
  onLog(line: string): void
}

interface Statement {
  readonly sql: string
  readonly values: readonly (string | number | null)[]
}

/** A running Worker. `stop` ends workerd, too. */
export interface LocalEdge {
  readonly url: string
  stop(): Promise<void>
}

// Nothing is sent anywhere, nothing is fetched and nothing is written beside the state.
const QUIET = {
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_WRITE_LOGS: 'false',
  WRANGLER_LOG: 'none',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  X_LOCAL_OBSERVABILITY: 'false',
  X_LOCAL_EXPLORER: 'false'
}

/** Applies the migrations, seeds and starts. Rejects where the port is taken or the Worker does not build, and then leaves nothing running. */
export async function startEdge({ port, state, variables, devVars, seed = [], registry, watch, onLog }: Options): Promise<LocalEdge> {
  if (port !== 0) await refuseTakenPort(port)
  // Where wrangler keeps its settings and its register of local Workers, else in the user's home.
  Object.assign(process.env, QUIET, { XDG_CONFIG_HOME: join(state, 'config') })
  const wrangler = await import('wrangler')
  await prepareDatabase(wrangler, state, seed)
  const bindings = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, { type: 'secret_text' as const, value }]))
  const worker = await wrangler.unstable_startWorker({
    config: join(ROOT, 'wrangler.toml'),
    // The same build as wrangler.toml's, from wherever this was started, and without npm, which leaves a folder in the user's home.
    build: { custom: { command: `"${process.execPath}" "${join(ROOT, 'scripts', 'ui.ts')}"`, workingDirectory: ROOT } },
    bindings,
    // A list that names no file there is keeps `.dev.vars` out.
    ...(devVars ? {} : { envFiles: [join(state, 'no.env')] }),
    dev: {
      server: { hostname: '127.0.0.1', port },
      inspector: false,
      remote: false,
      persist: state,
      ...(registry === undefined ? {} : { registry }),
      watch,
      logLevel: 'none',
      structuredLogsHandler: ({ message }: { message: string }) => onLog(message)
    }
  })
  try {
    await serving(worker.raw)
  } catch (error) {
    await worker.raw.teardown()
    throw error
  }
  for (const trouble of ['error', 'buildFailed']) worker.raw.on(trouble, (event: Trouble) => onLog(messageOf(event)))
  const url = await worker.url
  return { url: url.origin, stop: () => worker.dispose() }
}

/** wrangler waits for a port that is taken without a word. */
function refuseTakenPort(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', () => reject(new Error(`port ${port} is taken: set PORT to another`)))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()))
  })
}

/** What wrangler emits when something goes wrong. */
interface Trouble {
  readonly cause?: unknown
  readonly reason?: unknown
}

interface Emitter {
  once(event: string, listener: (event: Trouble) => void): unknown
}

/** Resolves with the first build that runs: being ready is not enough, a Worker that does not build would be ready for ever. */
function serving(events: Emitter): Promise<void> {
  return new Promise((resolve, reject) => {
    events.once('reloadComplete', () => resolve())
    for (const trouble of ['error', 'buildFailed'])
      events.once(trouble, (event) => reject(new Error(`the Worker does not start: ${messageOf(event)}`)))
  })
}

function messageOf({ cause, reason }: Trouble): string {
  const text = cause instanceof Error ? cause.message : String(cause ?? reason)
  return text.split('\n').join(' ')
}

interface Database {
  exec(sql: string): Promise<unknown>
  prepare(sql: string): { bind(...values: unknown[]): { run(): Promise<unknown> }; all(): Promise<{ results: { name: string }[] }> }
}

async function prepareDatabase(wrangler: typeof import('wrangler'), state: string, seed: readonly Statement[]): Promise<void> {
  const configPath = databaseAlone(state)
  // wrangler keeps local state in a folder `v3` below the one that it is told; its proxy takes that folder itself.
  const proxy = await wrangler.getPlatformProxy<{ DB: Database }>({
    configPath,
    persist: { path: join(state, 'v3') },
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
}

/** A configuration with the database and nothing else: the proxy complains of Durable Objects that it has no Worker for. */
function databaseAlone(state: string): string {
  mkdirSync(state, { recursive: true })
  const path = join(state, 'database.json')
  writeFileSync(
    path,
    JSON.stringify({ name: 'enact', compatibility_date: '2026-08-15', d1_databases: [{ binding: 'DB', database_name: 'enact' }] })
  )
  return path
}

/** The same bookkeeping as `wrangler d1 migrations apply`, without its second and a half. */
async function migrate(db: Database): Promise<void> {
  await db.exec(
    'CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)'
  )
  const applied = new Set((await db.prepare('SELECT name FROM d1_migrations').all()).results.map(({ name }) => name))
  const folder = join(ROOT, 'migrations')
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql') && !applied.has(name))
    .sort()
  for (const name of files) {
    for (const statement of readFileSync(join(folder, name), 'utf8').split('--> statement-breakpoint'))
      await db.prepare(statement).bind().run()
    await db.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name).run()
  }
}
