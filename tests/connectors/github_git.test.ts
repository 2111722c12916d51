// Commits on GitHub: nothing newer is ever overwritten, whoever is faster, and a revert is a true one.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { github } from '../../src/connectors/index.ts'
import type { System } from '../../src/engine/connector.ts'
import { startGitHub, type GitHubFake, type Repository } from '../fakes/github/index.ts'
import { inverseOf, newCall, outputOf, recoverAction, runAction, undo } from './contract.ts'

const R = '/repos/{owner}/{repo}'
const MOVE = `PATCH ${R}/git/refs/{ref}`
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

describe('push_commit', () => {
  test('a head that moves between reading and writing keeps its newer commit', async () => {
    let theirs = ''
    fake.before(MOVE, () => void (theirs = app.push('agent/x', { 'theirs.txt': 'newer work' })))
    expect(await push([{ path: 'a.txt', content: 'a' }])).toMatchObject({ kind: 'failed', code: 'head_moved', effect: 'none' })
    expect(app.head('agent/x')).toBe(theirs)
    expect(fake.effects).toEqual([])
  })

  test('a branch that is deleted meanwhile stays deleted', async () => {
    fake.before(MOVE, () => void app.refs.delete('agent/x'))
    expect(await push([{ path: 'a.txt', content: 'a' }])).toMatchObject({ kind: 'failed', code: 'head_moved', effect: 'none' })
    expect(app.refs.has('agent/x')).toBe(false)
  })

  test('another head than the expected one is refused before any effect', async () => {
    const stale = app.head('agent/x')
    app.push('agent/x', { 'theirs.txt': 'newer work' })
    expect(await push([{ path: 'a.txt', content: 'a' }], { expected_head_sha: stale })).toMatchObject({
      kind: 'failed',
      code: 'head_moved'
    })
    expect(fake.effects).toEqual([])
  })

  test('no request is ever forced', async () => {
    const done = outputOf(await push([{ path: 'a.txt', content: 'a' }]))
    await undo(system, inverseOf(system, 'push_commit', on, done))
    expect(fake.effects).toEqual(['move agent/x', 'move agent/x'])
  })

  test('an executable file keeps its mode unless another is asked for', async () => {
    outputOf(
      await push([
        { path: 'bin/run', content: '#!/bin/sh\necho\n' },
        { path: 'README.md', content: '#!', mode: '100755' }
      ])
    )
    expect(app.read('agent/x')).toMatchObject({ 'bin/run': '100755 #!/bin/sh\necho\n', 'README.md': '100755 #!' })
  })

  test('bytes that are not text arrive unchanged', async () => {
    outputOf(await push([{ path: 'logo.bin', content: '//4AAQ==', encoding: 'base64' }]))
    const files = fake.world.objects.files(fake.world.objects.commits.get(app.head('agent/x'))!.tree)
    expect(fake.world.objects.blobs.get(files.get('logo.bin')!.sha)).toEqual(Buffer.from([0xff, 0xfe, 0x00, 0x01]))
  })

  test.each([
    ['a file in the place of a directory', { path: 'src', content: 'x' }, 'is_a_directory'],
    ['the deletion of a directory', { path: 'src', delete: true } as const, 'is_a_directory'],
    ['a file below a file', { path: 'README.md/x', content: 'x' }, 'not_a_directory'],
    ['writing through a symbolic link', { path: 'link', content: 'x' }, 'not_a_file'],
    ['writing below a symbolic link', { path: 'link/x', content: 'x' }, 'not_a_directory']
  ])('%s is refused before any effect', async (_what, file, code) => {
    app.push('agent/x', { link: { content: '/etc', mode: '120000' } })
    expect(await push([file])).toMatchObject({ kind: 'failed', code, effect: 'none' })
    expect(fake.effects).toEqual([])
  })

  test('deleting what is not there is already done', async () => {
    expect(await push([{ path: 'gone.txt', delete: true }])).toMatchObject({ kind: 'already', what: 'pushed' })
  })

  test('its undo keeps out of a branch that somebody has worked on', async () => {
    const done = outputOf(await push([{ path: 'a.txt', content: 'a' }]))
    const theirs = app.push('agent/x', { 'theirs.txt': 'newer work' })
    expect(await undo(system, inverseOf(system, 'push_commit', on, done))).toMatchObject({ kind: 'conflict', found: { head_sha: theirs } })
    expect(app.head('agent/x')).toBe(theirs)
  })

  test('its undo loses the race, not the newer commit', async () => {
    const done = outputOf(await push([{ path: 'a.txt', content: 'a' }]))
    let theirs = ''
    fake.before(MOVE, () => void (theirs = app.push('agent/x', { 'theirs.txt': 'newer work' })))
    expect((await undo(system, inverseOf(system, 'push_commit', on, done))).kind).toBe('conflict')
    expect(app.head('agent/x')).toBe(theirs)
  })

  test('a lost answer is found even when somebody has built on the commit', async () => {
    const call = newCall()
    fake.trouble(MOVE, { kind: 'reset', when: 'after' })
    const input = { ...on, commit_message: 'Change the files', files: [{ path: 'a.txt', content: 'a' }] }
    expect(await runAction(system, 'push_commit', input, call)).toMatchObject({ kind: 'failed', code: 'unreachable', effect: 'unknown' })
    const ours = app.head('agent/x')
    app.push('agent/x', { 'theirs.txt': 'newer work' })
    expect(await recoverAction(system, 'push_commit', input, call)).toMatchObject({ kind: 'done', output: { commit_sha: ours } })
  })

  test('a lost answer on a branch that went elsewhere stays unknown', async () => {
    const call = newCall()
    fake.trouble(MOVE, { kind: 'error', when: 'before' })
    const input = { ...on, commit_message: 'Change the files', files: [{ path: 'a.txt', content: 'a' }] }
    await runAction(system, 'push_commit', input, call)
    app.push('agent/x', { 'theirs.txt': 'newer work' })
    expect(await recoverAction(system, 'push_commit', input, call)).toEqual({ kind: 'unknown' })
  })
})

