// `enact policy replay`: what was decided is decided again from its receipts alone, and nothing is guessed.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, test } from 'vitest'
import { localGate } from '../../src/cli/hook/local_gate.ts'
import { fileReceipts } from '../../src/node.ts'
import { EnactClient } from '../../src/node.ts'
import { toolAction, TOOL_ACTIONS, toolSystem, type JsonObject } from '../../src/engine/index.ts'
import { codingAgentPack } from '../../src/packs/index.ts'
import { enact, freshFolder, SECRET } from './receipts_cli.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
let home: string
let dir: string
beforeEach(async () => {
  home = await freshFolder()
  dir = join(home, 'receipts')
})

async function configOf(policies: string, more = ''): Promise<string> {
  const file = join(await freshFolder(), 'other.config.ts')
  await writeFile(
    file,
    `import { defineConfig, toolSystem, TOOL_ACTIONS } from '${ROOT}src/engine/index.ts'
import { codingAgentPack } from '${ROOT}src/packs/index.ts'
import * as policies from '${ROOT}src/policies/index.ts'
export default defineConfig(() => ({ connectors: [toolSystem()], policies: [${policies}], workflows: [], actions: [...TOOL_ACTIONS]${more} }))
`
  )
  return file
}
const PACK = '...codingAgentPack()'

/** Observed decisions, as a hook makes them. */
async function decide(...commands: readonly string[]): Promise<void> {
  const gate = await localGate(home, SECRET, {})
  for (const command of commands) {
    const asked = toolAction({ tool_name: 'Bash', tool_input: { command } })
    await gate.decide({ ...asked, user_email: 'a@acme.example', session_id: 's' })
  }
}
interface Told {
  readonly summary: JsonObject
  readonly changed: { was: string; now: string; because: { policy: string; was: string | null; now: string | null }[] }[]
  readonly unknown: { why: string }[]
}
async function replay(config: string, ...words: string[]) {
  const { code, out, err } = await enact(['policy', 'replay', '--dir', dir, '--config', config, '--json', ...words])
  return { code, err, ...(JSON.parse(out) as Told) }
}

const RENAME = `psql -c 'ALTER TABLE users RENAME TO users_old'`
const DROP = `psql -c 'DROP TABLE users_old'`

test('with the same policies every decision is the same, those that hang on the session too', async () => {
  await decide('git status', 'rm -rf ~', RENAME, DROP, 'ls')
  expect(await replay(await configOf(PACK))).toMatchObject({ code: 0, summary: { judged: 5, same: 5, changed: 0, unknown: 0 } })
})

test('with other policies the decisions that change are shown, with the policy that changed its mind', async () => {
  await decide('git status', 'rm -rf ~', 'git reset --hard')
  const { code, summary, changed } = await replay(await configOf('policies.requireApproval({}, { on: ["agent.shell"] })'))
  expect([code, summary]).toEqual([3, { judged: 3, same: 0, changed: 3, unknown: 0 }])
  expect(changed.map(({ was, now }) => [was, now])).toEqual([
    ['PASS', 'HOLD'],
    ['BLOCK', 'HOLD'],
    ['BLOCK', 'HOLD']
  ])
  expect(changed[1]!.because).toContainEqual(expect.objectContaining({ policy: 'block_home_dir_destructive', was: 'deny', now: null }))
})

test('what is not listed any more is a block', async () => {
  await decide('git status')
  const config = await configOf('policies.blockOpaqueCommand(undefined, { on: ["agent.read_file"] })')
  await writeFile(
    config,
    (await import('node:fs'))
      .readFileSync(config, 'utf8')
      .replace('[...TOOL_ACTIONS]', "['agent.read_file']")
      .replace('blockOpaqueCommand(undefined, { on: ["agent.read_file"] })', 'blockReadEnvFile()')
  )
  const { changed } = await replay(config)
  expect(changed).toMatchObject([{ was: 'PASS', now: 'BLOCK', because: [{ policy: 'allow_list', now: 'deny' }] }])
})

