// read_file and list_dir: bounded answers, whose content stays out of the receipt.
import * as z from 'zod'
import { base64, done, failed } from '../../engine/index.ts'
import { utf8ErrorAt } from '../../engine/utf8.ts'
import { action, onFiles, TIMEOUT_MS } from './action.ts'
import { FilePath, FolderPath, fileResource } from './path.ts'
import type { Entry } from './store.ts'

const READ_BYTES_DEFAULT = 128 * 1024
/** An answer stands in the run's journal, where a row has 2 MB. */
const READ_BYTES_MAX = 512 * 1024
const ENTRIES_DEFAULT = 100
const ENTRIES_MAX = 1000

/** `content` for UTF-8, else `content_base64`; `next_offset` where there is more. `sha256` is that of the whole file, null for one too large to hash. */
type Read = {
  path: string
  size_bytes: number
  sha256: string | null
  mode: string
  encoding: 'utf8' | 'base64'
  content?: string
  content_base64?: string
  offset: number
  truncated: boolean
  next_offset: number | null
}

/** Reads a file, or a part of it, exactly. The receipt says which content it was, by hash and size, and not the content. */
export const read_file = action({
  title: 'Read a file',
  input: z.strictObject({
    path: FilePath,
    offset: z.int().nonnegative().optional(),
    max_bytes: z.int().min(1).max(READ_BYTES_MAX).optional()
  }),
  mutates: false,
  timeoutMs: TIMEOUT_MS,
  resources: ({ path }) => [fileResource(path)],
  run: (client, { path, offset = 0, max_bytes = READ_BYTES_DEFAULT }, call) =>
    onFiles<Read>(client, path, call, async ({ store }) => {
      const found = await store.read(path, offset, max_bytes)
      if (found === null) return failed('not_found', `there is no file \`${path}\``)
      const { sha256, size_bytes, mode } = found.seen
      const isCut = offset + found.bytes.length < size_bytes
      const bytes = isCut ? wholeCharacters(found.bytes) : found.bytes
      const end = offset + bytes.length
      return done({
        path,
        size_bytes,
        sha256,
        mode,
        ...(utf8ErrorAt(bytes) === -1
          ? { encoding: 'utf8' as const, content: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
          : { encoding: 'base64' as const, content_base64: base64(bytes) }),
        offset,
        truncated: offset > 0 || end < size_bytes,
        next_offset: end < size_bytes ? end : null
      })
    }),
  shows: ({ content: _content, content_base64: _bytes, ...shown }) => shown
})

/** Without the first bytes of a character whose last ones were cut off; all of it where that leaves nothing, or is no text anyway. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  const wrong = utf8ErrorAt(bytes)
  return wrong > 0 && wrong >= bytes.length - 3 ? bytes.subarray(0, wrong) : bytes
}

type Listed = { path: string; entries: (Entry & { path: string })[]; next_cursor: string | null; has_more: boolean }

/** Lists a folder, page by page; `.` is the base. Links are named and never followed. The receipt keeps how many there were. */
export const list_dir = action({
  title: 'List a folder',
  input: z.strictObject({
    path: FolderPath,
    cursor: z.string().min(1).max(4096).optional(),
    limit: z.int().min(1).max(ENTRIES_MAX).optional()
  }),
  mutates: false,
  timeoutMs: TIMEOUT_MS,
  resources: ({ path }) => [fileResource(path)],
  run: (client, { path, cursor = null, limit = ENTRIES_DEFAULT }, call) =>
    onFiles<Listed>(client, path, call, async ({ store }) => {
      const page = await store.list(path, cursor, limit)
      if (page === null) return failed('not_found', `there is no folder \`${path}\``)
      const entries = page.entries.map((entry) => ({ ...entry, path: path === '.' ? entry.name : `${path}/${entry.name}` }))
      return done({ path, entries, next_cursor: page.next_cursor, has_more: page.next_cursor !== null })
    }),
  shows: ({ entries, ...shown }) => ({ ...shown, entries: entries.length })
})
