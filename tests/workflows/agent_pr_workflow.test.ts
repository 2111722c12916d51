// agent_pr_workflow from the request to the signed receipt and back, over the fake GitHub.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { github } from '../../src/connectors/index.ts'
import type { JsonObject, Policy } from '../../src/engine/index.ts'
import { EnactClient } from '../../src/node.ts'
import { dontCommitApiKeys, dontPushToMain, maxFilesPerCommit, requireBranchPrefix } from '../../src/policies/index.ts'
import { agentPrWorkflow } from '../../src/workflows/index.ts'
import { startGitHub, type GitHubFake, type Repository } from '../fakes/github/index.ts'

const R = '/repos/{owner}/{repo}'
const work: JsonObject & { readonly branch: string } = {
  repo: 'myorg/app',
  branch: 'agent/fix-123',
  files: [
    { path: 'src/fix.ts', content: 'export const fixed = true\n' },
    { path: 'README.md', delete: true }
  ],
  commit_message: 'Fix the parser\n\nIt failed on empty input.'
}

let fake: GitHubFake
let app: Repository
let enact: EnactClient

beforeEach(async () => {
  fake = await startGitHub()
  app = fake.world.repository('myorg/app')
  enact = clientWith([dontPushToMain()])
})
afterEach(async () => {
  await fake.close()
  fake.verify()
})

function clientWith(policies: readonly Policy[]): EnactClient {
  const system = github({ token: fake.token, api_url: fake.url, repos: ['myorg/app'] })
  return new EnactClient({
    systems: { github: system },
    policies,
    workflows: [agentPrWorkflow],
    secret: 'the tests may know this secret of 32+'
  })
}

const run = (payload: JsonObject = work, client = enact) =>
  client.run({ workflow: 'agent_pr_workflow', user_email: 'agent@company.com', payload })
const lines = (receipt: { actions_taken: readonly { action: string; status: string }[] }) =>
  receipt.actions_taken.map(({ action, status }) => `${action} ${status}`)

describe('with files', () => {
  test('branch, one commit, pull request: done once, and the receipt says what and how to undo it', async () => {
    const main = app.head('main')
    const { result, receipt } = await run()
    expect(result).toMatchObject({ success: true, decision: 'PASS', outcome: 'SUCCEEDED', output: { create_pr: { pr_number: 1 } } })
    expect(lines(receipt)).toEqual(['get_branch DONE', 'create_branch DONE', 'push_commit DONE', 'create_pr DONE'])
    expect(fake.effects).toEqual(['create agent/fix-123', 'move agent/fix-123', 'open #1'])
    expect(app.read('agent/fix-123')).toEqual({
      'bin/run': '100755 #!/bin/sh\n',
      'src/index.ts': 'export {}\n',
      'src/fix.ts': 'export const fixed = true\n'
    })
    expect(app.pull(1)).toMatchObject({ title: 'Fix the parser', base: 'main', state: 'open' })
    expect(app.head('main')).toBe(main)
    expect(receipt.actions_taken.map((each) => (each.rollback_data as { action?: string } | null)?.action ?? null)).toEqual([
      null,
      'delete_branch',
      'revert_commit',
      'close_pr'
    ])
    expect((await enact.verify(receipt)).valid).toBe(true)
    expect(JSON.stringify(receipt)).not.toContain(fake.token)
  })

  test('asked again, everything is ALREADY and nothing changes, also when main has moved on', async () => {
    await run()
    app.push('main', { 'later.txt': 'later\n' })
    const effects = [...fake.effects]
    const { result, receipt } = await run()
    expect(result).toMatchObject({ success: true, outcome: 'SUCCEEDED' })
    expect(lines(receipt)).toEqual(['get_branch DONE', 'create_branch ALREADY', 'push_commit ALREADY', 'create_pr ALREADY'])
    expect(fake.effects).toEqual(effects)
  })

  test('a rollback leaves the repository as it was, and a second one changes nothing', async () => {
    const before = app.snapshot()
    const { receipt } = await run()
    const undone = await enact.rollback(receipt.run_id)
    expect(undone.receipt).toMatchObject({ decision: 'PASS', links: { rollback_of: receipt.run_id } })
    expect(app.snapshot()).toEqual(before)
    const effects = [...fake.effects]
    await enact.rollback(receipt.run_id)
    expect(fake.effects).toEqual(effects)
  })

  test('a dry run of the rollback changes nothing', async () => {
    const { receipt } = await run()
    const effects = [...fake.effects]
    await enact.rollback(receipt.run_id, { dry_run: true })
    expect(fake.effects).toEqual(effects)
    expect(app.refs.has('agent/fix-123')).toBe(true)
  })

  test('a rollback keeps what somebody pushed meanwhile, and says so', async () => {
    const { receipt } = await run()
    const theirs = app.push('agent/fix-123', { 'theirs.txt': 'newer work\n' })
    const undone = await enact.rollback(receipt.run_id)
    expect(undone.receipt.decision).toBe('PARTIAL')
    expect(lines(undone.receipt)).toEqual(expect.arrayContaining(['close_pr REVERTED', 'revert_commit CONFLICT', 'delete_branch CONFLICT']))
    expect(app.head('agent/fix-123')).toBe(theirs)
  })

  test('a failure at the last step is a truthful receipt, and what had happened can be undone', async () => {
    const before = app.snapshot()
    fake.trouble(`POST ${R}/pulls`, { kind: 'answer', status: 403, body: { message: 'Resource not accessible by integration' } })
    const { receipt } = await run()
    expect(receipt).toMatchObject({ decision: 'PASS', outcome: 'PARTIAL' })
    expect(lines(receipt).at(-1)).toBe('create_pr FAILED')
    await enact.rollback(receipt.run_id)
    expect(app.snapshot()).toEqual(before)
  })

  test('a lost answer at any step is found again: one effect, one true receipt', async () => {
    for (const route of [`POST ${R}/git/refs`, `PATCH ${R}/git/refs/{ref}`, `POST ${R}/pulls`])
      fake.trouble(route, { kind: 'reset', when: 'after' })
    const { receipt } = await run()
    expect(receipt.outcome).toBe('SUCCEEDED')
    expect(fake.effects).toEqual(['create agent/fix-123', 'move agent/fix-123', 'open #1'])
  })
})

