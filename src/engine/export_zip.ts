// The ZIP that an export is: stored, not compressed, every size and checksum before its bytes, no extras. One ledger state gives one sequence of bytes,
// whose length is known beforehand, and a reader can refuse everything else. fflate's stream writes sizes behind the bytes, which streaming readers refuse.
import { concat } from './bytes.ts'
import type { Hash } from './ports.ts'

/** A file in a ZIP. */
export interface ZipEntry {
  readonly name: string
  readonly size: number
  readonly crc: number
}

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const LOCAL_BYTES = 30
const CENTRAL_BYTES = 46
const END_BYTES = 22
const VERSION = 20
/** Names are UTF-8. */
const FLAGS = 0x0800
/** 1980-01-01, the first day a ZIP knows: files have no time of their own. */
const DATE = 0x0021

/** Above this an archive would need ZIP64. */
export const ZIP_SIZE_MAX = 0xffffffff
export const ZIP_ENTRIES_MAX = 0xffff

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/** CRC-32 (ISO 3309) of bytes that follow others with the CRC `before`. */
export function crc32(bytes: Uint8Array, before = 0): number {
  let crc = ~before
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[i]!) & 0xff]!
  return ~crc >>> 0
}

/** What stands before a file's bytes. */
export function zipHeader(entry: ZipEntry, hash: Hash): Uint8Array {
  const name = hash.utf8(entry.name)
  const head = fields([4, LOCAL], [2, VERSION], ...common(entry, name.length))
  return concat(head, name)
}

/** What stands after all files. */
export function zipEnd(entries: readonly ZipEntry[], hash: Hash): Uint8Array {
  let offset = 0
  const parts = entries.map((entry) => {
    const name = hash.utf8(entry.name)
    const part = concat(
      fields([4, CENTRAL], [2, VERSION], [2, VERSION], ...common(entry, name.length), [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]),
      name
    )
    offset += LOCAL_BYTES + name.length + entry.size
    return part
  })
  const size = parts.reduce((sum, part) => sum + part.length, 0)
  return concat(...parts, fields([4, END], [2, 0], [2, 0], [2, entries.length], [2, entries.length], [4, size], [4, offset], [2, 0]))
}

/** How long the whole is. */
export function zipSize(entries: readonly ZipEntry[], hash: Hash): number {
  return entries.reduce((sum, { name, size }) => sum + LOCAL_BYTES + CENTRAL_BYTES + 2 * hash.utf8(name).length + size, END_BYTES)
}

/** Where a file's bytes are. */
export interface ZipPlace extends ZipEntry {
  readonly offset: number
}

/**
 * The files of an archive of `size` bytes, or what is wrong with it. `read` gives bytes. INVARIANT: only what `zipHeader` and `zipEnd` write is read:
 * headers and directory tell one story, files follow one another without a gap, nothing is compressed, so what it unpacks to is what it is.
 */
export async function readZip(
  size: number,
  read: (at: number, length: number) => Promise<Uint8Array>,
  hash: Hash
): Promise<ZipPlace[] | string> {
  if (size < END_BYTES) return 'it is no ZIP, or was cut off'
  if (size > ZIP_SIZE_MAX) return 'it is larger than an export can be'
  const end = await read(size - END_BYTES, END_BYTES)
  if (number(end, 0, 4) !== END || number(end, 20, 2) !== 0) return 'it is no ZIP, or was cut off or added to'
  const [count, length, from] = [number(end, 10, 2), number(end, 12, 4), number(end, 16, 4)]
  if (from + length !== size - END_BYTES) return 'its directory is not where it says: it was cut off or changed'
  const directory = await read(from, length)
  const entries = parseDirectory(directory, count, hash)
  if (typeof entries === 'string') return entries
  const rebuilt = zipEnd(entries, hash)
  if (rebuilt.length !== length + END_BYTES || !same(rebuilt, concat(directory, end)))
    return 'its directory is not as Enact writes one: it was changed or packed anew'
  let offset = 0
  const places: ZipPlace[] = []
  for (const entry of entries) {
    const head = zipHeader(entry, hash)
    if (!same(await read(offset, head.length), head)) return `the header of \`${entry.name}\` does not agree with the directory`
    places.push({ ...entry, offset: offset + head.length })
    offset += head.length + entry.size
  }
  return offset === from ? places : 'there is something between its files and its directory'
}

function parseDirectory(bytes: Uint8Array, count: number, hash: Hash): ZipEntry[] | string {
  const entries: ZipEntry[] = []
  const names = new Set<string>()
  let at = 0
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_BYTES > bytes.length || number(bytes, at, 4) !== CENTRAL) return 'its directory is cut off or changed'
    if (number(bytes, at + 10, 2) !== 0) return 'a file in it is compressed, which Enact does not do: it was packed anew'
    const nameLength = number(bytes, at + 28, 2)
    const raw = bytes.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameLength)
    const name = textOf(raw, hash)
    if (name === null || !isPlainName(name))
      return `a file in it is named in a way that no export names one: ${JSON.stringify(name?.slice(0, 80) ?? 'not UTF-8')}`
    if (names.has(name.toLowerCase())) return `\`${name}\` is in it twice`
    names.add(name.toLowerCase())
    entries.push({ name, size: number(bytes, at + 24, 4), crc: number(bytes, at + 16, 4) })
    at += CENTRAL_BYTES + nameLength
  }
  return entries
}

/** Below the place where it is unpacked, on every system. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]*(\/[A-Za-z0-9][A-Za-z0-9_.-]*)?$/.test(name) && name.length <= 100
}

function textOf(bytes: Uint8Array, hash: Hash): string | null {
  try {
    return hash.text(bytes)
  } catch {
    return null
  }
}

function common({ size, crc }: ZipEntry, nameLength: number): [number, number][] {
  return [
    [2, FLAGS],
    [2, 0],
    [2, 0],
    [2, DATE],
    [4, crc],
    [4, size],
    [4, size],
    [2, nameLength],
    [2, 0]
  ]
}

/** Little-endian numbers of so many bytes. */
function fields(...values: (readonly [number, number])[]): Uint8Array {
  return Uint8Array.from(
    values.flatMap(([bytes, value]) => Array.from({ length: bytes }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 0xff))
  )
}

function number(bytes: Uint8Array, at: number, length: number): number {
  let value = 0
  for (let i = length - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0)
  return value
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
