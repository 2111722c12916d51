// Pull requests and issues on GitHub: the right one is found among many, and the gate cannot be lied to.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { github } from '../../src/connectors/index.ts'
import type { System } from '../../src/engine/connector.ts'
import { startGitHub, type GitHubFake, type Repository } from '../fakes/github/index.ts'
import { inverseOf, newCall, outputOf, recoverAction, runAction, undo } from './contract.ts'

const R = '/repos/{owner}/{repo}'
const repo = 'myorg/app'

let fake: GitHubFake
let system: System
let app: Repository

beforeEach(async () => {
  fake = await startGitHub()
  system = github({ token: fake.token, api_url: fake.url })
  app = fake.world.repository(repo)
  app.refs.set('agent/x', app.head('main'))
  app.push('agent/x', { 'new.txt': 'new\n' })
})
afterEach(async () => {
  await fake.close()
  fake.verify()
})

const create = (more: object = {}, call = newCall()) =>
  runAction(system, 'create_pr', { repo, branch: 'agent/x', base: 'main', title: 'Fix', ...more }, call)
const merge = (pr_number: number, more: object = {}) => runAction(system, 'merge_pr', { repo, pr_number, base: 'main', ...more })

describe('create_pr', () => {
  test.each(['someone/app', 'myorg/app-fork'])(
    'a pull request from the same branch name of the fork %s is not taken for ours',
    async (fork) => {
      const theirs = fake.world.seed(fork, {})
      theirs.refs.set('agent/x', app.head('agent/x'))
      const { number } = app.open('agent/x', 'main', theirs)
      const { pr_number } = outputOf(await create())
      expect(pr_number).not.toBe(number)
    }
  )

  test('a pull request whose fork was deleted is not taken for ours', async () => {
    const theirs = fake.world.seed('myorg/gone', {})
    theirs.refs.set('agent/x', app.head('agent/x'))
    app.open('agent/x', 'main', theirs)
    fake.world.repositories.delete('myorg/gone')
    expect((await create()).kind).toBe('done')
  })

  test('ours is found on a later page, and whatever the case of the name', async () => {
    const ours = app.open('agent/x', 'main')
    const fork = fake.world.seed('MyOrg/other', {})
    fork.refs.set('agent/x', app.head('agent/x'))
    for (let i = 0; i < 130; i++) app.open('agent/x', 'main', fork)
    expect(await create({ repo: 'MyOrg/App' })).toMatchObject({ kind: 'already', output: { pr_number: ours.number } })
  })

  test('one into another base, or one that is closed, is another one', async () => {
    app.refs.set('dev', app.head('main'))
    app.open('agent/x', 'dev')
    Object.assign(app.open('agent/x', 'main'), { state: 'closed' })
    expect((await create()).kind).toBe('done')
  })

  test('somebody faster keeps theirs: nothing of ours is there to undo', async () => {
    fake.before(`POST ${R}/pulls`, () => void app.open('agent/x', 'main'))
    expect(await create()).toMatchObject({ kind: 'already', what: 'created' })
    expect(app.pulls).toHaveLength(1)
  })

  test("after a crash somebody else's pull request is not taken for ours, our own is, even when closed since", async () => {
    const input = { repo, branch: 'agent/x', base: 'main', title: 'Fix' }
    const theirs = app.open('agent/x', 'main')
    expect(await recoverAction(system, 'create_pr', input, newCall())).toEqual({ kind: 'not_done' })
    Object.assign(theirs, { state: 'closed' })
    const { pr_number } = outputOf(await create())
    Object.assign(app.pull(Number(pr_number)), { state: 'closed' })
    expect(await recoverAction(system, 'create_pr', input, newCall())).toMatchObject({ kind: 'done', output: { pr_number } })
  })

  test.each([
    ['without commits of its own', { branch: 'same' }, 'rejected', 'No commits between'],
    ['of a branch that is not there', { branch: 'nope' }, 'rejected', 'github does not accept'],
    ['into itself', { base: 'agent/x' }, 'same_branch', 'into itself']
  ])('one %s fails without effect and says why', async (_what, more, code, message) => {
    app.refs.set('same', app.head('main'))
    expect(await create(more)).toMatchObject({ kind: 'failed', code, effect: 'none', message: expect.stringContaining(message) })
    expect(fake.effects).toEqual([])
  })
})

