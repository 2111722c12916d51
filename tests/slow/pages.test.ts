// The UI on Cloudflare Pages, as `wrangler pages dev` runs it: files with their policy, the API through the binding or by its address.
import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const KEY = 'an-admin-key-of-the-pages-test'
const QUIET = {
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_WRITE_LOGS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  X_LOCAL_OBSERVABILITY: 'false',
  X_LOCAL_EXPLORER: 'false',
  CI: '1'
}
const home = mkdtempSync(join(tmpdir(), 'enact-pages-'))
const started: ChildProcess[] = []
let workerPort = 0
let pages = ''
let pagesByAddress = ''

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Resolves when the output has `ready`. A group of its own: wrangler leaves workerd behind. */
function start(args: readonly string[], cwd: string, env: Record<string, string>, ready: string): Promise<void> {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...QUIET, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  started.push(child)
  let output = ''
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString()
        if (output.includes(ready)) resolve()
      })
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${output}`)))
  })
}

/** The Pages project in `folder`, with a state and a register of Workers as given. */
async function startPages(folder: string, registry: string): Promise<string> {
  const port = await freePort()
  const args = [join(root, 'node_modules/wrangler/bin/wrangler.js'), 'pages', 'dev', '--ip', '127.0.0.1', '--port', String(port)]
  const state = mkdtempSync(join(home, 'state-'))
  const env = { WRANGLER_REGISTRY_PATH: registry, XDG_CONFIG_HOME: join(state, 'config') }
  await start([...args, '--inspector-port', '0', '--persist-to', state], folder, env, 'Ready on')
  return `http://127.0.0.1:${port}`
}

/** The same project as the guide has it without a binding. */
function projectWithAddress(address: string): string {
  const folder = join(home, 'pages')
  cpSync(join(root, 'pages'), folder, { recursive: true })
  symlinkSync(join(root, 'public'), join(home, 'public'))
  const [kept = ''] = readFileSync(join(folder, 'wrangler.toml'), 'utf8').split('# The API, without')
  writeFileSync(join(folder, 'wrangler.toml'), `${kept}[vars]\nENACT_API_URL = "${address}"\n`)
  return folder
}

beforeAll(async () => {
  workerPort = await freePort()
  // The site whose API has an address is another origin than its Worker: the Worker must know it.
  const worker = {
    PORT: String(workerPort),
    ENACT_DEV_API_KEY: KEY,
    GITHUB_TOKEN: '',
    DATABASE_URL: '',
    ENACT_UI_ORIGINS: 'https://ui.example'
  }
  await start(['scripts/dev.ts'], root, worker, '/docs')
  pages = await startPages(join(root, 'pages'), join(root, '.wrangler', `state-${workerPort}`, 'registry'))
  pagesByAddress = await startPages(projectWithAddress(`http://127.0.0.1:${workerPort}`), join(home, 'nobody'))
})
afterAll(() => {
  for (const child of started) {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // It ended by itself.
    }
  }
  rmSync(home, { recursive: true, force: true })
  rmSync(join(root, '.wrangler', `state-${workerPort}`), { recursive: true, force: true })
})

describe.each([
  ['through the service binding', () => pages, () => new URL(pages).origin],
  ['by ENACT_API_URL', () => pagesByAddress, () => 'https://ui.example']
])('Pages %s', (_name, site, originOf) => {
  it('serves the UI’s files with their policy', async () => {
    for (const path of ['/app/', '/app/receipt', '/app/main.js', '/docs']) {
      const answer = await fetch(`${site()}${path}`)
      expect([path, answer.status]).toEqual([path, 200])
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
    }
  })

  it('is the Worker for the API', async () => {
    expect(await (await fetch(`${site()}/healthz`)).json()).toMatchObject({ status: 'ok' })
    const refused = await fetch(`${site()}/receipts`)
    expect([refused.status, refused.headers.get('content-type')]).toEqual([401, 'application/problem+json'])
    const setup = await fetch(`${site()}/setup`, { headers: { accept: 'text/html' }, redirect: 'manual' })
    expect([setup.status, setup.headers.get('location')]).toEqual([302, '/app/setup'])
  })

  it('signs in, reads receipts with the cookie, and refuses a write from another origin', async () => {
    const json = { 'content-type': 'application/json' }
    const signIn = (origin: string) =>
      fetch(`${site()}/session`, { method: 'POST', headers: { ...json, origin }, body: JSON.stringify({ key: KEY }) })
    expect((await signIn('https://attacker.example')).status).toBe(403)
    const signedIn = await signIn(originOf())
    expect([signedIn.status, await signedIn.clone().text()]).toEqual([201, expect.stringContaining('"team_id":"dev"')])
    const [cookie = ''] = signedIn.headers.getSetCookie()
    expect(cookie).toMatch(/^__Host-enact=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict/)
    const headers = { cookie: cookie.split(';', 1)[0]! }
    const body = JSON.stringify({
      workflow: 'agent_pr_workflow',
      user_email: 'agent@company.com',
      payload: { repo: 'myorg/app', branch: 'main' }
    })
    const run = (origin: string) => fetch(`${site()}/runs`, { method: 'POST', headers: { ...headers, ...json, origin }, body })
    expect((await run('https://attacker.example')).status).toBe(403)
    const { run_id } = (await (await run(originOf())).json()) as { run_id: string }
    const page = (await (await fetch(`${site()}/receipts?search=decision:block`, { headers })).json()) as { data: { run_id: string }[] }
    expect(page.data[0]!.run_id).toBe(run_id)
    expect((await fetch(`${site()}/receipts/${run_id}`, { headers })).status).toBe(200)
  })
})
