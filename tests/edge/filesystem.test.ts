// Files through the real Worker: judged, kept, receipted, taken back, and of one team alone.
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { base64, verifyReceipt, type JsonObject } from '../../src/engine/index.ts'
import { call, keys, makeKey, type Answered } from './parts.ts'

const SECRET_TEXT = 'the-plans-that-stand-in-no-receipt'
let agent = ''
let other = ''

beforeAll(async () => {
  agent = await makeKey('files', ['run', 'read'])
  other = await makeKey('other-files', ['run', 'read'])
})

const run = (action: string, payload: JsonObject, key = agent) =>
  call('POST', '/runs', { key, body: { workflow: `filesystem.${action}`, user_email: 'agent@company.com', payload } })
const rollback = ({ json }: Answered, key = agent) => call('POST', `/runs/${json.run_id}/rollback`, { key, body: {} })
const at = async (path: string, team = 'files') => {
  const found = await env.FILES.get(`${team}/${path}`)
  return found === null ? null : new Uint8Array(await found.arrayBuffer())
}
const text = (bytes: Uint8Array | null) => (bytes === null ? null : new TextDecoder().decode(bytes))
const blockedBy = ({ json }: Answered) =>
  json.receipt.policy_results.filter(({ effect }: { effect: string }) => effect === 'deny').map(({ policy }: { policy: string }) => policy)

describe('a file', () => {
  it('is written, overwritten and deleted, and each is taken back exactly', async () => {
    const first = await run('write_file', { path: 'docs/note.md', content: 'one\r\n' })
    expect(first.json, first.text).toMatchObject({
      decision: 'PASS',
      outcome: 'SUCCEEDED',
      output: { write_file: { created: true, size_bytes: 5 } }
    })
    const second = await run('write_file', { path: 'docs/note.md', content: 'two\n' })
    const third = await run('delete_file', { path: 'docs/note.md' })
    expect(await at('docs/note.md')).toBeNull()
    for (const [step, left] of [
      [third, 'two\n'],
      [second, 'one\r\n'],
      [first, null]
    ] as const) {
      const undone = await rollback(step)
      expect(undone.json, undone.text).toMatchObject({ decision: 'PASS', outcome: 'SUCCEEDED' })
      expect(undone.json.receipt.actions_taken).toMatchObject([{ action: 'restore_file', status: 'REVERTED' }])
      expect(text(await at('docs/note.md'))).toBe(left)
      expect(await verifyReceipt(undone.json.receipt, await keys.team('files'), nodeHash)).toMatchObject({ valid: true })
    }
    expect(first.json.receipt.actions_taken[0].resources).toEqual(['filesystem/docs/note.md'])
    expect(first.json.receipt.locks).toMatchObject([{ resource: 'filesystem/docs/note.md' }])
  })

  it('that somebody has changed since is in CONFLICT, and stays as it is', async () => {
    const written = await run('write_file', { path: 'shared.txt', content: 'mine' })
    await env.FILES.put('files/shared.txt', 'theirs, newer')
    const undone = await rollback(written)
    expect(undone.json).toMatchObject({ decision: 'PARTIAL', receipt: { actions_taken: [{ status: 'CONFLICT' }] } })
    expect(text(await at('shared.txt'))).toBe('theirs, newer')
  })

  it('of bytes is kept byte for byte, and its bytes are in no receipt', async () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, index) => index % 256)
    const written = await run('write_file', { path: 'a.bin', content_base64: base64(bytes) })
    expect(written.json, written.text).toMatchObject({ outcome: 'SUCCEEDED', receipt: { payload: { content_base64: '[redacted:key]' } } })
    expect(await at('a.bin')).toEqual(bytes)
    const read = await run('read_file', { path: 'a.bin' })
    expect(read.json.output.read_file).toMatchObject({ encoding: 'base64', content_base64: base64(bytes) })
    for (const { run_id } of [written.json, read.json])
      expect((await call('GET', `/receipts/${run_id}`, { key: agent })).text).not.toContain(base64(bytes).slice(0, 40))
    expect((await rollback(written)).json).toMatchObject({ outcome: 'SUCCEEDED' })
    expect(await at('a.bin')).toBeNull()
  })

  it('is read by the caller; the receipt says which content it was, not what', async () => {
    await env.FILES.put('files/plans.txt', SECRET_TEXT)
    const read = await run('read_file', { path: 'plans.txt' })
    expect(read.json.output.read_file).toMatchObject({ content: SECRET_TEXT })
    expect(JSON.stringify(read.json.receipt)).not.toContain(SECRET_TEXT)
    expect(read.json.receipt.actions_taken[0].output).toMatchObject({
      path: 'plans.txt',
      size_bytes: SECRET_TEXT.length,
      sha256: expect.any(String)
    })
    // What was there before a change is in the store, not in the receipt either.
    const written = await run('write_file', { path: 'plans.txt', content: 'new' })
    expect(written.text).not.toContain(SECRET_TEXT)
    const deleted = await run('delete_file', { path: 'plans.txt' })
    expect(deleted.json.receipt.actions_taken[0].rollback_data).toMatchObject({ action: 'restore_file', expect: { sha256: null } })
  })

  it('written twice as the same is written once', async () => {
    const input = { path: 'twice.txt', content: 'x' }
    await run('write_file', input)
    const again = await run('write_file', input)
    expect(again.json.receipt.actions_taken[0]).toMatchObject({ status: 'ALREADY', rollback_data: null })
    expect((await run('delete_file', { path: 'never-there.txt' })).json.receipt.actions_taken[0]).toMatchObject({ status: 'ALREADY' })
  })

  it('stays where a run is only tried out', async () => {
    const dry = await call('POST', '/runs', {
      key: agent,
      body: { workflow: 'filesystem.delete_file', user_email: 'agent@company.com', payload: { path: 'twice.txt' }, mode: 'dry_run' }
    })
    expect(dry.json, dry.text).toMatchObject({ decision: 'PASS', receipt: { run_mode: 'dry_run' } })
    expect(text(await at('twice.txt'))).toBe('x')
  })
})

