// What is promised of files, whatever store they are in: a real folder in Node, a real R2 bucket in workerd.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { base64 } from '../../src/engine/bytes.ts'
import type { ActionResult } from '../../src/engine/connector.ts'
import type { Inverse, JsonObject } from '../../src/engine/schema.ts'
import { connectorContract, inverseOf, newCall, outputOf, runAction, undo, type Case, type Subject } from './contract.ts'
import { escapes } from './files_escapes.ts'
import { seeded } from '../engine/seeded.ts'

/** A base with something in it, and something beside it. */
export interface FilesSubject extends Subject {
  /** Writes as somebody else would, past Enact. */
  put(path: string, content: string | Uint8Array, mode?: string): Promise<void>
  remove(path: string): Promise<void>
  /** Null where nothing is there. */
  get(path: string): Promise<{ bytes: Uint8Array; mode: string } | null>
  /** Everything that is not below the base, by name and bytes. */
  outside(): Promise<unknown>
  /** Spoils what is kept under this hash, or takes it away. */
  spoil(sha256: string, how: 'damage' | 'lose'): Promise<void>
}

export interface FilesWorld {
  readonly name: string
  start(options: JsonObject): Promise<FilesSubject>
  /** Hostile names from elsewhere; none where the corpora are not at hand. */
  readonly naughty: readonly string[]
  /** In how many places each of them is tried: in a folder, at the top, as a folder. All three unless given. */
  readonly places?: number
}

/** Every byte, a byte order mark, both line ends, no last newline. */
export const BINARY = Uint8Array.from([0xef, 0xbb, 0xbf, ...Array.from({ length: 256 }, (_, byte) => byte), 13, 10, 10, 13, 0])
const SECRET = 'ghp_FakeTokenOfTheTestsThatMustNeverShow0000'

const BAD_PATHS: readonly JsonObject[] = [
  '',
  '.',
  '..',
  '../a',
  'a/../b',
  './a',
  'a//b',
  'a/',
  '/a',
  '/etc/passwd',
  'C:\\a',
  'C:/a',
  '~/a',
  '~root/a',
  '$HOME/a',
  'a\\b',
  'a\u0000b',
  'a\nb',
  'a\u202eb',
  'a/\ud800',
  'con',
  'a/NUL.txt',
  'com1.log',
  'a.txt.',
  'a /b',
  ' a',
  'a.txt:stream',

  '.enact/files/objects/aa',
  '.ENACT/x',
  '.enact',
  '%2e%2e/a',
  'a%2fb',
  'a%5cb',
  'a%00b',
  '%252e%252e/a',
  '..%c0%afa',
  '．．/a',
  'a／b',
  'a'.repeat(256),
  'a/'.repeat(64) + 'a',
  'ä'.repeat(600)
].map((path) => ({ path }))

const cases: Case<FilesSubject>[] = [
  {
    action: 'write_file',
    async input(subject) {
      await subject.put('docs/note.bin', BINARY, '0640')
      return { path: 'docs/note.bin', content: 'line\r\nline\n' }
    },
    bad: [
      ...BAD_PATHS,
      { content_base64: 'AA==' },
      { content: '\ud800' },
      { content: undefined as never },
      { content: undefined as never, content_base64: 'A' },
      { content: undefined as never, content_base64: 'AA==\r\n' },
      { mode: '4755' },
      { mode: 'rwx' },
      { expect_sha256: 'abc' },
      { if_absent: true, expect_sha256: 'a'.repeat(64) }
    ],
    move: (subject) => subject.put('docs/note.bin', 'newer work')
  },
  {
    action: 'delete_file',
    async input(subject) {
      await subject.put('docs/old.bin', BINARY, '0640')
      return { path: 'docs/old.bin' }
    },
    bad: [...BAD_PATHS, { expect_sha256: 'abc' }],
    move: (subject) => subject.put('docs/old.bin', 'a new file in its place')
  }
]

