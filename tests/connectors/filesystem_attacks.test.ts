// What somebody with a hand in the folder can do, and what disks do by themselves: nothing leaves the base, nothing hangs, nothing is half done.
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { createServer } from 'node:net'
import { basename, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { disk as nodeDisk, type Disk } from '../../src/connectors/filesystem/folder/disk.ts'
import { folderStore, resolveBase } from '../../src/connectors/filesystem/folder/index.ts'
import { HOLDING } from '../../src/connectors/filesystem/folder/place.ts'
import { filesystem, type FileStore } from '../../src/connectors/filesystem/index.ts'
import type { ActionResult } from '../../src/engine/connector.ts'
import type { JsonObject } from '../../src/engine/schema.ts'
import { inverseOf, newCall, outputOf, recoverAction, runAction, undo } from './contract.ts'
import { snapshotOf, startFolder, type FolderWorld } from './filesystem_world.ts'

const isRoot = process.getuid?.() === 0
let world: FolderWorld
const opened: FileStore[] = []
beforeEach(async () => void (world = await startFolder({})))
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()))
  await world.close()
})

const inBase = (...path: string[]) => join(world.base, ...path)
const run = (action: string, input: JsonObject) => runAction(world.system, action, input)
const everyAction = (path: string): [string, JsonObject][] => [
  ['read_file', { path }],
  ['write_file', { path, content: 'escaped' }],
  ['delete_file', { path }]
]
/** The same folder on a disk that behaves as told. */
const over = (disk: Partial<Disk>, holding = HOLDING) => {
  const store = folderStore({ base: resolveBase(world.base)!, max_bytes: 1e8, holding }, { ...nodeDisk, ...disk })
  opened.push(store)
  return filesystem({ store })
}
const errno = (code: string) => Object.assign(new Error(`${code}: at ${world.base}`), { code })
const leftovers = () => (fs.existsSync(inBase('.enact/files/tmp')) ? fs.readdirSync(inBase('.enact/files/tmp')) : [])

describe('links', () => {
  test.each([
    ['to a file outside', 'link', () => fs.symlinkSync(join(world.around, 'outside.txt'), inBase('link'))],
    ['to a file inside', 'link', () => fs.symlinkSync('real.txt', inBase('link'))],
    ['to nothing', 'link', () => fs.symlinkSync(join(world.around, 'not-there'), inBase('link'))],
    ['to itself', 'link', () => fs.symlinkSync('link', inBase('link'))],
    ['of a folder to one outside', 'link/key.pem', () => fs.symlinkSync(join(world.around, 'beside'), inBase('link'))],
    ['of a folder to the base', 'link/real.txt', () => fs.symlinkSync('.', inBase('link'))],
    ['below a folder, by `..`', 'a/link/outside.txt', () => [fs.mkdirSync(inBase('a')), fs.symlinkSync('../..', inBase('a/link'))]]
  ])('%s are not followed', async (_what, path, make) => {
    await world.put('real.txt', 'inside')
    make()
    const [inside, outside] = [snapshotOf(world.base), await world.outside()]
    for (const [action, input] of everyAction(path)) {
      expect(await run(action, input), action).toMatchObject({ kind: 'failed', code: 'symlink', effect: 'none' })
    }
    expect([await world.snapshot(), await world.outside()]).toEqual([inside, outside])
  })

  test('are listed as what they are, and not entered', async () => {
    fs.symlinkSync(join(world.around, 'beside'), inBase('link'))
    expect(outputOf(await run('list_dir', { path: '.' }))['entries']).toMatchObject([{ name: 'link', kind: 'other', size_bytes: null }])
    expect(await run('list_dir', { path: 'link' })).toMatchObject({ kind: 'failed', code: 'symlink' })
  })

  test.each(['.enact', '.enact/files', '.enact/files/objects', '.enact/files/tmp'])(
    'in the place of %s send nothing outside',
    async (own) => {
      await world.put('a.txt', 'before')
      fs.mkdirSync(join(inBase(own), '..'), { recursive: true })
      fs.symlinkSync(join(world.around, 'beside'), inBase(own))
      const outside = await world.outside()
      for (const [action, input] of everyAction('a.txt').slice(1))
        expect(await run(action, input)).toMatchObject({ kind: 'failed', code: 'symlink' })
      expect(await world.outside()).toEqual(outside)
      expect(fs.readFileSync(inBase('a.txt'), 'utf8')).toBe('before')
    }
  )

  test.skipIf(HOLDING !== 'held')(
    'exchanged for folders and files all the time, while we work, lead nowhere: 0 escapes',
    async () => {
      fs.mkdirSync(inBase('docs'))
      fs.mkdirSync(join(world.around, 'target'))
      fs.writeFileSync(join(world.around, 'target', 'x.txt'), 'OUTSIDE')
      const outside = await world.outside()
      const stop = new Int32Array(new SharedArrayBuffer(4))
      const swapper = new Worker(new URL('filesystem_swapper.ts', import.meta.url), {
        workerData: { base: world.base, outside: join(world.around, 'target'), stop }
      })
      await new Promise((resolve) => swapper.once('message', resolve))
      const kinds = new Map<string, number>()
      const seen = (result: ActionResult) => {
        const kind = result.kind === 'failed' ? result.code : result.kind
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
        expect(JSON.stringify(result)).not.toContain('OUTSIDE')
      }
      for (let round = 0; round < 300; round++) {
        for (const [action, input] of everyAction('docs/x.txt')) seen(await run(action, input))
        seen(await run('list_dir', { path: 'docs' }))
      }
      Atomics.store(stop, 0, 1)
      const rounds = await new Promise((resolve) => swapper.once('message', resolve))
      expect(await world.outside()).toEqual(outside)
      // It was a race: the other side was at work, and ours met it in more than one state.
      expect(rounds).toBeGreaterThan(100)
      expect(kinds.size, JSON.stringify([...kinds])).toBeGreaterThan(2)
    },
    60_000
  )

  test.each(['held', 'checked'] as const)('put in the place of the base itself are not followed (%s)', async (holding) => {
    if (holding === 'held' && HOLDING !== 'held') return
    const system = over({}, holding)
    fs.renameSync(world.base, join(world.around, 'gone'))
    fs.symlinkSync(join(world.around, 'beside'), world.base)
    const outside = await world.outside()
    for (const [action, input] of everyAction('key.pem'))
      expect(await runAction(system, action, input)).toMatchObject({ kind: 'failed', effect: 'none' })
    expect(await world.outside()).toEqual(outside)
  })
})