describe('without files', () => {
  const { files: _files, ...bare } = work

  test('a branch with commits of its own goes up for review, and only the pull request is undone', async () => {
    app.refs.set(work.branch, app.head('main'))
    const pushed = app.push(work.branch, { 'src/fix.ts': 'fixed\n' })
    const { result, receipt } = await run({ repo: 'myorg/app', branch: work.branch })
    expect(result.success).toBe(true)
    expect(fake.effects).toEqual(['open #1'])
    await enact.rollback(receipt.run_id)
    expect(app.pull(1).state).toBe('closed')
    expect(app.head(work.branch)).toBe(pushed)
  })

  test.each([
    ['is not there', () => {}],
    ['is where its base is', () => app.refs.set(work.branch, app.head('main'))],
    ['is behind its base', () => app.refs.set(work.branch, app.head('main')) && app.push('main', { 'later.txt': 'later\n' })]
  ])('a branch that %s fails clearly, before any effect', async (_what, prepare) => {
    prepare()
    const { receipt } = await run(bare)
    expect(receipt).toMatchObject({ outcome: 'FAILED', error: { code: 'branch_has_no_commits' } })
    expect(fake.effects).toEqual([])
  })
})

describe('what the agent may not', () => {
  test.each(['main', 'master', 'Main'])('a push to %s is a BLOCK with a receipt, and GitHub hears nothing of it', async (branch) => {
    const { receipt } = await run({ ...work, branch })
    expect(receipt).toMatchObject({ decision: 'BLOCK', outcome: 'NONE', policy_results: [{ policy: 'dont_push_to_main', passed: false }] })
    expect(fake.requests).toEqual([])
  })

  test.each([
    ['the base itself', { branch: 'dev', base: 'dev' }, 'branch_is_base'],
    ['main, with no policy against it', { branch: 'main', base: 'dev' }, 'branch_is_base'],
    ['fewer files than there are', { file_count: 1 }, 'file_count_mismatch']
  ])('%s is refused by the workflow alone', async (_what, change, code) => {
    app.refs.set('dev', app.head('main'))
    const { receipt } = await run({ ...work, ...change }, clientWith([maxFilesPerCommit()]))
    expect(receipt).toMatchObject({ error: { code } })
    expect(fake.requests).toEqual([])
  })

  test('a key inside a base64 file is seen', async () => {
    const key = ['ghp', 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8'].join('_')
    const files = [{ path: 'config.bin', content: Buffer.from(`token=${key}\n`).toString('base64'), encoding: 'base64' }]
    const { receipt } = await run({ ...work, files }, clientWith([dontCommitApiKeys()]))
    expect(receipt.decision).toBe('BLOCK')
    expect(fake.requests).toEqual([])
    expect(JSON.stringify(receipt)).not.toContain(key)
  })

  test('a repository that is not on the allow list is not touched', async () => {
    fake.world.seed('other/app', {})
    const { receipt } = await run({ ...work, repo: 'other/app' })
    expect(receipt).toMatchObject({ decision: 'PASS', outcome: 'FAILED' })
    expect(fake.requests).toEqual([])
  })

  test('a branch outside the prefix is a BLOCK that says what would be allowed', async () => {
    const { receipt } = await run({ ...work, branch: 'feature/x' }, clientWith([requireBranchPrefix({ prefix: 'agent/' })]))
    expect(receipt.decision).toBe('BLOCK')
    expect(receipt.policy_results[0]?.remedy).toContain('agent/')
  })

  test.each<JsonObject>([
    { surprise: 1 },
    { branch: 'refs/heads/agent/x' },
    { repo: 'myorg/../x' },
    { files: [{ path: '../x', content: '' }] },
    { commit_message: '' }
  ])('the payload %j is refused', async (change) => {
    await expect(run({ ...work, ...change })).rejects.toMatchObject({ code: 'invalid' })
  })

  test.each([
    [undefined, undefined, 'Changes on agent/fix-123'],
    ['Mine', 'Fix the parser', 'Mine'],
    [undefined, '\n\tFix\tthe   parser \nmore', 'Fix the parser'],
    [undefined, '𝕏'.repeat(300), '𝕏'.repeat(100)]
  ])('title %j and message %j make the title %j', async (title, commit_message, expected) => {
    const { commit_message: _message, ...rest } = work
    await run({ ...rest, ...(title ? { title } : {}), ...(commit_message ? { commit_message } : {}) })
    expect(app.pull(1).title).toBe(expected)
  })
})
