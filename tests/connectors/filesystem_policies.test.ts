// Every policy over files judges what the connector really does: an embedded client, a real folder, and what is left in it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { filesystem } from '../../src/connectors/filesystem/index.ts'
import type { Policy } from '../../src/engine/index.ts'
import type { JsonObject } from '../../src/engine/schema.ts'
import { EnactClient } from '../../src/node.ts'
import * as policies from '../../src/policies/index.ts'
import { startFolder, type FolderWorld } from './filesystem_world.ts'

const KEY = ['ghp', '_', 'aB3dE5fGh7JkLm9NpQ2rStUvWx4yZ6aB3dE5'].join('')
const ACTIONS = ['read_file', 'write_file', 'delete_file', 'list_dir']
let world: FolderWorld
beforeEach(async () => void (world = await startFolder({})))
afterEach(() => world.close())

const client = (...bound: Policy[]) =>
  new EnactClient({
    systems: { filesystem: filesystem({ folder: world.base }) },
    policies: bound,
    actions: ACTIONS,
    secret: 'a-secret-of-tests-with-32-characters-or-more'
  })
const ask = (enact: EnactClient, workflow: string, payload: JsonObject, user_attributes: JsonObject = {}) =>
  enact.run({ workflow, user_email: 'agent@company.com', payload, user_attributes })

type Row = [policy: Policy, blocked: [action: string, payload: JsonObject][], allowed: [action: string, payload: JsonObject][]]
const write = (path: string, content = 'x'): [string, JsonObject] => ['write_file', { path, content }]
const read = (path: string): [string, JsonObject] => ['read_file', { path }]
const remove = (path: string): [string, JsonObject] => ['delete_file', { path }]
const list = (path: string): [string, JsonObject] => ['list_dir', { path }]

const rows: Row[] = [
  [policies.dontDeleteFile(), [remove('there.txt')], [write('there.txt'), read('there.txt')]],
  [
    policies.restrictPaths({ allowed_dirs: ['src', 'docs'] }),
    [write('there.txt'), read('srcs/a'), list('.'), remove('SRC/a'), write('a%20b/src/x')],
    [write('src/deep/a.ts'), list('docs')]
  ],
  [
    policies.blockExtensions({ extensions: ['exe', '.env', 'pem'] }),
    [write('a.exe'), write('A.EXE'), write('a.ｅｘｅ'), write('.env'), read('.env.local'), write('x/KEY.Pem'), write('.env~')],
    [write('a.executable'), write('exe'), write('env.ts')]
  ],
  [policies.dontEditGitignore(), [write('.gitignore'), remove('a/.GitIgnore')], [write('gitignore.md'), read('docs/.gitignore')]],
  [
    policies.dontReadEnv(),
    [read('.env'), read('a/.ENV'), read('prod.env'), write('.env')],
    [write('.env.example'), write('environment.ts')]
  ],
  [
    policies.dontTouchCiCd(),
    [write('.github/workflows/x.yml'), remove('.GITHUB/Workflows/x.yml'), write('a/.gitlab-ci.yml'), write('Jenkinsfile')],
    [write('.github/CODEOWNERS'), write('docs/workflows.md')]
  ],
  [
    policies.dontCopyApiKeys(),
    [
      write('a.txt', `k=${KEY}`),
      ['write_file', { path: 'a.txt', content_base64: btoa(KEY) }],
      ['write_file', { path: 'a.txt', content_base64: btoa([...KEY].join('\0')) }],
      write('a.txt', `${KEY.slice(0, 12)}\r\n${KEY.slice(12)}`)
    ],
    [write('a.txt', 'k=${KEY}'), ['write_file', { path: 'b.bin', content_base64: 'AAECAw==' }]]
  ],
  [policies.dontReadSensitivePaths({ paths: ['secrets'] }), [read('secrets/a'), read('Secrets/a'), list('secrets')], [write('secrets.md')]],
  [policies.requireClearanceForPath({ paths: ['vault'], min_clearance: 3 }), [read('vault/a'), write('VAULT/a')], [write('vaults/a')]]
]

