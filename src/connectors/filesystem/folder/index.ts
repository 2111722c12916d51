// Files in a real folder (Node): nothing outside it is read or changed, whoever exchanges what for links meanwhile.
import { segmentsOf } from '../path.ts'
import { FileFailure, type Content, type FileStore } from '../store.ts'
import { Base } from './base.ts'
import { place, remove } from './change.ts'
import { disk as nodeDisk, type Disk } from './disk.ts'
import { copyKept, keep } from './kept.ts'
import { listFolder } from './list.ts'
import { readPart, seenOf, withFile } from './look.ts'
import { HOLDING, inFolder, type Holding, type Place } from './place.ts'
import { drop, newTemporary, sweep } from './temporary.ts'

export { resolveBase } from './base.ts'

/** `base` as `resolveBase` gave it. */
interface Options {
  readonly base: string
  readonly max_bytes: number
  readonly holding?: Holding
}

/** A store over the folder. What it keeps stands in `.enact/files` of the same folder. */
export function folderStore({ base: path, max_bytes, holding = HOLDING }: Options, disk: Disk = nodeDisk): FileStore {
  const base = new Base(disk, path, holding)
  let isSwept = false
  return {
    look: (file) => withFile(base, file, (handle, stat) => seenOf(file, handle, stat, max_bytes)),
    read: (file, offset, length) =>
      withFile(base, file, async (handle, stat) => {
        const bytes = await readPart(handle, stat, offset, length)
        return { bytes, seen: await seenOf(file, handle, stat, max_bytes) }
      }),
    missingFolders: (file) => base.use(file, (top) => missingFolders(top, file)),
    async keep(file, { sha256, size_bytes }) {
      if (sha256 === null) throw new FileFailure('too_large', `\`${file}\` has ${size_bytes} bytes: that is too much to be kept`)
      await keep(base, file, sha256)
    },
    async stage(content) {
      const name = await base.use('.', (top) =>
        base.inTemporary(top, async (tmp) => {
          const made = await stage(base, top, tmp, content)
          if (!isSwept) await sweep(disk, tmp, made)
          isSwept = true
          return made
        })
      )
      return {
        place: (file, expected, folders) => place(base, name, file, expected, folders),
        // A file that stays behind does no harm, and goes with the next sweep.
        discard: () => base.use('.', (top) => base.inTemporary(top, (tmp) => drop(disk, tmp, name))).catch(() => undefined)
      }
    },
    remove: (file, expected, folders) => remove(base, file, expected, folders),
    list: (folder, cursor, limit) =>
      base.use(folder, (top) =>
        inFolder(top, segmentsOf(folder), folder, (found) => listFolder(disk, found, folder === '.', cursor, limit))
      ),
    close: () => base.close()
  }
}

async function missingFolders(top: Place, file: string): Promise<string[]> {
  const segments = segmentsOf(file)
  const folders = segments.slice(0, -1)
  for (const [at, name] of segments.entries()) {
    const isThere = await inFolder(top, folders.slice(0, at), file, (parent) => parent.has(name, file))
    if (isThere !== true) return folders.slice(at).map((_, more) => folders.slice(0, at + more + 1).join('/'))
  }
  return []
}

function stage(base: Base, top: Place, tmp: Place, { from, attributes, mode }: Content): Promise<string> {
  return newTemporary(base.disk, tmp, async (handle, write) => {
    if ('bytes' in from) await write(from.bytes)
    else await copyKept(base, top, from.kept, write)
    const { uid, gid } = attributes ?? {}
    // Before the mode: a change of owner takes set-user-id bits away. Refused, the file would come back as somebody else's.
    if (typeof uid === 'number' && typeof gid === 'number') await handle.chown(uid, gid)
    await handle.chmod(Number.parseInt(mode, 8))
  })
}
