// Files in an R2 bucket (Workers), below a prefix of one's own. A key is a path; folders are what keys have in common.
import { hex, type JsonObject } from '../../../engine/index.ts'
import { newSha256 } from '../digest.ts'
import { nameKey, RESERVED, segmentsOf } from '../path.ts'
import { FileFailure, moved, type Content, type Entry, type FileStore, type Seen } from '../store.ts'
import { ask, type Bucket, type BucketBody, type BucketObject } from './client.ts'

export type { Bucket } from './client.ts'

/** R2's own limit. */
const KEY_BYTES_MAX = 1024
const MODE_DEFAULT = '0644'
/** Where the permissions stand, which an object does not have. */
const MODE = 'enact-mode'
/** A name is compared with so many of its neighbours: 20 requests. */
const NEIGHBOURS_MAX = 20_000

/** `prefix` is empty or ends in `/`. */
interface Options {
  readonly bucket: Bucket
  readonly prefix: string
  readonly max_bytes: number
}

/**
 * A store over a bucket. Writes carry the etag they expect, and their hash, which R2 compares. R2 knows no conditional delete:
 * between the look and the deletion there is a moment, which Enact's own locks close for all that goes through Enact.
 */
export function bucketStore({ bucket, prefix, max_bytes }: Options): FileStore {
  const keyOf = (path: string) => {
    const key = prefix + path
    if (new TextEncoder().encode(key).length > KEY_BYTES_MAX) throw new FileFailure('path_too_long', `\`${path}\` is too long for r2`)
    return key
  }
  const keptKey = (sha256: string) => `${prefix}${RESERVED}/files/objects/${sha256}`
  const below = (path: string) => (path === '.' ? prefix : `${keyOf(path)}/`)
  const isFolder = async (path: string) => {
    const { objects, delimitedPrefixes } = await ask(bucket.list({ prefix: below(path), limit: 1 }))
    return objects.length + delimitedPrefixes.length > 0
  }

  async function look(path: string): Promise<Seen | null> {
    const found = await ask(bucket.head(keyOf(path)))
    if (found !== null) return seenOf(path, found)
    if (await isFolder(path)) throw new FileFailure('is_a_folder', `\`${path}\` is a folder`)
    return null
  }

  async function seenOf(path: string, object: BucketObject): Promise<Seen> {
    const { [MODE]: mode = MODE_DEFAULT, ...custom } = object.customMetadata ?? {}
    return {
      sha256: object.checksums.sha256 ? hex(new Uint8Array(object.checksums.sha256)) : await hashOf(path, object),
      size_bytes: object.size,
      mode: /^[0-7]{4}$/.test(mode) ? mode : MODE_DEFAULT,
      attributes: attributesOf(custom, object.httpMetadata ?? {}),
      version: object.etag
    }
  }

  /** Of an object that somebody else wrote, without a hash: read once, in pieces. */
  async function hashOf(path: string, { size, etag }: BucketObject): Promise<string | null> {
    if (size > max_bytes) return null
    const hash = newSha256()
    for await (const bytes of (await open(path, etag)).body) hash.update(bytes)
    return hash.hex()
  }

  async function open(path: string, etag: string, range?: { offset: number; length: number }): Promise<BucketBody> {
    const found = await ask(bucket.get(keyOf(path), { onlyIf: { etagMatches: etag }, ...(range ? { range } : {}) }))
    if (found === null || !hasBody(found)) throw moved(path)
    return found
  }

  async function place(path: string, { from, sha256, mode, attributes }: Content, expected: Seen | null): Promise<void> {
    let value: Uint8Array | AsyncIterable<Uint8Array>
    if ('bytes' in from) value = from.bytes
    else {
      const kept = await ask(bucket.get(keptKey(from.kept)))
      if (kept === null || !hasBody(kept))
        throw new FileFailure('before_image_gone', 'the kept content is not there any more: it cannot be put back')
      value = kept.body
    }
    const onlyIf = expected === null ? { etagDoesNotMatch: '*' } : { etagMatches: String(expected.version) }
    const { custom, http } = metadataOf(attributes)
    const request = bucket.put(keyOf(path), value, { onlyIf, sha256, customMetadata: { ...custom, [MODE]: mode }, httpMetadata: http })
    if ((await ask(request, true)) === null) throw moved(path)
  }

  return {
    look,
    async read(path, offset, length) {
      const seen = await look(path)
      if (seen === null) return null
      const size = Math.min(length, Math.max(0, seen.size_bytes - offset))
      const bytes = new Uint8Array(size)
      let at = 0
      // R2 refuses a range that is empty.
      if (size > 0) {
        for await (const chunk of (await open(path, String(seen.version), { offset, length: size })).body) {
          bytes.set(chunk, at)
          at += chunk.length
        }
      }
      return { seen, bytes }
    },
    async missingFolders(path) {
      const segments = segmentsOf(path)
      for (const [at, name] of segments.entries()) {
        const [parent, here] = [segments.slice(0, at).join('/') || '.', segments.slice(0, at + 1).join('/')]
        const [file, folder] = await Promise.all([ask(bucket.head(keyOf(here))), isFolder(here)])
        const isLast = at === segments.length - 1
        if (file !== null && !isLast) throw new FileFailure('not_a_folder', `\`${path}\` leads through something that is no folder`)
        if (folder && isLast) throw new FileFailure('is_a_folder', `\`${path}\` is a folder`)
        if (file !== null || folder) continue
        await refuseClash(bucket, below(parent), name, path)
        break
      }
      return []
    },
    async keep(path, { sha256, size_bytes, version }) {
      if (sha256 === null) throw new FileFailure('too_large', `\`${path}\` has ${size_bytes} bytes: that is too much to be kept`)
      if ((await ask(bucket.head(keptKey(sha256)))) !== null) return
      const { body } = await open(path, String(version))
      try {
        await ask(bucket.put(keptKey(sha256), body, { sha256, onlyIf: { etagDoesNotMatch: '*' } }))
      } catch (error) {
        throw error instanceof FileFailure && error.code === 'damaged' ? moved(path) : error
      }
    },
    stage: (content) =>
      Promise.resolve({
        place: (path: string, expected: Seen | null) => place(path, content, expected),
        discard: () => Promise.resolve()
      }),
    async remove(path, expected) {
      const found = await ask(bucket.head(keyOf(path)))
      if (found?.etag !== expected.version) throw moved(path)
      await ask(bucket.delete(keyOf(path)), true)
    },
    async list(path, cursor, limit) {
      const start = below(path)
      const page = await ask(
        bucket.list({ prefix: start, delimiter: '/', limit, include: ['customMetadata'], ...(cursor === null ? {} : { cursor }) })
      )
      const entries: Entry[] = [
        ...page.delimitedPrefixes.map((key) => ({
          name: key.slice(start.length, -1),
          kind: 'folder' as const,
          size_bytes: null,
          mode: null
        })),
        ...page.objects.map(({ key, size, customMetadata }) => ({
          name: key.slice(start.length),
          kind: 'file' as const,
          size_bytes: size,
          mode: customMetadata?.[MODE] ?? MODE_DEFAULT
        }))
      ]
      if (entries.length === 0 && cursor === null && path !== '.') {
        if ((await ask(bucket.head(keyOf(path)))) !== null) throw new FileFailure('not_a_folder', `\`${path}\` is no folder`)
        return null
      }
      return {
        // A key that ends in `/` is how other programs mark a folder that is empty.
        entries: entries
          .filter(({ name }) => name !== '' && !(path === '.' && nameKey(name) === RESERVED))
          .sort((a, b) => (a.name < b.name ? -1 : 1)),
        next_cursor: page.truncated ? (page.cursor ?? null) : null
      }
    },
    close: () => Promise.resolve()
  }
}