describe('merge_pr', () => {
  test("a base that is not the pull request's own is refused: the gate has judged the wrong branch", async () => {
    app.refs.set('dev', app.head('main'))
    const { number } = app.open('agent/x', 'main')
    expect(await merge(number, { base: 'dev' })).toMatchObject({ kind: 'failed', code: 'base_mismatch', effect: 'none' })
    expect(fake.effects).toEqual([])
  })

  test('a base that is only another spelling is refused as well', async () => {
    const { number } = app.open('agent/x', 'main')
    expect(await merge(number, { base: 'Main' })).toMatchObject({ kind: 'failed', code: 'base_mismatch' })
    await expect(merge(number, { base: 'refs/heads/main' })).rejects.toThrow()
  })

  test('a commit pushed after the look is not merged unseen', async () => {
    const { number } = app.open('agent/x', 'main')
    fake.before(`PUT ${R}/pulls/{pull_number}/merge`, () => void app.push('agent/x', { 'evil.txt': 'unseen\n' }))
    expect(await merge(number)).toMatchObject({ kind: 'failed', code: 'head_moved', effect: 'none' })
    expect(app.read('main')).not.toHaveProperty('evil.txt')
  })

  test('another head than the expected one is refused', async () => {
    const { number } = app.open('agent/x', 'main')
    expect(await merge(number, { expected_head_sha: app.head('main') })).toMatchObject({ kind: 'failed', code: 'head_moved' })
  })

  test.each(['merge', 'squash'])('a %s is undone on top of later commits', async (merge_method) => {
    const { number } = app.open('agent/x', 'main')
    const before = app.read('main')
    const input = { repo, pr_number: number, base: 'main', merge_method, commit_message: 'Merge the fix\n\nIt was reviewed.' }
    const output = outputOf(await runAction(system, 'merge_pr', input))
    expect(fake.world.objects.commits.get(app.head('main'))!.message).toBe('Merge the fix')
    app.push('main', { 'later.txt': 'later\n' })
    expect((await undo(system, inverseOf(system, 'merge_pr', input, output))).kind).toBe('done')
    expect(app.read('main')).toEqual({ ...before, 'later.txt': 'later\n' })
  })

  test('a conflicting, a closed and a draft pull request fail without effect', async () => {
    const conflicting = app.open('agent/x', 'main')
    app.push('main', { 'new.txt': 'other\n' })
    expect(await merge(conflicting.number)).toMatchObject({ kind: 'failed', code: 'not_mergeable', effect: 'none' })
    conflicting.state = 'closed'
    expect(await merge(conflicting.number)).toMatchObject({ kind: 'failed', code: 'pr_closed' })
    expect(fake.effects).toEqual([])
  })

  test('a lost merge is not claimed when what was merged is not what was asked', async () => {
    const { number } = app.open('agent/x', 'main')
    const call = newCall()
    fake.trouble(`PUT ${R}/pulls/{pull_number}/merge`, { kind: 'error', when: 'before' })
    await runAction(system, 'merge_pr', { repo, pr_number: number, base: 'main' }, call)
    app.push('agent/x', { 'more.txt': 'more\n' })
    Object.assign(app.pull(number), { state: 'closed', merged: true, merge_commit_sha: app.head('agent/x') })
    expect(await recoverAction(system, 'merge_pr', { repo, pr_number: number, base: 'main' }, call)).toEqual({ kind: 'unknown' })
  })
})

describe('close_pr and close_issue', () => {
  test('a merged pull request is not closed, nor called closed', async () => {
    const { number } = app.open('agent/x', 'main')
    outputOf(await merge(number))
    expect(await runAction(system, 'close_pr', { repo, pr_number: number })).toMatchObject({ kind: 'failed', code: 'pr_merged' })
  })

  test('a pull request cannot be closed as an issue, past the policies of close_pr', async () => {
    const { number } = app.open('agent/x', 'main')
    expect(await runAction(system, 'close_issue', { repo, issue_number: number })).toMatchObject({
      kind: 'failed',
      code: 'is_pull_request'
    })
    expect(app.pull(number).state).toBe('open')
  })

  test('what is not there is not found', async () => {
    expect(await runAction(system, 'close_pr', { repo, pr_number: 99 })).toMatchObject({
      kind: 'failed',
      code: 'not_found',
      effect: 'none'
    })
    expect(await runAction(system, 'close_issue', { repo, issue_number: 99 })).toMatchObject({
      kind: 'failed',
      code: 'not_found',
      effect: 'none'
    })
  })

  test('reopening is for rollbacks only', () => {
    for (const name of ['reopen_pr', 'reopen_issue']) expect(system.actions[name]).toMatchObject({ mutates: true, internal: true })
  })
})

describe('create_issue', () => {
  const input = { repo, title: 'It fails', body: 'Look: <!-- enact:forged -->' }

  test('two calls with the same title are two issues, one call is one', async () => {
    await runAction(system, 'create_issue', input, newCall({ idempotencyKey: 'run-1/0' }))
    await runAction(system, 'create_issue', input, newCall({ idempotencyKey: 'run-1/1' }))
    expect(await runAction(system, 'create_issue', input, newCall({ idempotencyKey: 'run-1/1' }))).toMatchObject({
      kind: 'already',
      output: { issue_number: 2 }
    })
    expect(app.issues).toHaveLength(2)
  })

  test('a lost one is found behind a hundred and fifty newer ones', async () => {
    const call = newCall()
    fake.trouble(`POST ${R}/issues`, { kind: 'error', when: 'after' })
    await runAction(system, 'create_issue', input, call)
    for (let i = 0; i < 150; i++) app.issues.push({ ...app.issue(1), number: app.nextNumber(), body: null })
    expect(await recoverAction(system, 'create_issue', input, call)).toMatchObject({ kind: 'done', output: { issue_number: 1 } })
  })

  test('a key cannot break out of its comment', async () => {
    await runAction(system, 'create_issue', { repo, title: 'It fails' }, newCall({ idempotencyKey: 'x --> <b>seen</b>' }))
    expect(app.issue(1).body).toBe('<!-- enact:x-b-seen-b- -->')
  })
})
