// workerd over a folder: started, killed as the kernel does it, started again over what it left on the disk.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'

const ROOT = join(import.meta.dirname, '..', '..', '..')

export interface Runtime {
  readonly url: URL
  /** SIGKILL: nothing is flushed, nobody says good-bye. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/** Bundles the Worker of the matrix into `folder`. */
export function bundleWorker(folder: string): void {
  buildSync({
    entryPoints: [join(import.meta.dirname, 'worker.ts')],
    outfile: join(folder, 'worker.js'),
    bundle: true,
    format: 'esm',
    conditions: ['workerd'],
    external: ['cloudflare:*', 'node:*'],
    logLevel: 'error'
  })
}

/** Starts workerd over `folder`, whatever is there already. */
export async function startRuntime(folder: string, variables: Record<string, string>): Promise<Runtime> {
  const before = new Set(workerds())
  const options = convertV4MiniflareOptions({
    compatibilityDate: '2026-08-15',
    compatibilityFlags: ['nodejs_compat'],
    modulesRoot: folder,
    modules: [{ type: 'ESModule', path: join(folder, 'worker.js') }],
    bindings: variables,
    d1Databases: ['DB'],
    durableObjects: {
      LEDGER: { className: 'LedgerObject', useSQLite: true },
      RUNS: { className: 'RunObject', useSQLite: true },
      LOCKS: { className: 'LocksObject', useSQLite: true },
      BUDGETS: { className: 'BudgetObject', useSQLite: true }
    }
  })
  const miniflare = new Miniflare({ ...options, resourcePersistencePath: join(folder, 'state') })
  const url = await miniflare.ready
  const started = workerds().filter((pid) => !before.has(pid))
  await migrate(miniflare)
  return {
    url,
    async kill() {
      for (const pid of started) process.kill(pid, 'SIGKILL')
      await miniflare.dispose().catch(() => undefined)
    },
    stop: () => miniflare.dispose()
  }
}

/** The workerd processes that this process started. */
function workerds(): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' }).trim().split('\n')
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, name]) => Number(parent) === process.pid && name!.includes('workerd'))
    .map(([pid]) => Number(pid))
}

async function migrate(miniflare: Miniflare): Promise<void> {
  const db = await miniflare.getD1Database('DB')
  if ((await db.prepare(`SELECT 1 FROM sqlite_master WHERE name = 'unfinished_runs'`).all()).results.length > 0) return
  const folder = join(ROOT, 'migrations')
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()) {
    for (const statement of readFileSync(join(folder, file), 'utf8').split('--> statement-breakpoint')) await db.prepare(statement).run()
  }
}