describe('revert_commit', () => {
  const revert = (commit_sha: string) => runAction(system, 'revert_commit', { repo: 'myorg/app', branch: 'main', commit_sha })

  test('it brings back changed, added, deleted and renamed files with their modes, and keeps later commits', async () => {
    const before = app.read('main')
    const merged = app.push('main', {
      'README.md': '# changed\n',
      'src/added/deep.ts': 'added\n',
      'bin/run': null,
      'src/index.ts': null,
      'src/renamed.ts': 'export {}\n'
    })
    app.push('main', { 'later.txt': 'later\n', 'src/later.ts': 'later\n' })
    outputOf(await revert(merged))
    expect(app.read('main')).toEqual({ ...before, 'later.txt': 'later\n', 'src/later.ts': 'later\n' })
  })

  test('a mode, a symbolic link, and a file that became a directory are set back', async () => {
    app.push('main', { link: { content: 'README.md', mode: '120000' }, data: 'one file\n' })
    const before = app.read('main')
    const merged = app.push('main', {
      'bin/run': { content: '#!/bin/sh\n', mode: '100644' },
      link: null,
      data: null,
      'data/a.txt': 'now a directory\n'
    })
    app.push('main', { 'later.txt': 'later\n' })
    outputOf(await revert(merged))
    expect(app.read('main')).toEqual({ ...before, 'later.txt': 'later\n' })
  })

  test('paths that changed since are named, and nothing at all is changed', async () => {
    const merged = app.push('main', { 'README.md': '# worse\n', 'src/index.ts': null, 'src/new.ts': 'new\n' })
    const theirs = app.push('main', { 'README.md': '# fixed by hand\n', 'src/index.ts': 'back, but different\n' })
    expect(await revert(merged)).toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('`README.md`, `src/index.ts`'),
      found: { paths: ['README.md', 'src/index.ts'] }
    })
    expect(app.head('main')).toBe(theirs)
  })

  test('a file added later into a directory that the merge made does not vanish with it', async () => {
    const merged = app.push('main', { 'docs/a.md': 'a\n' })
    app.push('main', { 'docs/b.md': 'b\n' })
    outputOf(await revert(merged))
    expect(app.read('main')).toMatchObject({ 'docs/b.md': 'b\n' })
    expect(app.read('main')).not.toHaveProperty('docs/a.md')
  })

  test('a directory that the merge turned into a file, with later files in it, is a conflict', async () => {
    app.push('main', { 'data/a.txt': 'a\n' })
    const merged = app.push('main', { 'data/a.txt': null, data: 'one file\n' })
    app.push('main', { data: null, 'data/b.txt': 'b\n' })
    expect(await revert(merged)).toMatchObject({ kind: 'conflict', found: { paths: ['data'] } })
  })

  test('what somebody has reverted by hand already is already done', async () => {
    const merged = app.push('main', { 'README.md': '# worse\n' })
    app.push('main', { 'README.md': '# app\n' })
    expect(await revert(merged)).toMatchObject({ kind: 'already', what: 'reverted' })
  })

  test('the first commit of a history cannot be reverted, an unknown one is not found', async () => {
    expect(await revert(app.head('main'))).toMatchObject({ kind: 'failed', code: 'no_parent' })
    expect(await revert('f'.repeat(40))).toMatchObject({ kind: 'failed', code: 'not_found' })
  })

  test('the head moves between reading and writing: no overwrite', async () => {
    const merged = app.push('main', { 'README.md': '# worse\n' })
    let theirs = ''
    fake.before(MOVE, () => void (theirs = app.push('main', { 'later.txt': 'later\n' })))
    expect(await revert(merged)).toMatchObject({ kind: 'failed', code: 'head_moved', effect: 'none' })
    expect(app.head('main')).toBe(theirs)
  })

  test('a directory that GitHub lists only in part is refused instead of taken for complete', async () => {
    const merged = app.push('main', { 'README.md': '# worse\n' })
    app.push('main', { 'later.txt': 'later\n' })
    fake.trouble(`GET ${R}/git/trees/{tree_sha}`, { kind: 'answer', status: 200, body: { sha: 'f'.repeat(40), truncated: true, tree: [] } })
    expect(await revert(merged)).toMatchObject({ kind: 'failed', code: 'too_large', effect: 'none' })
  })
})
