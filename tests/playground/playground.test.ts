// The playground's engine, as in the page but for the host: every example is judged as it is labelled, and nothing typed breaks it.
import { describe, expect, it } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import { nodeParsers } from '../../src/adapters/parsers/node.ts'
import { nativeTimer } from '../../src/adapters/timer/native.ts'
import { Fault, receiptDigest } from '../../src/engine/index.ts'
import { cardsOf } from '../../src/playground/cards.ts'
import { throwAwayKeyring } from '../../src/playground/keyring.ts'
import { makeWorld } from '../../src/playground/world.ts'
import type { Ask } from '../../src/ui/playground/protocol.ts'
import { SCENES, sceneOf } from '../../src/ui/playground/scenes.ts'

const judge = makeWorld({
  hash: nodeHash,
  keyring: await throwAwayKeyring(nodeHash),
  ids: uuidIds,
  timer: nativeTimer,
  parsers: nodeParsers(),
  now: () => Date.parse('2026-11-28T12:00:00Z')
})

type Question = Omit<Ask, 'kind' | 'id'>

/** A scene as it first stands on the page. */
function asked(scene: string, values: Record<string, string>, more: Partial<Question> = {}): Question {
  const cards = new Map(cardsOf().map((card) => [card.id, card]))
  const policies = sceneOf(scene)
    .policies.filter(({ on }) => on)
    .map(({ id, params = {} }) => ({
      id,
      params: { ...Object.fromEntries(cards.get(id)!.params.map(({ name, initial }) => [name, initial])), ...params }
    }))
  return { scene, values, policies, frozen: false, role: '', clearance: '', ...more }
}

const denied = async (question: Question) => {
  const { results } = await judge(question)
  return results.filter(({ effect }) => effect === 'deny').map(({ policy }) => policy)
}

describe('an example', () => {
  const verdicts: Record<string, readonly string[]> = {
    'sql/no WHERE': ['dont_delete_without_where'],
    'sql/with WHERE': [],
    'sql/always true': ['dont_delete_without_where'],
    'sql/hidden in a CTE': ['dont_delete_without_where'],
    'sql/DROP TABLE': ['block_ddl'],
    'sql/only a string': [],
    'sql/a protected table': ['protect_tables'],
    'git/an agent’s branch': [],
    'git/main, by its full name': ['dont_push_to_main', 'require_branch_prefix'],
    'git/says nothing': ['require_meaningful_commit_message'],
    'git/a key in the diff': ['dont_commit_api_keys'],
    'shell/forced': ['dont_force_push'],
    'shell/not forced': [],
    'shell/forced by a plus': ['dont_force_push'],
    'shell/only a word in a search': [],
    'shell/not to be known': ['dont_force_push'],
    'shell/during a freeze': [],
    'shell/a home folder': ['block_home_dir_destructive'],
    'shell/build output': [],
    'shell/infrastructure': ['block_terraform_destroy'],
    'shell/a download': ['block_curl_pipe_shell'],
    'file/inside': [],
    'file/up and out': ['restrict_paths'],
    'file/a home folder': ['restrict_paths', 'dont_access_home_dir'],
    'file/a pipeline': ['dont_touch_ci_cd'],
    'file/variables': ['dont_read_env'],
    'slack/listed': [],
    'slack/not listed': ['require_channel_allowlist'],
    'slack/a person': ['require_channel_allowlist', 'block_dms'],
    'json/a contractor writes an address': [],
    'json/a value of the wrong type': ['dont_push_to_main']
  }
  const examples = SCENES.flatMap((scene) => scene.examples.map((example) => [`${scene.id}/${example.label}`, scene, example] as const))
  it.each(examples.filter(([name]) => name !== 'json/a key twice'))('%s is judged as it should be', async (name, scene, { values }) => {
    expect(await denied(asked(scene.id, values))).toEqual(verdicts[name])
  })

  it('with a key twice is refused before it is judged, as at the door of an installation', async () => {
    const example = sceneOf('json').examples.find(({ label }) => label === 'a key twice')!
    await expect(judge(asked('json', example.values))).rejects.toThrow(Fault)
  })
})

