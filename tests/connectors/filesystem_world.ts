// A real folder for tests, with something beside it, and a disk whose single calls can fail.
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { filesystem } from '../../src/connectors/filesystem/index.ts'
import { disk as nodeDisk, type Disk } from '../../src/connectors/filesystem/folder/disk.ts'
import { folderStore, resolveBase } from '../../src/connectors/filesystem/folder/index.ts'
import type { Holding } from '../../src/connectors/filesystem/folder/place.ts'
import type { JsonObject } from '../../src/engine/schema.ts'
import type { Trouble } from './contract.ts'
import type { FilesSubject } from './files_suite.ts'

export interface FolderWorld extends FilesSubject {
  /** The base, and the folder that it is in. */
  readonly base: string
  readonly around: string
  restart(options: JsonObject): Promise<FolderWorld>
  /** Gives the store back, and leaves the folder. */
  release(): Promise<void>
}

/** What `use` makes of a folder: every name with its bytes and mode. */
export function snapshotOf(folder: string, skip: (path: string) => boolean = () => false): Record<string, unknown> {
  const seen: Record<string, unknown> = {}
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (skip(path)) continue
    const at = join(folder, path)
    const stat = lstatSync(at)
    const mode = (stat.mode & 0o7777).toString(8)
    seen[path] = stat.isSymbolicLink() ? `-> ${readlinkSync(at)}` : stat.isFile() ? [mode, readFileSync(at, 'base64')] : [mode]
  }
  return seen
}

export async function startFolder(options: JsonObject, holding?: Holding, around = newAround()): Promise<FolderWorld> {
  const base = join(around, 'base')
  const { disk, state } = troubledDisk()
  const { max_bytes = 100_000_000, ...rest } = options
  const store = folderStore({ base: resolveBase(base)!, max_bytes: Number(max_bytes), ...(holding ? { holding } : {}) }, disk)
  return {
    base,
    around,
    system: filesystem({ store, max_bytes: Number(max_bytes), ...rest }),
    snapshot: () => snapshotOf(base, (path) => path.split('/')[0] === '.enact'),
    effects: () => state.effects,
    trouble: (_action, kind) => void (state.next = kind),
    async put(path, content, mode = '0644') {
      mkdirSync(dirname(join(base, path)), { recursive: true })
      writeFileSync(join(base, path), content)
      chmodSync(join(base, path), Number.parseInt(mode, 8))
    },
    remove: async (path) => rmSync(join(base, path)),
    async get(path) {
      if (!existsSync(join(base, path))) return null
      const mode = (lstatSync(join(base, path)).mode & 0o7777).toString(8).padStart(4, '0')
      return { bytes: new Uint8Array(readFileSync(join(base, path))), mode }
    },
    outside: async () => snapshotOf(around, (path) => path === 'base' || path.startsWith('base/')),
    async spoil(sha256, how) {
      const kept = join(base, '.enact/files/objects', sha256.slice(0, 2), sha256)
      if (how === 'lose') rmSync(kept)
      else writeFileSync(kept, 'spoilt')
    },
    restart: (more) => startFolder(more, holding, around),
    release: () => store.close(),
    async close() {
      for (const end of state.hung) end()
      await store.close()
      rmSync(around, { recursive: true, force: true })
    }
  }
}

function newAround(): string {
  const around = mkdtempSync(join(tmpdir(), 'enact-files-'))
  mkdirSync(join(around, 'base'))
  writeFileSync(join(around, 'outside.txt'), 'nobody may read or change this')
  mkdirSync(join(around, 'beside'))
  writeFileSync(join(around, 'beside', 'key.pem'), 'nor this')
  return around
}

interface TroubledState {
  effects: number
  next: Trouble | null
  /** Ends what never answered, so that nothing stays open. */
  readonly hung: (() => void)[]
}

/** A disk that counts effects (a name appears, is exchanged or goes) and has trouble with the next one when told so. */
function troubledDisk(): { disk: Disk; state: TroubledState } {
  const state: TroubledState = { effects: 0, next: null, hung: [] }
  const failed = () => Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
  const effect =
    <A extends unknown[]>(act: (...args: A) => Promise<void>, counts: (...args: A) => boolean) =>
    async (...args: A): Promise<void> => {
      if (!counts(...args)) return act(...args)
      const trouble = state.next
      state.next = null
      if (trouble === 'refused') throw failed()
      if (trouble === 'silent') return new Promise((_, reject) => state.hung.push(() => reject(failed())))
      await act(...args)
      state.effects++
      if (trouble === 'lost') throw failed()
    }
  // Content that is being kept is nothing that anybody sees.
  const isVisible = (_from: unknown, to: unknown) => !/^[0-9a-f]{64}$/.test(basename(String(to)))
  return { state, disk: { ...nodeDisk, link: effect(nodeDisk.link, () => true), rename: effect(nodeDisk.rename, isVisible) } }
}
