// Branches on GitHub: none is moved, none is deleted with newer work on it, and looking changes nothing.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { github } from '../../src/connectors/index.ts'
import type { System } from '../../src/engine/connector.ts'
import { startGitHub, type GitHubFake, type Repository } from '../fakes/github/index.ts'
import { inverseOf, newCall, outputOf, runAction, undo } from './contract.ts'

const R = '/repos/{owner}/{repo}'
const on = { repo: 'myorg/app', branch: 'agent/x' }

let fake: GitHubFake
let system: System
let app: Repository

beforeEach(async () => {
  fake = await startGitHub()
  system = github({ token: fake.token, api_url: fake.url })
  app = fake.world.repository('myorg/app')
  app.refs.set('agent/x', app.head('main'))
})
afterEach(async () => {
  await fake.close()
  fake.verify()
})

const push = (files: readonly { path: string; content?: string; delete?: true; mode?: string; encoding?: string }[], more = {}) =>
  runAction(system, 'push_commit', { ...on, commit_message: 'Change the files', files: files as never, ...more })

describe('create_branch and delete_branch', () => {
  test('a branch that exists elsewhere is never moved', async () => {
    app.push('agent/x', { 'theirs.txt': 'theirs' })
    expect(await runAction(system, 'create_branch', { ...on, base: 'main' })).toMatchObject({
      kind: 'failed',
      code: 'branch_exists',
      effect: 'none'
    })
    expect(fake.effects).toEqual([])
  })

  test('somebody faster keeps the branch as theirs: there is nothing of ours to undo', async () => {
    app.refs.delete('agent/x')
    fake.before(`POST ${R}/git/refs`, () => void app.refs.set('agent/x', app.head('main')))
    expect(await runAction(system, 'create_branch', { ...on, base: 'main' })).toMatchObject({ kind: 'already', what: 'created' })
  })

  test('a tag-like base, a missing base and a hidden repository are said apart', async () => {
    const create = (input: object) => runAction(system, 'create_branch', { ...on, branch: 'agent/y', ...input })
    expect(await create({ base: 'v1.0' })).toMatchObject({
      kind: 'failed',
      code: 'not_found',
      message: expect.stringContaining('branch `v1.0`')
    })
    expect(await create({ base: 'main', repo: 'myorg/hidden' })).toMatchObject({
      kind: 'failed',
      code: 'not_found',
      message: expect.stringContaining('repository `myorg/hidden`')
    })
  })

  test('a branch of a repository that cannot be seen is not called deleted', async () => {
    expect(await runAction(system, 'delete_branch', { ...on, repo: 'myorg/hidden' })).toMatchObject({ kind: 'failed', code: 'not_found' })
  })

  test('a branch that an open pull request needs is not deleted', async () => {
    app.push('agent/x', { 'a.txt': 'a' })
    const { number } = app.open('agent/x', 'main')
    expect(await runAction(system, 'delete_branch', on)).toMatchObject({
      kind: 'failed',
      code: 'branch_in_use',
      message: expect.stringContaining(`#${number}`)
    })
    expect(app.pull(number).state).toBe('open')
  })

  test('the undo of a creation deletes a branch whose every commit was taken back', async () => {
    app.refs.delete('agent/x')
    const created = outputOf(await runAction(system, 'create_branch', { ...on, base: 'main' }))
    for (const content of ['1', '2']) {
      const pushed = outputOf(await push([{ path: 'a.txt', content }]))
      expect((await undo(system, inverseOf(system, 'push_commit', on, pushed))).kind).toBe('done')
    }
    expect((await undo(system, inverseOf(system, 'create_branch', on, created))).kind).toBe('done')
    expect(app.refs.has('agent/x')).toBe(false)
  })

  test.each([
    ['a commit', () => app.push('agent/x', { 'theirs.txt': 'newer work' })],
    [
      'a commit and something that is not its exact undo',
      () => [app.push('agent/x', { a: '1', b: '1' }), app.push('agent/x', { a: null })].at(-1)
    ],
    [
      'a reset to an unrelated commit',
      () => app.refs.set('agent/x', fake.world.objects.commit(fake.world.objects.treeOf(new Map()), [], 'Other', 1))
    ]
  ])('the undo of a creation refuses a branch with %s', async (_what, move) => {
    app.refs.delete('agent/x')
    const created = outputOf(await runAction(system, 'create_branch', { ...on, base: 'main' }))
    move()
    const head = app.head('agent/x')
    expect((await undo(system, inverseOf(system, 'create_branch', on, created))).kind).toBe('conflict')
    expect(app.head('agent/x')).toBe(head)
  })
})

describe('reading', () => {
  test('branches are compared by commit, in both directions', async () => {
    app.push('agent/x', { 'a.txt': 'a' })
    app.push('agent/x', { 'b.txt': 'b' })
    app.push('main', { 'c.txt': 'c' })
    expect(await runAction(system, 'compare_branches', { ...on, base: 'main' })).toMatchObject({
      kind: 'done',
      output: { ahead_by: 2, behind_by: 1 }
    })
  })

  test('a branch that is not there is found: false, a repository that is not there is a failure', async () => {
    expect(await runAction(system, 'get_branch', { ...on, branch: 'nope' })).toEqual({
      kind: 'done',
      output: { branch: 'nope', found: false, sha: null }
    })
    expect(await runAction(system, 'get_branch', { ...on, repo: 'myorg/hidden' })).toMatchObject({ kind: 'failed', code: 'not_found' })
  })

  test('looking changes nothing: a dry run of an undo says what would happen', async () => {
    const pushed = outputOf(await push([{ path: 'a.txt', content: 'a' }]))
    const inverse = inverseOf(system, 'push_commit', on, pushed)
    const action = system.actions['revert_commit']!
    const { client } = await system.connect()
    const preview = () => (action.mutates ? action.preview?.(client, inverse.input, newCall({ expect: inverse.expect })) : undefined)
    const effects = [...fake.effects]
    expect(await preview()).toMatchObject({ kind: 'done' })
    app.push('agent/x', { 'theirs.txt': 'newer work' })
    expect(await preview()).toMatchObject({ kind: 'conflict' })
    expect(fake.effects).toEqual(effects)
  })
})
