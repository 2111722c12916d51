// The adapters on the real frameworks, which this test alone installs: their suite, their types, and the examples as a user runs them.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const folder = join(root, 'tests/integrations/frameworks')
const copies = join(folder, '.examples')
const tool = (name: string) => join(root, 'node_modules', name)

function node(args: readonly string[], cwd = folder): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8', env: cleanEnv() })
  expect(status, `${stdout}\n${stderr}`).toBe(0)
  return stdout
}

beforeAll(() => {
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, stdio: 'pipe' })
  // TypeScript looks for packages beside the file that imports them.
  mkdirSync(copies, { recursive: true })
  cpSync(join(root, 'examples/frameworks'), copies, { recursive: true })
}, 600_000)

afterAll(() => rmSync(copies, { recursive: true, force: true }))

describe('the frameworks', () => {
  it('come from a lock that names no registry', () => {
    expect(readFileSync(join(folder, 'package-lock.json'), 'utf8')).not.toContain('"resolved"')
  })

  it('do with each adapter what its suite says', () => {
    node([tool('vitest/vitest.mjs'), 'run', '--root', '.'])
  })

  it('have types that take what the adapters give, in the suite and in the examples', () => {
    node([tool('typescript/bin/tsc'), '-p', 'tsconfig.json'])
  })

  it.each(['ai_sdk', 'openai_agents', 'langchain', 'mastra'])('run the example %s, which blocks one call and makes the other', (name) => {
    const said = node(['--import', join(folder, 'register.mjs'), join(root, `examples/frameworks/${name}.ts`)], root)
    expect(said).toContain('Enact blocked this: block_home_dir_destructive')
    expect(said).toContain('ran ls')
    expect(said).not.toContain('ran rm')
  })
})

/** With nothing of whoever runs this: no keys, no settings of an agent. */
function cleanEnv(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1' }
}