/** Refuses a new name beside one that only differs from it in case or look: it would be the same file on many systems. */
async function refuseClash(bucket: Bucket, start: string, name: string, path: string): Promise<void> {
  const key = nameKey(name)
  let cursor: string | undefined
  for (let seen = 0; seen < NEIGHBOURS_MAX; seen += 1000) {
    const page = await ask(bucket.list({ prefix: start, delimiter: '/', ...(cursor === undefined ? {} : { cursor }) }))
    const names = [
      ...page.delimitedPrefixes.map((one) => one.slice(start.length, -1)),
      ...page.objects.map((one) => one.key.slice(start.length))
    ]
    const other = names.find((one) => nameKey(one) === key)
    if (other !== undefined)
      throw new FileFailure('name_clash', `\`${path}\`: \`${other}\` is there, and systems that fold case take both for one`)
    if (!page.truncated || page.cursor === undefined) return
    cursor = page.cursor
  }
}

function hasBody(object: BucketObject | BucketBody): object is BucketBody {
  return 'body' in object && object.body !== undefined
}

/** What other programs said of the object; it stays with it, and comes back with it. */
function attributesOf(custom: Record<string, string>, http: NonNullable<BucketObject['httpMetadata']>): JsonObject | null {
  const said = Object.entries(http).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return []
    return [[name, value instanceof Date ? value.toISOString() : value]]
  })
  if (said.length === 0 && Object.keys(custom).length === 0) return null
  return { custom, http: Object.fromEntries(said) }
}

function metadataOf(attributes: JsonObject | null): { custom: Record<string, string>; http: Record<string, string | Date> } {
  const { custom, http } = (attributes ?? {}) as { custom?: Record<string, string>; http?: Record<string, string> }
  const { cacheExpiry, ...said } = http ?? {}
  return { custom: custom ?? {}, http: cacheExpiry === undefined ? said : { ...said, cacheExpiry: new Date(cacheExpiry) } }
}
