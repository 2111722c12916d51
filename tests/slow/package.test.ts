// The package as its users get it: packed, installed into an empty folder, imported in Node (this one and the system's) and in a Worker.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const { exports: subpaths } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, string> }
const specifiers = Object.keys(subpaths).map((path) => path.replace('.', 'enact'))
const folder = mkdtempSync(join(tmpdir(), 'enact-package-'))
const npm = (args: string[], cwd: string) =>
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe']
  })

/** What each subpath must have; a subpath that is not here is only imported. */
const HAS: Readonly<Record<string, string>> = {
  enact: 'EnactClient',
  'enact/client': 'EnactEdge',
  'enact/connectors': 'github',
  'enact/workflows': 'agentPrWorkflow',
  'enact/policies': 'dontPushToMain',
  'enact/alerts': 'BUILT_IN_ALERTS',
  'enact/engine': 'verifyReceipt',
  'enact/guard': 'guard',
  'enact/ai-sdk': 'enactGate',
  'enact/openai-agents': 'enactTools',
  'enact/langchain': 'enactMiddleware',
  'enact/claude-agent-sdk': 'enactGate',
  'enact/mastra': 'enactHooks',
  'enact/cloudflare-agents': 'enactHarness'
}

beforeAll(() => {
  npm(['pack', '--pack-destination', folder], root)
  writeFileSync(join(folder, 'package.json'), '{ "name": "somebody", "private": true, "type": "module" }')
  npm(['install', './enact-0.1.0.tgz'], folder)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the package', () => {
  it('leaves the repository as it was', () => {
    expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).toMatchObject({ private: true, exports: subpaths })
  })

  it('brings JavaScript, types, the pages and nothing that only the repository needs', () => {
    const manifest = JSON.parse(readFileSync(join(folder, 'node_modules/enact/package.json'), 'utf8')) as Record<string, unknown>
    for (const name of ['private', 'scripts', 'devDependencies', 'optionalDependencies', 'overrides'])
      expect(manifest).not.toHaveProperty(name)
    for (const target of Object.values(manifest.exports as Record<string, { types: string; default: string }>))
      for (const file of [target.types, target.default]) expect(readFileSync(join(folder, 'node_modules/enact', file), 'utf8')).not.toBe('')
    expect(Object.keys(manifest.dependencies as object)).not.toContain('wrangler')
    expect(readFileSync(join(folder, 'node_modules/enact/public/app/index.html'), 'utf8')).toContain('/app/main.js')
  })

  it.each(['node', process.execPath])('is imported, subpath by subpath, by %s', (node) => {
    const script = `for (const name of ${JSON.stringify(specifiers)}) console.log(JSON.stringify([name, Object.keys(await import(name))]))`
    const lines = execFileSync(node, ['--input-type=module', '-e', script], { cwd: folder, encoding: 'utf8', env: cleanEnv() })
      .trim()
      .split('\n')
    const found = new Map(lines.map((line) => JSON.parse(line) as [string, string[]]))
    expect([...found.keys()]).toEqual(specifiers)
    for (const [name, value] of Object.entries(HAS)) expect(found.get(name)).toContain(value)
  })

  it('has types with which a strict program compiles', () => {
    writeFileSync(
      join(folder, 'program.ts'),
      `import { EnactClient, type Receipt } from 'enact'
import { EnactEdge } from 'enact/client'
import { github } from 'enact/connectors'
import { dontPushToMain } from 'enact/policies'
import { agentPrWorkflow } from 'enact/workflows'
const enact = new EnactClient({ systems: { github: github({ token: 't' }) }, policies: [dontPushToMain()], workflows: [agentPrWorkflow], secret: 's' })
export const run = async (): Promise<Receipt> => (await enact.run({ workflow: 'agent_pr_workflow', user_email: 'a@b.co', payload: {} })).receipt
export const edge = new EnactEdge({ url: 'https://enact.example', apiKey: 'k' })
// @ts-expect-error a parameter that the policy does not have
dontPushToMain({ nonsense: 1 })
`
    )
    const flags = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023', '--skipLibCheck', 'program.ts']
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...flags], { cwd: folder, encoding: 'utf8' })
  })

  it('runs an embedded program', () => {
    const script = `import { EnactClient } from 'enact'
import { github } from 'enact/connectors'
import { dontPushToMain } from 'enact/policies'
import { agentPrWorkflow } from 'enact/workflows'
const enact = new EnactClient({ systems: { github: github({ token: 't' }) }, policies: [dontPushToMain()], workflows: [agentPrWorkflow], secret: process.env.SECRET })
const { receipt } = await enact.run({ workflow: 'agent_pr_workflow', user_email: 'a@b.co', payload: { repo: 'o/r', branch: 'main' } })
console.log(receipt.decision, (await enact.verify(receipt)).valid)`
    const said = execFileSync('node', ['--input-type=module', '-e', script], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...cleanEnv(), SECRET: randomBytes(32).toString('base64') }
    })
    expect(said.trim()).toBe('BLOCK true')
  })

  it('has the command', () => {
    const said = execFileSync('node', ['node_modules/.bin/enact', 'policy', 'list', '--json'], {
      cwd: folder,
      encoding: 'utf8',
      env: cleanEnv()
    })
    expect((JSON.parse(said) as { policy: string }[]).length).toBeGreaterThan(20)
  })

  it('is imported, subpath by subpath, in a Worker', async () => {
    const source = `${specifiers.map((name, i) => `import * as m${i} from '${name}'`).join('\n')}
export default { fetch: () => Response.json({ ${specifiers.map((name, i) => `'${name}': Object.keys(m${i})`).join(', ')} }) }`
    writeFileSync(join(folder, 'worker.js'), source)
    writeFileSync(
      join(folder, 'wrangler.toml'),
      'name = "somebody"\nmain = "worker.js"\ncompatibility_date = "2026-08-15"\ncompatibility_flags = ["nodejs_compat"]\n'
    )
    const quiet = {
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_HIDE_BANNER: 'true',
      WRANGLER_WRITE_LOGS: 'false',
      CI: '1',
      XDG_CONFIG_HOME: folder
    }
    execFileSync(process.execPath, [join(root, 'node_modules/wrangler/bin/wrangler.js'), 'deploy', '--dry-run', '--outdir', 'out'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, ...quiet }
    })
    const worker = new Miniflare(
      convertV4MiniflareOptions({
        modules: [{ type: 'ESModule', path: 'worker.js', contents: readFileSync(join(folder, 'out/worker.js'), 'utf8') }],
        compatibilityDate: '2026-08-15',
        compatibilityFlags: ['nodejs_compat']
      })
    )
    try {
      const found = (await (await worker.dispatchFetch('http://localhost/')).json()) as Record<string, string[]>
      expect(Object.keys(found)).toEqual(specifiers)
      for (const [name, value] of Object.entries(HAS)) expect(found[name]).toContain(value)
    } finally {
      await worker.dispose()
    }
  })
})

/** As an outsider's shell has it: without npm's own variables, which name this repository. */
function cleanEnv(): NodeJS.ProcessEnv {
  const path = (process.env.PATH ?? '')
    .split(':')
    .filter((part) => !part.includes('node_modules'))
    .join(':')
  return { PATH: path, HOME: process.env.HOME }
}