/** Declares the connector's contract and everything that is special to files. */
export function filesSuite(world: FilesWorld): void {
  connectorContract<FilesSubject>({
    name: `filesystem over ${world.name}`,
    secrets: [SECRET],
    start: (allow) => world.start(allow === 'nothing' ? { folders: [] } : {}),
    troubles: ['refused', 'lost', 'silent'],
    cases
  })

  describe(`files in ${world.name}`, () => {
    let subject: FilesSubject
    beforeEach(async () => void (subject = await world.start({})))
    afterEach(() => subject.close())
    const run = (action: string, input: JsonObject, more = {}) => runAction(subject.system, action, input, newCall(more))
    const write = async (input: JsonObject): Promise<{ output: JsonObject; inverse: Inverse }> => {
      const output = outputOf(await run('write_file', input))
      return { output, inverse: inverseOf(subject.system, 'write_file', input, output) }
    }

    declareBytes(() => subject, run, write)
    declareUndo(() => subject, run, write)
    declareNames(() => subject, run, write)
    declareReading(() => subject, run)

    test('no spelling of a way out of the base is taken, and nothing outside it is read or changed', async () => {
      await subject.put('docs/note.md', 'inside')
      const [outside, inside] = [await subject.outside(), await subject.snapshot()]
      for (const path of escapes()) {
        for (const action of ['read_file', 'write_file', 'delete_file', 'list_dir']) {
          const input = { path, ...(action === 'write_file' ? { content: 'escaped' } : {}) }
          expect(subject.system.actions[action]!.input.safeParse(input).success, `${action} ${JSON.stringify(path)}`).toBe(false)
        }
      }
      expect(await subject.outside()).toEqual(outside)
      expect(await subject.snapshot()).toEqual(inside)
    })

    test.skipIf(world.naughty.length === 0)('naughty names are refused, or are one file of exactly that name: 0 escapes', async () => {
      const outside = await subject.outside()
      let taken = 0
      for (const text of world.naughty) {
        const places = [`docs/${text}`, text, `${text}/x`].slice(0, world.places ?? 3)
        for (const path of places) taken += Number(await tryPath(subject, path))
      }
      expect(taken).toBeGreaterThan(100 * (world.places ?? 3))
      expect(await subject.outside()).toEqual(outside)
    })

    test('random paths made of dangerous parts never leave the base', async () => {
      const dice = seeded(20261128)
      const parts = [
        '..',
        '.',
        '%2e',
        '%2E%2e',
        '/',
        '/',
        '\\',
        '%2f',
        '%5c',
        'a',
        'b',
        '~',
        '\0',
        '%00',
        'é',
        ' ',
        ':',
        '．',
        '..;',
        '%25',
        '2e',
        'c0%af'
      ]
      const outside = await subject.outside()
      for (let round = 0; round < 400; round++) {
        const path = Array.from({ length: 1 + dice.upTo(7) }, () => dice.oneOf(parts)).join('')
        await tryPath(subject, path)
      }
      expect(await subject.outside()).toEqual(outside)
    })
  })
}

/** True where the path is taken: then the file is exactly there, and goes again with its undo. */
async function tryPath(subject: FilesSubject, path: string): Promise<boolean> {
  const input = { path, content: `of ${path.length}` }
  if (!subject.system.actions['write_file']!.input.safeParse({ path, content: '' }).success) return false
  const before = await subject.snapshot()
  const result = await runAction(subject.system, 'write_file', { path, content: 'x' })
  if (result.kind !== 'done') {
    // A name that the disk itself does not take.
    expect(result, JSON.stringify(path)).toMatchObject({ kind: 'failed', effect: 'none' })
    return false
  }
  expect(new TextDecoder().decode((await subject.get(path))?.bytes), JSON.stringify(path)).toBe('x')
  expect((await undo(subject.system, inverseOf(subject.system, 'write_file', input, result.output))).kind).toBe('done')
  expect(await subject.snapshot(), JSON.stringify(path)).toEqual(before)
  return true
}

type Run = (action: string, input: JsonObject, more?: object) => Promise<ActionResult>
type Write = (input: JsonObject) => Promise<{ output: JsonObject; inverse: Inverse }>