describe.each(rows.map((row) => [row[0].id, row] as const))('%s', (_id, [policy, blocked, allowed]) => {
  test.each(blocked)('blocks %s %j, and the folder is as it was', async (action, payload) => {
    await world.put('there.txt', 'there')
    const before = await world.snapshot()
    const { receipt } = await ask(client(policy), action, payload)
    expect(receipt).toMatchObject({ decision: 'BLOCK', outcome: 'NONE', policy_results: [{ policy: policy.id, effect: 'deny' }] })
    expect(await world.snapshot()).toEqual(before)
    expect(JSON.stringify(receipt)).not.toContain(KEY)
  })

  test.each(allowed)('allows %s %j', async (action, payload) => {
    for (const path of ['there.txt', 'docs/.gitignore']) await world.put(path, 'there')
    const { receipt } = await ask(client(policy), action, payload)
    expect(receipt, JSON.stringify(receipt.policy_results)).toMatchObject({ decision: 'PASS', outcome: 'SUCCEEDED' })
  })
})

describe('an embedded program', () => {
  test('writes, reads, overwrites and takes everything back, with receipts that verify and hold no content of before', async () => {
    await world.put('notes/plan.md', 'the plan of before\r\n')
    const before = await world.snapshot()
    const enact = client(policies.dontReadEnv())
    const runs = []
    for (const [action, payload] of [write('notes/plan.md', 'a new plan\n'), write('new/a.txt', 'a'), remove('notes/plan.md')])
      runs.push((await ask(enact, action, payload)).receipt)
    expect(existsSync(join(world.base, 'notes/plan.md'))).toBe(false)
    for (const receipt of runs.reverse()) {
      expect((await enact.verify(receipt)).valid).toBe(true)
      expect(JSON.stringify(receipt)).not.toContain('the plan of before')
      expect((await enact.rollback(receipt.run_id)).receipt).toMatchObject({ decision: 'PASS', outcome: 'SUCCEEDED' })
    }
    expect(await world.snapshot()).toEqual(before)
  })

  test('is told of a world that has moved on, and newer work stays', async () => {
    const enact = client(policies.dontReadEnv())
    const { receipt } = await ask(enact, ...write('a.txt', 'mine'))
    await world.put('a.txt', 'theirs')
    const dry = await enact.rollback(receipt.run_id, { dry_run: true })
    expect(dry.receipt.actions_taken).toMatchObject([{ output: { would: 'CONFLICT' } }])
    expect((await enact.rollback(receipt.run_id)).receipt).toMatchObject({ decision: 'PARTIAL', actions_taken: [{ status: 'CONFLICT' }] })
    expect(readFileSync(join(world.base, 'a.txt'), 'utf8')).toBe('theirs')
  })

  test('what is only for rollbacks cannot be asked for, and a way out is no valid request', async () => {
    const enact = client(policies.dontReadEnv())
    const restore = await ask(enact, 'restore_file', { path: 'a', before: null, created_folders: [] })
    expect(restore.receipt).toMatchObject({ decision: 'BLOCK' })
    await expect(ask(enact, ...read('../outside.txt'))).rejects.toMatchObject({ code: 'invalid' })
  })

  test('the bytes of a file stand in no receipt, and are there for the undo', async () => {
    await world.put('a.bin', 'before')
    const enact = client(policies.dontReadEnv())
    const { receipt } = await ask(enact, 'write_file', { path: 'a.bin', content_base64: btoa('bytes of a file') })
    expect(receipt.payload).toEqual({ path: 'a.bin', content_base64: '[redacted:key]' })
    expect(receipt.payload_digest).toMatch(/^hmac-sha256:/)
    expect((await enact.rollback(receipt.run_id)).receipt.outcome).toBe('SUCCEEDED')
    expect(readFileSync(join(world.base, 'a.bin'), 'utf8')).toBe('before')
  })
})
