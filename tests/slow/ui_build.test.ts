// The UI builds by itself: in a fresh clone, `wrangler deploy` and `npm run dev` serve it without anybody having built it.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const home = mkdtempSync(join(tmpdir(), 'enact-build-'))
const copy = join(home, 'enact')
const QUIET = {
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_WRITE_LOGS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  CI: '1'
}
const env = {
  ...process.env,
  ...QUIET,
  XDG_CONFIG_HOME: join(home, 'config'),
  PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`
}
const LEFT_OUT = new Set(['node_modules', '.git', '.wrangler', '.enact', 'tests', 'docs', 'bench'])

beforeAll(() => {
  cpSync(root, copy, {
    recursive: true,
    filter: (path) => !LEFT_OUT.has(path.slice(root.length + 1)) && path !== join(root, 'public', 'app')
  })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** name → digest and time of every file that was built. */
function built(): Map<string, string> {
  const folder = join(copy, 'public', 'app')
  return new Map(
    readdirSync(folder).map((name) => {
      const path = join(folder, name)
      return [name, `${createHash('sha256').update(readFileSync(path)).digest('hex')} ${statSync(path).mtimeMs}`]
    })
  )
}

describe('a fresh clone', () => {
  it('`wrangler deploy --dry-run`, offline, builds the UI first', () => {
    expect(existsSync(join(copy, 'public', 'app'))).toBe(false)
    const done = spawnSync('wrangler', ['deploy', '--dry-run', '--outdir', join(home, 'out')], { cwd: copy, env, encoding: 'utf8' })
    expect(done.status, done.stderr + done.stdout).toBe(0)
    for (const name of ['index.html', 'receipt.html', 'main.js', 'style.css']) expect([...built().keys()]).toContain(name)
    expect(readFileSync(join(copy, 'public', '_routes.json'), 'utf8')).toBe(readFileSync(join(root, 'public', '_routes.json'), 'utf8'))
  })

  it('a second build of the same sources touches nothing, and two at once leave whole files and nothing else', async () => {
    const before = built()
    const build = () =>
      new Promise((resolve) => spawn(process.execPath, ['scripts/ui.ts'], { cwd: copy, env, stdio: 'inherit' }).once('exit', resolve))
    expect(await build()).toBe(0)
    expect(built()).toEqual(before)
    rmSync(join(copy, 'public', 'app'), { recursive: true })
    expect(await Promise.all([build(), build()])).toEqual([0, 0])
    const digests = (files: Map<string, string>) => [...files].map(([name, text]) => `${name} ${text.split(' ')[0]}`)
    expect(digests(built())).toEqual(digests(before))
  })

  it('`npm run dev` builds it too, serves every page with its policy, and the API is the Worker’s', async () => {
    rmSync(join(copy, 'public', 'app'), { recursive: true })
    const probe = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => probe.once('listening', resolve))
    const { port } = probe.address() as AddressInfo
    await new Promise((resolve) => probe.close(resolve))
    const child = spawn(process.execPath, ['scripts/dev.ts'], {
      cwd: copy,
      env: { ...env, PORT: String(port), GITHUB_TOKEN: '', DATABASE_URL: '' },
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit']
    })
    try {
      let output = ''
      await new Promise<void>((resolve, reject) => {
        child.stdout.on('data', (chunk: Buffer) => {
          output += chunk.toString()
          if (output.includes('/docs')) resolve()
        })
        child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${output}`)))
      })
      expect(output).toContain(`http://127.0.0.1:${port}/app/`)
      for (const path of ['/', '/app/', '/app/receipt', '/app/approvals', '/app/sign-in', '/app/main.js', '/docs']) {
        const answer = await fetch(`http://127.0.0.1:${port}${path}`)
        expect([path, answer.status]).toEqual([path, 200])
        expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
        expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      }
      // What only tells a server something is no page.
      for (const path of ['/_routes.json', '/_headers', '/.assetsignore'])
        expect((await fetch(`http://127.0.0.1:${port}${path}`)).status).toBe(404)
      expect(await (await fetch(`http://127.0.0.1:${port}/healthz`)).json()).toMatchObject({ status: 'ok' })
      for (const path of ['/receipts', '/session', '/policies', '/exports', '/settings'])
        expect([path, (await fetch(`http://127.0.0.1:${port}${path}`)).status]).toEqual([path, 401])
    } finally {
      process.kill(-child.pid!, 'SIGKILL')
    }
  })
})