function declareBytes(subject: () => FilesSubject, run: Run, write: Write): void {
  test('bytes are kept exactly, in and out and back: every byte, marks, both line ends', async () => {
    await subject().put('a.bin', 'before')
    const { output, inverse } = await write({ path: 'a.bin', content_base64: base64(BINARY) })
    expect((await subject().get('a.bin'))!.bytes).toEqual(BINARY)
    expect(output).toMatchObject({ size_bytes: BINARY.length, created: false, before: { size_bytes: 6, mode: '0644' } })
    expect(outputOf(await run('read_file', { path: 'a.bin' }))).toMatchObject({
      encoding: 'base64',
      content_base64: base64(BINARY),
      truncated: false
    })
    expect((await undo(subject().system, inverse)).kind).toBe('done')
    expect(new TextDecoder().decode((await subject().get('a.bin'))!.bytes)).toBe('before')
  })

  test.each(['', '\ufeffmark\r\nand no last newline', 'ü\u0000☃\r\r\n', '\n'])(
    'the text %j is written and read to the letter',
    async (content) => {
      await write({ path: 'a.txt', content })
      expect((await subject().get('a.txt'))!.bytes).toEqual(new TextEncoder().encode(content))
      expect(outputOf(await run('read_file', { path: 'a.txt' }))).toMatchObject({ encoding: 'utf8', content, next_offset: null })
    }
  )

  test('permissions are as said, whatever the process takes away; without any a file keeps its own', async () => {
    await write({ path: 'run.sh', content: '#!/bin/sh\n', mode: '0755' })
    expect((await subject().get('run.sh'))!.mode).toBe('0755')
    const { inverse } = await write({ path: 'run.sh', content: '#!/bin/sh\nexit\n' })
    expect((await subject().get('run.sh'))!.mode).toBe('0755')
    await write({ path: 'open', content: '', mode: '777' })
    expect((await subject().get('open'))!.mode).toBe('0777')
    expect((await write({ path: 'new', content: '' })).output).toMatchObject({ mode: '0644' })
    expect((await undo(subject().system, inverse)).kind).toBe('done')
  })

  test('the same content with another mode is a change, and is undone', async () => {
    await subject().put('a', 'same', '0600')
    const { inverse } = await write({ path: 'a', content: 'same', mode: '0755' })
    expect((await undo(subject().system, inverse)).kind).toBe('done')
    expect((await subject().get('a'))!.mode).toBe('0600')
  })

  test('what was there before stands in the store by its hash, and neither in the answer nor in the undo', async () => {
    await subject().put('config', `token=${SECRET}`)
    const { output, inverse } = await write({ path: 'config', content: 'token=' })
    const deleted = outputOf(await run('delete_file', { path: 'config' }))
    expect(JSON.stringify([output, inverse, deleted])).not.toContain(SECRET)
    expect(JSON.stringify([output, inverse])).not.toContain(base64(new TextEncoder().encode(SECRET)).slice(0, 20))
  })

  test('a file larger than may be kept is left alone', async () => {
    const small = await (subject() as FilesSubject & { restart(options: JsonObject): Promise<FilesSubject> }).restart({ max_bytes: 10 })
    await small.put('big', 'eleven bytes')
    const before = await small.snapshot()
    for (const [action, more] of [
      ['write_file', { content: 'x' }],
      ['delete_file', {}]
    ] as const)
      expect(await runAction(small.system, action, { path: 'big', ...more })).toMatchObject({
        kind: 'failed',
        code: 'too_large',
        effect: 'none'
      })
    expect(await small.snapshot()).toEqual(before)
    // It can be read, though nobody hashes it.
    expect(outputOf(await runAction(small.system, 'read_file', { path: 'big' }))).toMatchObject({ content: 'eleven bytes', sha256: null })
    await small.close()
  })
}