describe('the incidents of the landing page', () => {
  it('are blocked by what the page says', async () => {
    expect(await denied(asked('shell', { command: 'npm run db:push' }, { frozen: true }))).toEqual(['code_freeze_active'])
    expect(await denied(asked('sql', { sql: 'DROP TABLE poc_staging' }))).toEqual(['block_ddl'])
    expect(await denied(asked('shell', { command: 'git push --force' }))).toEqual(['dont_force_push'])
  })
})

describe('a verdict', () => {
  it('carries a receipt whose digest and signatures hold, and says that nothing was done', async () => {
    const { decision, receipt, digest, proof } = await judge(asked('sql', { sql: 'DELETE FROM customers' }))
    const parsed = JSON.parse(receipt!)
    expect([decision, parsed.decision, parsed.run_mode, parsed.outcome]).toEqual(['BLOCK', 'BLOCK', 'dry_run', 'NONE'])
    expect(receiptDigest(parsed, nodeHash)).toBe(digest)
    expect(proof).toContain('both valid')
  })

  it('of what waits for a person has no receipt yet', async () => {
    const question = asked('sql', { sql: 'DELETE FROM customers WHERE id = 1' })
    const { decision, receipt } = await judge({ ...question, policies: [...question.policies, { id: 'require_approval', params: {} }] })
    expect([decision, receipt]).toEqual(['HOLD', null])
  })

  it('changes with a parameter, a fact, and who asks', async () => {
    const branch = { branch: 'bot/x', commit_message: 'Handle empty carts in checkout' }
    expect(await denied(asked('git', branch))).toEqual(['require_branch_prefix'])
    expect(await denied({ ...asked('git', branch), policies: [{ id: 'require_branch_prefix', params: { prefix: 'bot/' } }] })).toEqual([])
    expect(await denied(asked('sql', { sql: 'SELECT 1' }, { frozen: true }))).toEqual(['code_freeze_active'])
    const { values } = sceneOf('json').examples[0]!
    expect(await denied(asked('json', values, { role: 'contractor' }))).toEqual(['contractor_cannot_write_pii'])
  })

  it('shows the configuration that gives it', async () => {
    const { config } = await judge(asked('git', { branch: 'agent/x', commit_message: 'Handle empty carts in checkout' }))
    expect(config).toContain("requireBranchPrefix({ prefix: 'agent/' }, { on: ['push_commit'] })")
  })

  it('shows no secret that was typed', async () => {
    const { values } = sceneOf('git').examples.find(({ label }) => label === 'a key in the diff')!
    expect(JSON.stringify(await judge(asked('git', values)))).not.toContain('ghp_0123456789')
  })
})

describe('what an installation would not start with', () => {
  const refusals: [string, Ask['policies'], RegExp][] = [
    ['no policies', [], /empty policy list/],
    ['a parameter out of range', [{ id: 'max_files_per_commit', params: { max_files: 'many' } }], /max_files/],
    ['a missing parameter', [{ id: 'within_maintenance_window', params: {} }], /start_hour_utc/],
    ['a policy that would never judge', [{ id: 'dont_push_to_main', params: {} }], /would never judge/],
    ['a policy that there is not', [{ id: '__proto__', params: {} }], /no policy/]
  ]
  it.each(refusals)('%s is refused with the reason', async (_what, policies, reason) => {
    await expect(judge({ ...asked('sql', { sql: 'SELECT 1' }), policies })).rejects.toThrow(reason)
  })
})

describe('hostile input', () => {
  const texts: [string, string][] = [
    ['64 KB of nested comments', '/*'.repeat(32_768)],
    ['parentheses without end', `SELECT ${'('.repeat(60_000)}`],
    ['more than 64 KB', `SELECT '${'x'.repeat(70_000)}'`],
    ['a NUL', 'SELECT 1\0; DROP TABLE t'],
    ['half a surrogate pair', "SELECT '\ud800'"]
  ]
  it.each(texts)('%s is denied, or refused, at once', async (_what, sql) => {
    const began = performance.now()
    const outcome = await judge(asked('sql', { sql })).then(
      ({ decision }) => decision,
      (error: unknown) => (error instanceof Fault ? 'BLOCK' : 'broken')
    )
    expect(outcome).toBe('BLOCK')
    expect(performance.now() - began).toBeLessThan(1_000)
  })
})
