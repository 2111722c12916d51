// Before-images of a folder: each content once, under its hash, and checked when it comes back.
import { newSha256 } from '../digest.ts'
import { FileFailure, moved } from '../store.ts'
import type { Base } from './base.ts'
import { orNull, READ, type Disk } from './disk.ts'
import { withFile } from './look.ts'
import type { Place } from './place.ts'
import { drop, eachChunk, newTemporary } from './temporary.ts'

/** Copies the content of a file whose hash is known. A copy that was damaged is made anew. */
export async function keep(base: Base, path: string, sha256: string): Promise<void> {
  const { disk } = base
  await base.use(path, async (top) => {
    if (await base.inObjects(top, sha256, (objects) => isKept(disk, objects, sha256))) return
    const isCopied = await withFile(base, path, (handle, { size }) =>
      base.inTemporary(top, async (tmp) => {
        const hash = newSha256()
        const name = await newTemporary(disk, tmp, (_, write) =>
          eachChunk(handle, size, (bytes) => {
            hash.update(bytes)
            return write(bytes)
          })
        )
        try {
          if (hash.hex() !== sha256) return false
          await base.inObjects(top, sha256, async (objects) => {
            await disk.rename(tmp.at(name), objects.at(sha256))
            await objects.sync()
          })
          return true
        } finally {
          await drop(disk, tmp, name)
        }
      })
    )
    if (isCopied !== true) throw moved(path)
  })
}

/** Hands over what is kept under a hash. Throws at its end where it was not that: nothing of it must be used then. */
export async function copyKept(base: Base, top: Place, sha256: string, write: (bytes: Uint8Array) => Promise<void>): Promise<void> {
  const hash = newSha256()
  const isThere = await base.inObjects(top, sha256, async (objects) => {
    const handle = await orNull(base.disk.open(objects.at(sha256), READ), 'ENOENT')
    if (handle === null) return false
    const { size } = await handle.stat({ bigint: true })
    const work = eachChunk(handle, size, (bytes) => {
      hash.update(bytes)
      return write(bytes)
    })
    await work.finally(() => handle.close())
    return true
  })
  if (!isThere) throw new FileFailure('before_image_gone', 'the kept content is not there any more: it cannot be put back')
  if (hash.hex() !== sha256) throw new FileFailure('before_image_damaged', 'the kept content is not what its hash says: it is not put back')
}

async function isKept(disk: Disk, objects: Place, sha256: string): Promise<boolean> {
  const handle = await orNull(disk.open(objects.at(sha256), READ), 'ENOENT')
  if (handle === null) return false
  const hash = newSha256()
  const { size } = await handle.stat({ bigint: true })
  const work = eachChunk(handle, size, (bytes) => hash.update(bytes))
  return work.then(() => hash.hex() === sha256).finally(() => handle.close())
}