function declareUndo(subject: () => FilesSubject, run: Run, write: Write): void {
  test('a new file goes again, with the folders that were made for it and with no others', async () => {
    await subject().put('kept/other.txt', 'other')
    const before = await subject().snapshot()
    const { inverse, output } = await write({ path: 'kept/new/deep/a.txt', content: 'a' })
    expect(output).toMatchObject({ created: true, before: null })
    expect((await undo(subject().system, inverse)).kind).toBe('done')
    expect(await subject().snapshot()).toEqual(before)
  })

  test('a folder that somebody else uses by then stays', async () => {
    const { inverse } = await write({ path: 'new/a.txt', content: 'a' })
    await subject().put('new/theirs.txt', 'theirs')
    expect((await undo(subject().system, inverse)).kind).toBe('done')
    expect([await subject().get('new/a.txt'), (await subject().get('new/theirs.txt')) !== null]).toEqual([null, true])
  })

  test('a chain of changes is taken back step by step, newest first', async () => {
    const steps = []
    const worlds = []
    for (const content of ['one', 'two', 'three']) {
      worlds.push(await subject().snapshot())
      steps.push((await write({ path: 'a/b.txt', content })).inverse)
    }
    for (const inverse of steps.reverse()) {
      expect((await undo(subject().system, inverse)).kind).toBe('done')
      expect(await subject().snapshot()).toEqual(worlds.pop())
    }
  })

  test.each(['lose', 'damage'] as const)('kept content that somebody takes away or changes is not put back (%s)', async (how) => {
    await subject().put('a.txt', 'before')
    const { inverse, output } = await write({ path: 'a.txt', content: 'after' })
    await subject().spoil((output['before'] as { sha256: string }).sha256, how)
    const result = await undo(subject().system, inverse)
    expect(result).toMatchObject({ kind: 'failed', effect: 'none' })
    expect(new TextDecoder().decode((await subject().get('a.txt'))!.bytes)).toBe('after')
  })

  test('looking changes nothing: a preview says what is there and what would be', async () => {
    await subject().put('a.txt', 'before')
    const { system } = subject()
    const { client } = await system.connect()
    const action = system.actions['write_file']!
    const preview = (input: JsonObject) =>
      action.mutates ? action.preview!(client as never, action.input.parse(input) as never, newCall()) : null
    const before = [await subject().snapshot(), await subject().effects()]
    const seen = await preview({ path: 'a.txt', content: 'after' })
    expect(seen).toMatchObject({ kind: 'done', output: { before: { size_bytes: 6 }, after: { size_bytes: 5, mode: '0644' } } })
    expect([await subject().snapshot(), await subject().effects()]).toEqual(before)
    await subject().put('a.txt', 'other!')
    expect(await preview({ path: 'a.txt', content: 'after' })).not.toEqual(seen)
  })

  test('conditions hold: only where nothing is, only while it is what was read', async () => {
    await subject().put('a.txt', 'mine')
    const { sha256 } = outputOf(await run('read_file', { path: 'a.txt' }))
    expect(await run('write_file', { path: 'a.txt', content: 'x', if_absent: true })).toMatchObject({ kind: 'failed', code: 'exists' })
    await subject().put('a.txt', 'theirs')
    expect(await run('write_file', { path: 'a.txt', content: 'x', expect_sha256: sha256! })).toMatchObject({ kind: 'conflict' })
    expect(await run('delete_file', { path: 'a.txt', expect_sha256: sha256! })).toMatchObject({ kind: 'conflict' })
    expect(await run('delete_file', { path: 'gone.txt' })).toMatchObject({ kind: 'already', what: 'deleted' })
    expect(new TextDecoder().decode((await subject().get('a.txt'))!.bytes)).toBe('theirs')
  })

  test.each(['write_file', 'delete_file'])('%s refuses a file that changes between the look and the effect', async (action) => {
    await subject().put('a.txt', 'seen')
    const input = { path: 'a.txt', ...(action === 'write_file' ? { content: 'mine' } : {}) }
    // The last moment before the effect: the intent is noted, then the world moves.
    const note = () => subject().put('a.txt', 'theirs, newer')
    expect(await run(action, input, { note })).toMatchObject({ kind: 'conflict' })
    expect(new TextDecoder().decode((await subject().get('a.txt'))!.bytes)).toBe('theirs, newer')
  })

  test('a file that appears between the look and the effect is not overwritten', async () => {
    const note = () => subject().put('new/a.txt', 'theirs')
    expect(await run('write_file', { path: 'new/a.txt', content: 'mine' }, { note })).toMatchObject({ kind: 'conflict' })
    expect(new TextDecoder().decode((await subject().get('new/a.txt'))!.bytes)).toBe('theirs')
  })
}

function declareNames(subject: () => FilesSubject, run: Run, write: Write): void {
  test.each([
    ['readme.md', 'README.md'],
    ['docs/Straße.txt', 'docs/straße.txt'],
    ['caf\u00e9.txt', 'cafe\u0301.txt'],
    ['\ufb01le.txt', 'file.txt'],
    ['Docs/new.txt', 'docs/old.txt']
  ])('%j is refused beside %j, which many systems take for the same', async (path, there) => {
    await subject().put(there, 'there')
    expect(await run('write_file', { path, content: 'x' })).toMatchObject({ kind: 'failed', code: 'name_clash', effect: 'none' })
    expect(await run('write_file', { path: there, content: 'y' })).toMatchObject({ kind: 'done' })
  })

  test.each(['100%.txt', 'a b.txt', 'a%20b.txt', 'ünï/☃.txt', '.hidden', 'a..b', '...x', '-rf', '$x', 'a~', '#', '?*|"<>.txt', "it's"])(
    '%j is an ordinary name',
    async (path) => {
      const { inverse } = await write({ path, content: 'x' })
      expect(await subject().get(path)).not.toBeNull()
      expect((await undo(subject().system, inverse)).kind).toBe('done')
    }
  )

  test('folders are no files, and files no folders', async () => {
    await subject().put('docs/note.md', 'x')
    for (const [action, more] of [
      ['write_file', { content: 'y' }],
      ['delete_file', {}],
      ['read_file', {}]
    ] as const)
      expect(await run(action, { path: 'docs', ...more })).toMatchObject({ kind: 'failed', code: 'is_a_folder', effect: 'none' })
    expect(await run('write_file', { path: 'docs/note.md/x', content: 'y' })).toMatchObject({ kind: 'failed', code: 'not_a_folder' })
    expect(await run('list_dir', { path: 'docs/note.md' })).toMatchObject({ kind: 'failed', code: 'not_a_folder' })
  })

  test('what is locked is one thing for all spellings, and a folder covers its files', () => {
    const of = (path: string) => subject().system.actions['write_file']!.resources({ path, content: '' })[0]!
    expect(of('docs/a b.md')).toBe('filesystem/docs/a%20b.md')
    expect(of('Docs/README.md')).toBe(of('docs/readme.md'))
    const long = of(Array.from({ length: 60 }, (_, at) => `folder${at}`).join('/'))
    expect(long.split('/').length).toBeLessThanOrEqual(32)
    expect(of(`${'ü'.repeat(120)}/${'ü'.repeat(120)}/${'ü'.repeat(120)}`).length).toBeLessThanOrEqual(1024)
  })

  test('outside the allowed folders nothing is touched', async () => {
    const narrow = await (subject() as FilesSubject & { restart(options: JsonObject): Promise<FilesSubject> }).restart({
      folders: ['docs', 'a/b']
    })
    await narrow.put('secret.txt', 'x')
    for (const path of ['secret.txt', 'docsx/a', 'a/c', 'a/bc'])
      expect(await runAction(narrow.system, 'write_file', { path, content: 'y' })).toMatchObject({
        kind: 'failed',
        code: 'path_not_allowed'
      })
    expect(await runAction(narrow.system, 'list_dir', { path: '.' })).toMatchObject({ kind: 'failed', code: 'path_not_allowed' })
    expect(await runAction(narrow.system, 'write_file', { path: 'a/b/c', content: 'y' })).toMatchObject({ kind: 'done' })
    await narrow.close()
  })
}