describe('what is no plain file', () => {
  test('pipes and sockets are refused at once: nobody waits at the other end', async () => {
    execFileSync('mkfifo', [inBase('pipe')])
    const server = createServer().listen(inBase('socket'))
    await new Promise((resolve) => server.once('listening', resolve))
    for (const path of ['pipe', 'socket'])
      for (const [action, input] of everyAction(path))
        expect(await run(action, input)).toMatchObject({ kind: 'failed', code: 'not_a_file', effect: 'none' })
    expect(fs.lstatSync(inBase('pipe')).isFIFO()).toBe(true)
    await new Promise((resolve) => server.close(resolve))
  })

  test('a pipe that takes the place of a file after the look does not hang the reader', async () => {
    await world.put('a', 'x')
    const lstat = (async (path: fs.PathLike, options: never) => {
      const stat = await nodeDisk.lstat(path, options)
      if (basename(String(path)) === 'a' && stat.isFile()) {
        fs.rmSync(inBase('a'))
        execFileSync('mkfifo', [inBase('a')])
      }
      return stat
    }) as unknown as Disk['lstat']
    expect(await runAction(over({ lstat }), 'read_file', { path: 'a' })).toMatchObject({ kind: 'failed', code: 'not_a_file' })
  })

  test('a file with another name, which may be outside, is neither read nor changed', async () => {
    fs.linkSync(join(world.around, 'outside.txt'), inBase('hard.txt'))
    const outside = await world.outside()
    for (const [action, input] of everyAction('hard.txt'))
      expect(await run(action, input)).toMatchObject({ kind: 'failed', code: 'hard_link', effect: 'none' })
    expect(await world.outside()).toEqual(outside)
  })
})

