// What agents may name: places inside the base folder, each with one spelling, so that every system and every policy reads the same place.
import * as z from 'zod'
import { fold, readingsOf } from '../../engine/index.ts'
import { utf8Length } from '../../engine/utf8.ts'

/** R2 takes keys of 1024 bytes; folders take segments of 255. */
const PATH_BYTES_MAX = 1024
const SEGMENT_BYTES_MAX = 255
const SEGMENTS_MAX = 64
// What locks take (`RESOURCE_LENGTH_MAX`, `RESOURCE_SEGMENTS_MAX`), with room for the system's name.
const RESOURCE_CHARS_MAX = 1000
const RESOURCE_SEGMENTS_MAX = 31

/** The folder of the base that is Enact's own: before-images, and what is being written. No agent reads, lists or changes it. */
export const RESERVED = '.enact'

/** A file's place: `docs/note.md`. The message of a refusal says what is wrong. */
export const FilePath = z.string().superRefine((path, context) => {
  const wrong = wrongWithPath(path)
  if (wrong !== null) context.addIssue({ code: 'custom', message: wrong })
})

/** A folder's place; `.` is the base itself. */
export const FolderPath = z.string().superRefine((path, context) => {
  const wrong = path === '.' ? null : wrongWithPath(path)
  if (wrong !== null) context.addIssue({ code: 'custom', message: wrong })
})

/** The segments of a checked path; none for the base. */
export function segmentsOf(path: string): string[] {
  return path === '.' || path === '' ? [] : path.split('/')
}

/** Equal for names that a case-insensitive or normalising file system, or a reader, takes for one. */
export function nameKey(name: string): string {
  return fold(name)
}

/**
 * What is locked: `filesystem/docs/note.md`. Case and look-alikes are folded, since two such names may be one file; a path that is too long
 * for a lock is locked by the folder above that fits.
 */
export function fileResource(path: string): string {
  const segments = segmentsOf(path).map((segment) => encodeURIComponent(nameKey(segment)))
  let resource = 'filesystem'
  for (const segment of segments.slice(0, RESOURCE_SEGMENTS_MAX)) {
    if (segment === '' || resource.length + 1 + segment.length > RESOURCE_CHARS_MAX) break
    resource += `/${segment}`
  }
  return resource
}

/** Null for a path that every system reads as the same place below the base; else why it is refused. */
export function wrongWithPath(path: string): string | null {
  if (path === '') return 'must name a file'
  if (path.length > PATH_BYTES_MAX || utf8Length(path) > PATH_BYTES_MAX) return `must be at most ${PATH_BYTES_MAX} bytes long`
  if (!path.isWellFormed()) return 'must be well-formed Unicode'
  if (UNSEEN.test(path)) return 'must not hold control characters, line separators or marks that turn the reading direction'
  if (path.includes('\\')) return 'must not hold `\\`: folders are separated by `/`'
  if (path.startsWith('/')) return 'must be relative to the base folder, without `/` at its beginning'
  if (HOME.test(path)) return 'must be relative to the base folder, not to a home folder'
  const segments = path.split('/')
  if (segments.length > SEGMENTS_MAX) return `must be at most ${SEGMENTS_MAX} folders deep`
  for (const segment of segments) {
    const wrong = wrongWithSegment(segment)
    if (wrong !== null) return wrong
  }
  if (nameKey(segments[0]!) === RESERVED) return `must not be in \`${RESERVED}\`, which is Enact's own`
  return hasOnePlace(segments) ? null : 'must have one reading only: some systems would take it for another place'
}

/** No name that leads upwards, is invisible, or means something else on another system: what is written here must be readable anywhere. */
function wrongWithSegment(segment: string): string | null {
  if (segment === '') return 'must not hold an empty segment (`//`, or `/` at its end)'
  const plain = nameKey(segment)
  if (plain === '.' || plain === '..') return 'must not hold `.` or `..` as a segment'
  if (plain === '') return 'must not hold a segment that cannot be seen'
  if (utf8Length(segment) > SEGMENT_BYTES_MAX) return `must not hold a segment of more than ${SEGMENT_BYTES_MAX} bytes`
  if (SEPARATORS.test(segment) || SEPARATORS.test(plain)) return 'must not hold a look-alike of a separator'
  if (ENCODED.test(segment)) return 'must not hold an encoded dot, separator or control character'
  if (segment.includes(':')) return 'must not hold `:`, which names a drive or a stream on Windows'
  if (/^\s|[.\s]$/u.test(segment)) return 'must not hold a segment that begins with a space or ends in a dot or space'
  if (DEVICES.test(plain)) return 'must not hold the name of a device (`con`, `nul`, `com1`, …)'
  return null
}

/** The last word has the reader that policies use: each segment must be one segment, below, in all its readings. */
function hasOnePlace(segments: readonly string[]): boolean {
  return segments.every((segment) => {
    const places = readingsOf(segment)
    return places !== null && places.every((place) => place.root === '' && place.segments.length === 1)
  })
}

// oxlint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/u
const HOME = /^(?:~(?:[a-z_][\w-]*)?|\$HOME|\$\{HOME\}|%USERPROFILE%|%HOMEPATH%)(?:\/|$)/i
const SEPARATORS = /[/\\\u2044\u2215\u2216\u29f5\u29f8\u29f9\uff0f\uff3c\ufe68]/u
// Also doubly encoded, overlong UTF-8 and the `%u` form of old servers.
const ENCODED = /%(?:25)*(?:2[ef]|5c|[01][0-9a-f]|7f|c[01]|e0%(?:25)*[89]|f0%(?:25)*8|u)/i
const DEVICES = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³])(?:\..*)?$/
