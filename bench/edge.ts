// `POST /runs` through bare workerd, beside a Worker that only appends one row to an object.
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare, type MiniflareOptions, type V4MiniflareOptions } from 'miniflare'
import { startGitHub } from '../tests/fakes/github/index.ts'
import { median, type Figure } from './measure.ts'

const ROOT = join(import.meta.dirname, '..')
const KEY = `enact_live_bench_${randomBytes(32).toString('hex')}`
const ROUNDS = 7
const ROUND_MS = 1_500
const common = { compatibilityDate: '2026-08-15', compatibilityFlags: ['nodejs_compat'] }

/** Requests per second, BLOCK and PASS, at concurrency 1, 16 and 64, and BLOCK at 50,000 receipts. */
export async function edgeFigures(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'enact-bench-'))
  const github = await startGitHub()
  const bare = new Miniflare(bareOptions(folder))
  const enact = new Miniflare(enactOptions(folder, github.url))
  try {
    const floor = loader(await bare.ready, () => BLOCKED)
    const url = await enact.ready
    await migrate(enact)
    let branch = 0
    const block = loader(url, () => BLOCKED)
    const pass = loader(url, () => run('create_branch', { repo: 'myorg/app', branch: `agent/bench-${branch++}`, base: 'main' }))
    const figures: Figure[] = []
    for (const concurrency of [1, 16, 64])
      figures.push(await beside(`POST /runs BLOCK, ${concurrency} at a time`, '≥ 0.7', concurrency, block, floor))
    for (const concurrency of [1, 16, 64])
      figures.push(await beside(`POST /runs PASS, ${concurrency} at a time`, '', concurrency, pass, floor))
    const early = await block(16, ROUND_MS * 2)
    for (let done = 0; done < 50_000;) done += (await block(64, 5_000)) * 5
    const late = await block(16, ROUND_MS * 2)
    figures.push({
      name: 'a BLOCK at 50,000 receipts, beside the first',
      value: 1e9 / late,
      floor: 1e9 / early,
      ratio: early / late,
      unit: 'ns',
      aim: '≤ 1.2'
    })
    return figures
  } finally {
    await Promise.allSettled([bare.dispose(), enact.dispose(), github.close()])
    rmSync(folder, { recursive: true, force: true })
  }
}

type Load = (concurrency: number, forMs: number) => Promise<number>

async function beside(name: string, aim: string, concurrency: number, load: Load, floor: Load): Promise<Figure> {
  await floor(concurrency, ROUND_MS / 3)
  await load(concurrency, ROUND_MS / 3)
  const pairs: [number, number][] = []
  for (let round = 0; round < ROUNDS; round++) pairs.push([await load(concurrency, ROUND_MS), await floor(concurrency, ROUND_MS)])
  return {
    name,
    value: median(pairs.map(([a]) => a)),
    floor: median(pairs.map(([, b]) => b)),
    ratio: median(pairs.map(([a, b]) => a / b)),
    unit: '/s',
    aim
  }
}

function run(workflow: string, payload: object): string {
  return JSON.stringify({ workflow, user_email: 'agent@company.com', payload })
}

const BLOCKED = run('agent_pr_workflow', {
  repo: 'myorg/app',
  branch: 'main',
  files: [{ path: 'a.txt', content: 'a' }],
  commit_message: 'Write a file about the letter a'
})

/** Sends bodies as fast as answers come; resolves to answers per second. Any answer but 200 ends the bench. */
function loader(url: URL, body: () => string): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const once = () =>
    new Promise<void>((resolve, reject) => {
      const text = body()
      const sent = request(
        new URL('/runs', url),
        {
          method: 'POST',
          agent,
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), authorization: `Bearer ${KEY}` }
        },
        (answer) => {
          let said = ''
          answer
            .setEncoding('utf8')
            .on('data', (chunk: string) => (said += chunk))
            .on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(`${answer.statusCode}: ${said.slice(0, 500)}`))))
        }
      )
      sent.on('error', reject).end(text)
    })
  return async (concurrency, forMs) => {
    const started = performance.now()
    let count = 0
    const worker = async () => {
      while (performance.now() - started < forMs) {
        await once()
        count++
      }
    }
    await Promise.all(Array.from({ length: concurrency }, worker))
    return count / ((performance.now() - started) / 1000)
  }
}

function bareOptions(folder: string): MiniflareOptions {
  const outfile = join(folder, 'bare.js')
  buildSync({
    entryPoints: [join(ROOT, 'bench/bare_worker.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    external: ['cloudflare:workers'],
    logLevel: 'error'
  })
  return onDisk(join(folder, 'bare-state'), {
    ...common,
    modulesRoot: folder,
    modules: [{ type: 'ESModule', path: outfile }],
    durableObjects: { ROWS: { className: 'Rows', useSQLite: true } }
  })
}

/** The Worker as `wrangler deploy` would upload it. */
function enactOptions(folder: string, githubUrl: string): MiniflareOptions {
  const out = join(folder, 'enact')
  execFileSync(
    process.execPath,
    [join(ROOT, 'node_modules/wrangler/bin/wrangler.js'), 'deploy', '--dry-run', '--minify', '--outdir', out],
    { cwd: ROOT, stdio: 'pipe', env: { ...process.env, CI: '1', WRANGLER_SEND_METRICS: 'false' } }
  )
  const wasm = readdirSync(out).filter((name) => name.endsWith('.wasm'))
  return onDisk(join(folder, 'state'), {
    ...common,
    modulesRoot: out,
    modules: [
      { type: 'ESModule' as const, path: join(out, 'worker.js') },
      ...wasm.map((name) => ({ type: 'CompiledWasm' as const, path: join(out, name) }))
    ],
    bindings: {
      ENACT_SECRET: randomBytes(32).toString('base64'),
      ENACT_RATE_SCALE: '1000',
      GITHUB_TOKEN: 'bench-token',
      GITHUB_API_URL: githubUrl
    },
    d1Databases: ['DB'],
    queueProducers: { WEBHOOKS: 'enact-webhooks' },
    queueConsumers: ['enact-webhooks'],
    durableObjects: {
      LEDGER: { className: 'LedgerObject', useSQLite: true },
      RUNS: { className: 'RunObject', useSQLite: true },
      LOCKS: { className: 'LocksObject', useSQLite: true },
      APPROVALS: { className: 'ApprovalObject', useSQLite: true }
    }
  })
}

/** Both with real files: an append that is not on a disk costs nothing and proves nothing. */
function onDisk(folder: string, options: V4MiniflareOptions): MiniflareOptions {
  return { ...convertV4MiniflareOptions(options), resourcePersistencePath: folder }
}

async function migrate(miniflare: Miniflare): Promise<void> {
  const db = await miniflare.getD1Database('DB')
  const folder = join(ROOT, 'migrations')
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()) {
    for (const statement of readFileSync(join(folder, file), 'utf8').split('--> statement-breakpoint')) await db.prepare(statement).run()
  }
  const now = new Date().toISOString()
  await db.prepare(`INSERT INTO teams (team_id, name, created_by, created_at) VALUES ('bench', 'bench', 'bench', ?)`).bind(now).run()
  await db
    .prepare(
      `INSERT INTO api_keys (id, team_id, hash, scopes, label, attributes, created_at) VALUES ('bench', 'bench', ?, '["run"]', 'bench', '{}', ?)`
    )
    .bind(createHash('sha256').update(KEY).digest('hex'), now)
    .run()
}