describe('a disk', () => {
  test.each([
    ['EACCES', 'forbidden'],
    ['EPERM', 'forbidden'],
    ['ENOSPC', 'no_space'],
    ['EDQUOT', 'no_space'],
    ['EROFS', 'read_only'],
    ['EXDEV', 'other_device'],
    ['ENOTSUP', 'no_links'],
    ['EMFILE', 'busy']
  ])('that answers %s has changed nothing, and nothing is left behind', async (code, expected) => {
    await world.put('old.txt', 'before')
    const before = await world.snapshot()
    const fail = () => Promise.reject(errno(code))
    const rename: Disk['rename'] = (from, to) => (/^[0-9a-f]{64}$/.test(basename(String(to))) ? nodeDisk.rename(from, to) : fail())
    const system = over({ link: fail, rename })
    for (const [action, input] of [
      ['write_file', { path: 'new/deep/a.txt', content: 'x' }],
      ['write_file', { path: 'old.txt', content: 'x' }],
      ['delete_file', { path: 'old.txt' }]
    ] as const) {
      const result = await runAction(system, action, input)
      expect(result).toMatchObject({
        kind: 'failed',
        code: expected,
        effect: 'none',
        message: expect.stringContaining(`\`${input.path}\``)
      })
      // Where the base is, is no agent's business.
      expect(JSON.stringify(result)).not.toContain(world.around)
    }
    expect([await world.snapshot(), leftovers()]).toEqual([before, []])
  })

  test('that is full in the middle of a file leaves the old one whole', async () => {
    await world.put('a.txt', 'before')
    const open = (async (path: string, flags: number, mode?: number) => {
      const handle = await nodeDisk.open(path, flags, mode)
      if (flags & fs.constants.O_CREAT) handle.write = (() => Promise.reject(errno('ENOSPC'))) as never
      return handle
    }) as unknown as Disk['open']
    expect(await runAction(over({ open }), 'write_file', { path: 'a.txt', content: 'x'.repeat(100) })).toMatchObject({
      code: 'no_space',
      effect: 'none'
    })
    expect([fs.readFileSync(inBase('a.txt'), 'utf8'), leftovers()]).toEqual(['before', []])
  })

  test('that fails after the change says that nobody knows, and looking finds it', async () => {
    let syncs = 0
    const open = (async (path: string, flags: number, mode?: number) => {
      const handle = await nodeDisk.open(path, flags, mode)
      if (flags & fs.constants.O_DIRECTORY) handle.sync = () => (syncs++, Promise.reject(errno('EIO')))
      return handle
    }) as unknown as Disk['open']
    const [system, input, call] = [over({ open }), { path: 'new/a.txt', content: 'x' }, newCall()]
    expect(await runAction(system, 'write_file', input, call)).toMatchObject({ kind: 'failed', code: 'io_error', effect: 'unknown' })
    expect(syncs).toBeGreaterThan(0)
    const seen = await recoverAction(world.system, 'write_file', input, call)
    expect(seen).toMatchObject({ kind: 'done', output: { created: true, created_folders: ['new'] } })
  })

  test('a process that died before the change, or while it was made, leaves nothing that matters', async () => {
    // Before: a file in `tmp`. Old ones go with the next write, young ones may be somebody's.
    outputOf(await run('write_file', { path: 'a.txt', content: 'x' }))
    const tmp = inBase('.enact/files/tmp')
    fs.writeFileSync(join(tmp, 'old'), 'x')
    fs.utimesSync(join(tmp, 'old'), 1, 1)
    fs.writeFileSync(join(tmp, 'young'), 'x')
    const next = await world.restart({})
    opened.push({ close: () => next.release() } as FileStore)
    outputOf(await runAction(next.system, 'write_file', { path: 'b.txt', content: 'x' }))
    expect(leftovers()).toEqual(['young'])
    // While: the new name is there and the old one in `tmp` not yet gone.
    fs.writeFileSync(inBase('c.txt'), 'made')
    fs.linkSync(inBase('c.txt'), join(tmp, 'half'))
    expect(
      await recoverAction(
        world.system,
        'write_file',
        { path: 'c.txt', content: 'made' },
        newCall({ notes: [{ before: null, created_folders: [] }] })
      )
    ).toMatchObject({ kind: 'done' })
    expect(leftovers()).toEqual(['young'])
  })

  test('a file that is exchanged in the last moment is given back', async () => {
    await world.put('a.txt', 'seen')
    const rename: Disk['rename'] = (from, to) => {
      if (basename(String(from)) === 'a.txt') {
        fs.writeFileSync(inBase('theirs'), 'theirs')
        fs.renameSync(inBase('theirs'), inBase('a.txt'))
      }
      return nodeDisk.rename(from, to)
    }
    expect(await runAction(over({ rename }), 'delete_file', { path: 'a.txt' })).toMatchObject({ kind: 'conflict' })
    expect([fs.readFileSync(inBase('a.txt'), 'utf8'), leftovers()]).toEqual(['theirs', []])
  })

  test('a file that grows while it is read is not taken for what it was', async () => {
    await world.put('log.txt', 'one')
    const open = (async (path: string, flags: number, mode?: number) => {
      const handle = await nodeDisk.open(path, flags, mode)
      if (basename(path) === 'log.txt') {
        const read = handle.read.bind(handle) as (...args: unknown[]) => unknown
        handle.read = ((...args: unknown[]) => {
          fs.appendFileSync(inBase('log.txt'), 'more')
          return read(...args)
        }) as never
      }
      return handle
    }) as unknown as Disk['open']
    expect(await runAction(over({ open }), 'write_file', { path: 'log.txt', content: 'x' })).toMatchObject({
      kind: 'failed',
      code: 'busy',
      effect: 'none'
    })
  })
})

