// How long an agent waits for `enact hook`, from the start of the process to its end: `npx node bench/hook_start.ts`. The medians are what docs/guide/hooks.md says.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { HOOK_AGENTS } from '../src/integrations/hooks/index.ts'

const ROUNDS = 15
const ROOT = fileURLToPath(new URL('../', import.meta.url))
const EVENT = JSON.stringify(HOOK_AGENTS.codex!.canary('git status', 'bench'))
const PASS = JSON.stringify({ run_id: '0198c0de-0000-7000-8000-00000000000a', decision: 'PASS', policy_results: [] })

/** Milliseconds of one process, which must let the call through. */
async function once(args: readonly string[], env: Record<string, string>): Promise<number> {
  const began = performance.now()
  const child = spawn(process.execPath, args, { env: { PATH: process.env.PATH, ...env }, stdio: ['pipe', 'ignore', 'inherit'] })
  child.stdin.end(EVENT)
  const code = await new Promise((resolve) => child.on('exit', resolve))
  if (code !== 0) throw new Error(`exit code ${String(code)}`)
  return performance.now() - began
}

async function measure(name: string, args: readonly string[], env: Record<string, string>): Promise<void> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) times.push(await once(args, env))
  times.sort((a, b) => a - b)
  console.log(`${name.padEnd(34)} p50 ${times[ROUNDS >> 1]!.toFixed(0)} ms, min ${times[0]!.toFixed(0)}, max ${times.at(-1)!.toFixed(0)}`)
}

// Beside the sources, so that the packages are found.
const folder = await mkdtemp(join(ROOT, '.enact', 'hook-start-'))
const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(PASS))
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
try {
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/cli/start.ts'],
    outdir: folder,
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error'
  })
  await writeFile(join(folder, 'command.js'), "import { start } from './start.js'\nawait start()\n")
  const env = {
    ENACT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ENACT_API_KEY: 'k',
    ENACT_HOME: join(folder, 'home')
  }
  await measure('node alone', ['-e', '0'], env)
  for (const [how, entry] of [
    ['packed', join(folder, 'command.js')],
    ['sources', join(ROOT, 'src/cli/enact.mjs')]
  ] as const) {
    await measure(`${how}, over HTTP`, [entry, 'hook', 'codex'], env)
    await measure(`${how}, --local`, [entry, 'hook', 'codex', '--local'], env)
  }
} finally {
  server.close()
  await rm(folder, { recursive: true, force: true })
}