function declareReading(subject: () => FilesSubject, run: Run): void {
  test('a file is read in parts that end between characters, and every part has the hash of the whole', async () => {
    const text = 'aé☃𝄞'.repeat(20)
    await subject().put('a.txt', text)
    let [read, offset]: [string, number | null] = ['', 0]
    const hashes = new Set()
    while (offset !== null) {
      const part = outputOf(await run('read_file', { path: 'a.txt', offset, max_bytes: 7 }))
      expect(part['encoding']).toBe('utf8')
      read += String(part['content'])
      hashes.add(part['sha256'])
      offset = part['next_offset'] as number | null
    }
    expect([read, hashes.size]).toEqual([text, 1])
    expect(outputOf(await run('read_file', { path: 'a.txt', offset: 10_000 }))).toMatchObject({ content: '', next_offset: null })
    expect(await run('read_file', { path: 'nope.txt' })).toMatchObject({ kind: 'failed', code: 'not_found' })
  })

  test('the receipt of a read has hash and size and nothing of the content; that of a list a number', async () => {
    await subject().put('env.txt', `KEY=${SECRET}`)
    const { read_file, list_dir } = subject().system.actions
    const shown = [
      read_file!.shows!(outputOf(await run('read_file', { path: 'env.txt' }))),
      list_dir!.shows!(outputOf(await run('list_dir', { path: '.' })))
    ]
    expect(JSON.stringify(shown)).not.toContain('KEY')
    expect(shown).toMatchObject([
      { path: 'env.txt', size_bytes: 48, sha256: expect.any(String) },
      { entries: 1, has_more: false }
    ])
  })

  test('a folder is listed page by page, each name once, without what is Enact’s own', async () => {
    const names = Array.from({ length: 25 }, (_, at) => `f${String(at).padStart(2, '0')}.txt`)
    for (const name of names) await subject().put(name, name)
    await subject().put('sub/inner.txt', 'x')
    // So that there is something to hide.
    outputOf(await run('write_file', { path: 'f00.txt', content: 'y' }))
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page: JsonObject = outputOf(await run('list_dir', { path: '.', limit: 10, ...(cursor === null ? {} : { cursor }) }))
      seen.push(...(page['entries'] as { name: string }[]).map(({ name }) => name))
      cursor = page['next_cursor'] as string | null
    } while (cursor !== null)
    expect(seen.toSorted()).toEqual([...names, 'sub'])
    expect(outputOf(await run('list_dir', { path: 'sub' }))['entries']).toEqual([
      { name: 'inner.txt', path: 'sub/inner.txt', kind: 'file', size_bytes: 1, mode: '0644' }
    ])
    expect(await run('list_dir', { path: 'nope' })).toMatchObject({ kind: 'failed', code: 'not_found' })
    expect(outputOf(await run('list_dir', { path: '.' }))).toMatchObject({ path: '.', has_more: false })
  })
}
