// Looking at a plain file: opened once, never through a link, and hashed in pieces.
import type { BigIntStats } from 'node:fs'
import { newSha256 } from '../digest.ts'
import { FileFailure, type Seen } from '../store.ts'
import type { Base } from './base.ts'
import { orNull, READ, type FileHandle } from './disk.ts'
import { dropOwnName, eachChunk } from './temporary.ts'

/** What tells a state of a file from a later one. */
export type Version = Pick<BigIntStats, 'dev' | 'ino' | 'size' | 'mtimeNs' | 'ctimeNs'>

/** Opens a plain file; null where nothing is there. */
export async function withFile<T>(base: Base, path: string, use: (handle: FileHandle, stat: BigIntStats) => Promise<T>): Promise<T | null> {
  const { disk } = base
  return base.inParent(path, async (parent, name, top) => {
    // Before it is opened: opening a device may already do something.
    const found = await orNull(disk.lstat(parent.at(name), { bigint: true }), 'ENOENT')
    if (found === null) return null
    checkPlain(found, path)
    const handle = await orNull(disk.open(parent.at(name), READ), 'ENOENT')
    if (handle === null) return null
    try {
      await parent.check(path)
      const stat = await handle.stat({ bigint: true })
      checkPlain(stat, path)
      if (stat.nlink <= 1n) return await use(handle, stat)
      if (!(await base.inTemporary(top, (tmp) => dropOwnName(disk, tmp, stat.ino))))
        throw new FileFailure('hard_link', `\`${path}\` has another name, which may be outside the base folder`)
      return await use(handle, await handle.stat({ bigint: true }))
    } finally {
      await handle.close()
    }
  })
}

/** The state of an open file. Throws `busy` where somebody writes to it meanwhile. */
export async function seenOf(path: string, handle: FileHandle, stat: BigIntStats, maxBytes: number): Promise<Seen> {
  const hash = newSha256()
  const isHashed = stat.size <= BigInt(maxBytes)
  if (isHashed) await eachChunk(handle, stat.size, (bytes) => hash.update(bytes))
  const now = await handle.stat({ bigint: true })
  if (!isSame(now, stat)) throw new FileFailure('busy', `\`${path}\` is being written by somebody else`)
  const { dev, ino, size, mtimeNs, ctimeNs } = stat
  return {
    sha256: isHashed ? hash.hex() : null,
    size_bytes: Number(size),
    mode: (Number(stat.mode) & 0o7777).toString(8).padStart(4, '0'),
    attributes: ownerOf(stat),
    version: { dev, ino, size, mtimeNs, ctimeNs } satisfies Version
  }
}

/** At most `length` bytes from `offset` on. */
export async function readPart(handle: FileHandle, stat: BigIntStats, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, Math.min(length, Number(stat.size) - offset)))
  let size = 0
  while (size < bytes.length) {
    const { bytesRead } = await handle.read(bytes, size, bytes.length - size, offset + size)
    if (bytesRead === 0) break
    size += bytesRead
  }
  return bytes.subarray(0, size)
}

export function isSame(a: Version, b: Version): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs
}

function checkPlain(stat: BigIntStats, path: string): void {
  if (stat.isSymbolicLink()) throw new FileFailure('symlink', `\`${path}\` is a link, and links are not followed`)
  if (stat.isDirectory()) throw new FileFailure('is_a_folder', `\`${path}\` is a folder`)
  if (!stat.isFile()) throw new FileFailure('not_a_file', `\`${path}\` is no plain file`)
}

/** The owner, where a new file of this process would have another one. */
function ownerOf({ uid, gid }: BigIntStats): { uid: number; gid: number } | null {
  if (process.geteuid === undefined || process.getegid === undefined) return null
  return Number(uid) === process.geteuid() && Number(gid) === process.getegid() ? null : { uid: Number(uid), gid: Number(gid) }
}