describe('permissions', () => {
  test('are exactly as said under any umask, and what is kept is its owner’s alone', async () => {
    const umask = process.umask(0o077)
    try {
      await world.put('a.txt', 'before', '0640')
      outputOf(await run('write_file', { path: 'a.txt', content: 'x' }))
      outputOf(await run('write_file', { path: 'new.sh', content: 'x', mode: '0755' }))
    } finally {
      process.umask(umask)
    }
    const modeOf = (path: string) => (fs.statSync(inBase(path)).mode & 0o7777).toString(8)
    expect([modeOf('a.txt'), modeOf('new.sh'), modeOf('.enact/files'), modeOf('.enact/files/objects')]).toEqual([
      '640',
      '755',
      '700',
      '700'
    ])
    const kept = fs.readdirSync(inBase('.enact/files/objects'), { recursive: true, encoding: 'utf8' }).find((path) => path.includes('/'))!
    expect(modeOf(`.enact/files/objects/${kept}`)).toBe('600')
    expect(fs.readFileSync(inBase('.enact/files/.gitignore'), 'utf8')).toBe('*\n')
  })

  test('a program that runs as its owner loses that when it is rewritten, and has it again when it is put back', async () => {
    await world.put('tool', 'before', '4755')
    const input = { path: 'tool', content: 'after' }
    const output = outputOf(await run('write_file', input))
    expect((await world.get('tool'))!.mode).toBe('0755')
    expect((await undo(world.system, inverseOf(world.system, 'write_file', input, output))).kind).toBe('done')
    expect((await world.get('tool'))!.mode).toBe('4755')
  })

  test.skipIf(!isRoot)('a file of another owner stays his, also when it was gone', async () => {
    await world.put('theirs.txt', 'x')
    fs.chownSync(inBase('theirs.txt'), 1234, 1235)
    const owner = () => [fs.statSync(inBase('theirs.txt')).uid, fs.statSync(inBase('theirs.txt')).gid]
    for (const [action, input] of everyAction('theirs.txt').slice(1)) {
      const output = outputOf(await run(action, input))
      if (action === 'write_file') expect(owner()).toEqual([1234, 1235])
      expect((await undo(world.system, inverseOf(world.system, action, input, output))).kind).toBe('done')
      expect(owner()).toEqual([1234, 1235])
    }
  })
})

describe('the base', () => {
  test.each(['/', '/not/there', '', 'package.json'])('%j is none', (folder) => {
    expect(() => filesystem({ folder })).toThrow('folder')
  })

  test('exactly one place is given', () => {
    expect(() => filesystem({})).toThrow('one of')
    const store = folderStore({ base: resolveBase(world.base)!, max_bytes: 1 })
    expect(() => filesystem({ store, folder: world.base })).toThrow('one of')
    expect(() => filesystem({ folder: world.base, folders: ['../x'] })).toThrow('folders')
  })

  test('a link to it is resolved once, when it is configured', async () => {
    fs.symlinkSync(world.base, join(world.around, 'link'))
    const system = filesystem({ folder: join(world.around, 'link') })
    fs.unlinkSync(join(world.around, 'link'))
    fs.symlinkSync(join(world.around, 'beside'), join(world.around, 'link'))
    expect(system.scope).toMatchObject({ folder: resolveBase(world.base) })
    const { client, close } = await system.connect()
    const read = system.actions['read_file']!
    expect(await read.run(client as never, { path: 'key.pem' } as never, newCall())).toMatchObject({ code: 'not_found' })
    await close!()
  })

  test('a large file is kept and comes back in pieces', async () => {
    const large = Buffer.alloc(30_000_000, 'enact')
    fs.writeFileSync(inBase('large.bin'), large)
    const input = { path: 'large.bin', content: 'small' }
    const output = outputOf(await run('write_file', input))
    expect(JSON.stringify(output).length).toBeLessThan(1_000)
    expect((await undo(world.system, inverseOf(world.system, 'write_file', input, output))).kind).toBe('done')
    expect(fs.readFileSync(inBase('large.bin')).equals(large)).toBe(true)
  })
})
