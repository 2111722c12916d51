// A compliance export on disk: read a piece at a time, and only where it is exactly such a ZIP as Enact writes.
import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { nodeHash } from '../../adapters/hash/index.ts'
import { crc32, readZip, type ZipPlace } from '../../engine/index.ts'
import { exit } from '../exit.ts'

const CHUNK_BYTES = 1_000_000
/** A line is a receipt or a proof; a text a manifest, keys or a statement. */
const LINE_BYTES_MAX = 64_000_000
const TEXT_BYTES_MAX = 32_000_000

/** Its files, or what is wrong with it. */
export interface ZipFile {
  readonly files: ReadonlyMap<string, ZipPlace>
  readonly problem: string | null
  /** A whole file as text; null where it is missing, too long or not UTF-8. */
  text(name: string): Promise<string | null>
  /** The lines of a file, of which each ends in a line feed; nothing where it is missing. */
  lines(name: string): AsyncGenerator<string>
  /** What is wrong with a file's bytes, or its SHA-256. */
  digest(name: string): Promise<{ readonly problem: string } | { readonly sha256: string }>
  close(): Promise<void>
}

/** Whether the file begins as a ZIP does. */
export async function isZip(path: string): Promise<boolean> {
  const handle = await opened(path)
  try {
    const head = await readAt(handle, 0, 4)
    return path.toLowerCase().endsWith('.zip') || (head.length === 4 && nodeHash.text(head.map((byte) => byte & 0x7f)) === 'PK\u0003\u0004')
  } finally {
    await handle.close()
  }
}

/** Opens it; never throws for what is in it. */
export async function openZip(path: string): Promise<ZipFile> {
  const handle = await opened(path)
  const { size } = await handle.stat()
  const found = await readZip(size, (at, length) => readAt(handle, at, length), nodeHash)
  const files = new Map(typeof found === 'string' ? [] : found.map((place) => [place.name, place]))
  const chunks = async function* (name: string) {
    const { offset, size: left } = files.get(name) ?? { offset: 0, size: 0 }
    for (let at = 0; at < left; at += CHUNK_BYTES) yield await readAt(handle, offset + at, Math.min(CHUNK_BYTES, left - at))
  }
  return {
    files,
    problem: typeof found === 'string' ? found : null,
    async text(name) {
      const place = files.get(name)
      if (place === undefined || place.size > TEXT_BYTES_MAX) return null
      try {
        return nodeHash.text(await readAt(handle, place.offset, place.size))
      } catch {
        return null
      }
    },
    async *lines(name) {
      let rest: Buffer = Buffer.alloc(0)
      for await (const chunk of chunks(name)) {
        rest = Buffer.concat([rest, chunk])
        let from = 0
        for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, from)) {
          yield rest.toString('utf8', from, end)
          from = end + 1
        }
        rest = rest.subarray(from)
        if (rest.length > LINE_BYTES_MAX) return yield 'a line that is too long'
      }
      if (rest.length > 0) yield rest.toString('utf8')
    },
    async digest(name) {
      const hash = createHash('sha256')
      let crc = 0
      for await (const chunk of chunks(name)) {
        hash.update(chunk)
        crc = crc32(chunk, crc)
      }
      return crc === files.get(name)?.crc
        ? { sha256: hash.digest('hex') }
        : { problem: `\`${name}\` is not what the archive's checksum says` }
    },
    close: () => handle.close()
  }
}

async function opened(path: string): Promise<FileHandle> {
  return open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw exit('usage', `\`${path}\` cannot be read (${error.code ?? 'unknown reason'})`)
  })
}

/** Fewer bytes where the file ends before. */
async function readAt(handle: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, length))
  let read = 0
  while (read < bytes.length) {
    const { bytesRead } = await handle.read(bytes, read, bytes.length - read, at + read)
    if (bytesRead === 0) break
    read += bytesRead
  }
  return bytes.subarray(0, read)
}