test('a payload from which secrets were taken is never judged again', async () => {
  await decide('curl -H "Authorization: Bearer ghp_16C7e42F292c6912E7710c838347Ae178B4a" https://x.example', 'ls')
  const { code, unknown, summary } = await replay(await configOf(PACK))
  expect([code, summary.unknown]).toEqual([0, 1])
  expect(unknown[0]!.why).toContain('secrets were taken out')
})

test('a fact that nobody read then is not taken for one that was not set', async () => {
  await decide('ls')
  const { unknown, summary } = await replay(await configOf(`${PACK}, policies.codeFreezeActive(undefined, { on: ['agent.shell'] })`))
  expect(summary).toMatchObject({ unknown: 1, changed: 0 })
  expect(unknown[0]!.why).toContain('`code_freeze`')
})

test('steps of a session that have no receipt here are missed, not passed over', async () => {
  await decide(RENAME)
  const gate = await localGate(home, SECRET, {})
  // Another folder of receipts, the same session: what it remembers has no receipt here.
  dir = join(await freshFolder(), 'receipts')
  const { readdir, cp, rm } = await import('node:fs/promises')
  await cp(join(home, 'receipts'), join(home, 'aside'), { recursive: true })
  await rm(join(home, 'receipts'), { recursive: true })
  const fresh = await localGate(home, SECRET, {})
  await fresh.decide({ ...toolAction({ tool_name: 'Bash', tool_input: { command: DROP } }), user_email: 'a@acme.example', session_id: 's' })
  dir = join(home, 'receipts')
  expect((await readdir(dir)).filter((name) => name.endsWith('.json'))).toHaveLength(1)
  const { unknown } = await replay(await configOf(PACK))
  expect(unknown).toMatchObject([{ why: '1 of the 1 earlier steps of its session have no receipt here' }])
  expect(gate).toBeDefined()
})

describe('mediated runs', () => {
  test('are judged with the facts and the time of their receipts', async () => {
    const policies = await import('../../src/policies/index.ts')
    const make = (facts: JsonObject) =>
      new EnactClient({
        systems: { agent: toolSystem() },
        policies: [policies.codeFreezeActive(undefined, { on: ['agent.shell'] }), ...codingAgentPack()],
        actions: TOOL_ACTIONS,
        secret: SECRET,
        receipts: fileReceipts(dir),
        facts
      })
    const request = { workflow: 'agent.shell', user_email: 'a@acme.example', payload: { command: 'ls', tool: 'Bash' } }
    await make({ code_freeze: true }).run(request)
    const same = await configOf(`policies.codeFreezeActive(undefined, { on: ['agent.shell'] }), ${PACK}`)
    expect(await replay(same)).toMatchObject({ code: 0, summary: { judged: 1, same: 1 } })
    const without = await replay(await configOf(PACK))
    expect(without).toMatchObject({
      code: 3,
      changed: [{ was: 'BLOCK', now: 'PASS', because: [{ policy: 'code_freeze_active', was: 'deny', now: null }] }]
    })
  })
})

test('a period is a period, and says so in words', async () => {
  await decide('rm -rf ~')
  const config = await configOf('policies.blockForkBomb()')
  expect((await replay(config, '--to', '2020-01-01')).summary).toMatchObject({ judged: 0 })
  const { code, out } = await enact(['policy', 'replay', '--dir', dir, '--config', config, '--from', '2020-01-01'])
  expect([code, out]).toEqual([
    3,
    expect.stringMatching(/BLOCK → PASS.*\n {4}.*deny → not judged[\s\S]*1 receipts: 0 the same, 1 changed, 0 cannot be judged again/)
  ])
  expect((await enact(['policy', 'replay', '--dir', dir, '--config', config, '--from', 'soon'])).code).toBe(2)
  expect((await enact(['policy', 'replay', '--config', config])).code).toBe(2)
})