describe('the base', () => {
  it.each(['../other-files/x', '/etc/passwd', 'docs/../../other-files/x', '%2e%2e/other-files/x', '.enact/files/objects/x', 'a\\..\\b'])(
    'is not left by %j: 422 that names the path, and nothing is touched',
    async (path) => {
      for (const [action, more] of [
        ['write_file', { content: 'x' }],
        ['read_file', {}],
        ['delete_file', {}],
        ['list_dir', {}]
      ] as const) {
        const answer = await run(action, { path, ...more })
        expect([answer.status, answer.json.code, answer.json.errors[0].pointer]).toEqual([422, 'invalid', '/payload/path'])
        expect(answer.json.errors[0].detail).toMatch(/^must /)
      }
    }
  )

  it('is each team’s own: neither sees, lists or changes what the other has', async () => {
    await run('write_file', { path: 'ours.txt', content: 'ours' })
    await run('write_file', { path: 'ours.txt', content: 'theirs' }, other)
    expect([text(await at('ours.txt')), text(await at('ours.txt', 'other-files'))]).toEqual(['ours', 'theirs'])
    await env.FILES.put('files/only-ours.txt', 'x')
    expect((await run('read_file', { path: 'only-ours.txt' }, other)).json.receipt.actions_taken[0].error.code).toBe('not_found')
    const listed = await run('list_dir', { path: '.' }, other)
    expect(listed.json.output.list_dir.entries.map(({ name }: { name: string }) => name)).toEqual(['ours.txt'])
    expect(listed.json.receipt.actions_taken[0].output).toMatchObject({ entries: 1, has_more: false })
    expect(await at('only-ours.txt')).not.toBeNull()
  })
})

describe('the policies of the shipped configuration', () => {
  const key = ['ghp', '_', 'aB3dE5fGh7JkLm9NpQ2rStUvWx4yZ6aB3dE5'].join('')
  it.each([
    ['write_file', { path: '.github/workflows/deploy.yml', content: 'on: push' }, 'dont_touch_ci_cd'],
    ['write_file', { path: '.GitHub/Workflows/x.yml', content: 'on: push' }, 'dont_touch_ci_cd'],
    ['delete_file', { path: 'sub/.gitlab-ci.yml' }, 'dont_touch_ci_cd'],
    ['write_file', { path: 'sub/.GITIGNORE', content: '' }, 'dont_edit_gitignore'],
    ['read_file', { path: 'app/.env' }, 'dont_read_env'],
    ['read_file', { path: '.Env.local' }, 'dont_read_env'],
    ['write_file', { path: 'a.txt', content: `token ${key}` }, 'dont_copy_api_keys'],
    ['write_file', { path: 'a.txt', content_base64: btoa(`token ${key}`) }, 'dont_copy_api_keys'],
    ['write_file', { path: 'a.txt', content_base64: btoa([...key].join('\0')) }, 'dont_copy_api_keys']
  ] as const)('%s %j is blocked by %s', async (action, payload, policy) => {
    const answer = await run(action, payload)
    expect([answer.status, answer.json.decision, answer.json.outcome, blockedBy(answer)]).toEqual([200, 'BLOCK', 'NONE', [policy]])
    expect(answer.text).not.toContain(key)
    expect(answer.text).not.toContain(btoa(`token ${key}`))
    expect(await at(payload.path)).toBeNull()
  })

  it('leave everyday work alone', async () => {
    for (const path of ['src/app.ts', '.env.example', 'docs/ci.md', '.github/CODEOWNERS'])
      expect((await run('write_file', { path, content: 'x' })).json, path).toMatchObject({ decision: 'PASS', outcome: 'SUCCEEDED' })
  })
})
