// Files that nobody sees yet: written whole, and taken away where they came to nothing.
import { randomUUID } from 'node:crypto'
import { CREATE, orNull, type Disk, type FileHandle } from './disk.ts'
import type { Place } from './place.ts'

const CHUNK_BYTES = 1024 * 1024
/** What a process that died left behind goes when it is this much older than a new file. */
const LEFT_OVER_MS = 3_600_000

/**
 * Hands over the first `size` bytes of a file in order, never whole in memory; the chunk is only good until the next one.
 * A file that grows as fast as it is read has an end all the same.
 */
export async function eachChunk(handle: FileHandle, size: bigint, use: (bytes: Uint8Array) => void | Promise<void>): Promise<void> {
  const buffer = new Uint8Array(CHUNK_BYTES)
  for (let at = 0; at < size;) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, Number(size) - at), at)
    if (bytesRead === 0) return
    await use(buffer.subarray(0, bytesRead))
    at += bytesRead
  }
}

/** A new file in `tmp`, written by `fill`, on disk when this resolves; gives its name. Nothing is left where it fails. */
export async function newTemporary(
  disk: Disk,
  tmp: Place,
  fill: (handle: FileHandle, write: (bytes: Uint8Array) => Promise<void>) => Promise<void>
): Promise<string> {
  const name = randomUUID()
  const handle = await disk.open(tmp.at(name), CREATE, 0o600)
  const write = async (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten
  }
  try {
    const work = fill(handle, write).then(() => handle.sync())
    await work.finally(() => handle.close())
  } catch (error) {
    await drop(disk, tmp, name)
    throw error
  }
  return name
}

/** Takes it away, if it is there still. */
export async function drop(disk: Disk, tmp: Place, name: string): Promise<void> {
  await disk.unlink(tmp.at(name)).catch(() => undefined)
}

/** Takes away what other processes left when they died. `newest` is a file just made, whose time is the disk's own. */
export async function sweep(disk: Disk, tmp: Place, newest: string): Promise<void> {
  const { mtimeMs } = await disk.lstat(tmp.at(newest))
  for (const name of await disk.readdir(tmp.self)) {
    const stat = await orNull(disk.lstat(tmp.at(name)), 'ENOENT')
    if (stat !== null && stat.mtimeMs < mtimeMs - LEFT_OVER_MS) await drop(disk, tmp, name)
  }
}

/** Of a file with two names: where the other one is a leftover of ours (a crash while it was put in place), that name goes. */
export async function dropOwnName(disk: Disk, tmp: Place, inode: bigint): Promise<boolean> {
  let isOurs = false
  for (const name of await disk.readdir(tmp.self)) {
    const stat = await orNull(disk.lstat(tmp.at(name), { bigint: true }), 'ENOENT')
    if (stat?.ino !== inode) continue
    await drop(disk, tmp, name)
    isOurs = true
  }
  return isOurs
}
