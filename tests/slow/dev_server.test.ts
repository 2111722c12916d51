// `npm run dev` as its users have it: a process, a port, two teams, and nothing left behind.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const KEY = 'my own admin key'.replaceAll(' ', '-')
const RUN = { workflow: 'agent_pr_workflow', user_email: 'agent@company.com', payload: { repo: 'myorg/app', branch: 'main' } }
const started: ChildProcess[] = []
const states = new Set<string>()

interface Server {
  readonly url: string
  readonly other: string
  readonly output: () => string
  readonly process: ChildProcess
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Resolves when the banner is there. */
function start(port: number, more: Record<string, string> = {}): Promise<Server> {
  states.add(join(root, '.wrangler', `state-${port}`))
  const env = {
    ...process.env,
    PORT: String(port),
    ENACT_DEV_API_KEY: KEY,
    ENACT_RATE_SCALE: '100',
    GITHUB_TOKEN: '',
    DATABASE_URL: '',
    ...more
  }
  // A group of its own, so that the test can ask whether anything of it lives on.
  const child = spawn(process.execPath, ['scripts/dev.ts'], { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(child)
  let output = ''
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      const other = /team other +(\S+)/.exec(output)?.[1]
      if (other !== undefined && output.includes('/docs'))
        resolve({ url: `http://127.0.0.1:${port}`, other, output: () => output, process: child })
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${output}`)))
  })
}

function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  child.kill(signal)
  return ended
}

function groupLives(child: ChildProcess): boolean {
  try {
    return process.kill(-child.pid!, 0)
  } catch {
    return false
  }
}

const post = (url: string, key: string, body: unknown) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(body)
  })
const get = (url: string, key: string, headers: Record<string, string> = {}) =>
  fetch(url, { headers: { 'x-enact-api-key': key, ...headers } })

afterEach(() => {
  for (const child of started.splice(0)) if (groupLives(child)) process.kill(-child.pid!, 'SIGKILL')
})
afterAll(() => {
  for (const state of states) rmSync(state, { recursive: true, force: true })
})

describe('npm run dev', () => {
  it('serves two teams that do not see each other, keeps their receipts, and ends without leaving a process', async () => {
    const port = await freePort()
    const first = await start(port)
    expect(first.output()).toContain(KEY)
    const health = await fetch(`${first.url}/healthz`)
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok', version: expect.any(String) }])
    const { run_id, decision, receipt } = (await (await post(`${first.url}/runs`, KEY, RUN)).json()) as {
      run_id: string
      decision: string
      receipt: object
    }
    expect(decision).toBe('BLOCK')
    expect((await get(`${first.url}/receipts/${run_id}`, first.other)).status).toBe(404)
    expect(await stop(first.process, 'SIGINT')).toBe(0)
    // The bundler notices the closed pipe a moment later.
    await expect.poll(() => groupLives(first.process), { timeout: 5_000 }).toBe(false)
    const second = await start(port)
    expect(second.other).toBe(first.other)
    expect(await (await get(`${second.url}/receipts/${run_id}`, KEY)).json()).toEqual(receipt)
    expect(await stop(second.process, 'SIGTERM')).toBe(0)
    // The bundler notices the closed pipe a moment later.
    await expect.poll(() => groupLives(second.process), { timeout: 5_000 }).toBe(false)
  })

  it('gives 400 runs at once one gapless chain, their appends travelling together', async () => {
    const { url, process: child } = await start(await freePort())
    const answers = await Promise.all(
      Array.from(
        { length: 400 },
        async () => (await post(`${url}/runs`, KEY, RUN)).json() as Promise<{ receipt: { ledger: { seq: number } } }>
      )
    )
    const seqs = answers.map(({ receipt }) => receipt.ledger.seq).toSorted((a, b) => a - b)
    expect(seqs).toEqual(seqs.map((_, i) => i))
    const page = (await (await get(`${url}/receipts?limit=200`, KEY)).json()) as { data: unknown[]; has_more: boolean }
    expect([page.data.length, page.has_more]).toEqual([200, true])
    await stop(child, 'SIGINT')
  })

  it('shows the reference under a strict policy, and is nothing to a host that is not this machine', async () => {
    const { url, process: child } = await start(await freePort())
    const docs = await fetch(`${url}/docs`)
    expect([docs.status, docs.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(docs.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(((await (await fetch(`${url}/openapi.json`)).json()) as { openapi: string }).openapi).toBe('3.1.0')
    const { status, body } = await foreign(url, '/receipts')
    expect([status, (JSON.parse(body) as { code: string }).code]).toEqual([503, 'misconfigured'])
    await stop(child, 'SIGINT')
  })

  it('says which port is taken, and ends', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    await expect(start(port)).rejects.toThrow(`it ended with 1: the dev server did not start: port ${port} is taken`)
    server.close()
  })

  it('with a bad secret refuses every request, with a page and a log line that say what to do', async () => {
    const { url, output, process: child } = await start(await freePort(), { ENACT_SECRET: 'short' })
    const page = await fetch(`${url}/runs/x`, { headers: { accept: 'text/html' } })
    expect(page.status).toBe(503)
    expect(await page.text()).toContain('openssl rand')
    expect((await fetch(`${url}/healthz`)).status).toBe(503)
    expect((await post(`${url}/runs`, KEY, RUN)).status).toBe(503)
    expect(output()).toContain('ENACT_SECRET has 5 characters')
    await stop(child, 'SIGINT')
  })
})

describe('npm run deploy', () => {
  it('refuses while ENACT_DEV is set, before it talks to anybody', () => {
    const done = spawnSync(process.execPath, ['scripts/deploy.ts'], {
      cwd: root,
      env: { ...process.env, ENACT_DEV: '1' },
      encoding: 'utf8'
    })
    expect([done.status, done.stdout]).toEqual([2, ''])
    expect(done.stderr).toContain('ENACT_DEV')
  })
})

/** A request that names another host: fetch would not let a test write that header. */
async function foreign(url: string, path: string): Promise<{ status: number; body: string }> {
  const { request } = await import('node:http')
  return new Promise((resolve, reject) => {
    const call = request(`${url}${path}`, { headers: { host: 'enact.example', 'x-enact-api-key': KEY } }, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    call.on('error', reject)
    call.end()
  })
}
