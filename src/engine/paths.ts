// Places in a file system: every way in which some system might read a path, so that a rule can hold for all of them.
import { fold } from './fold.ts'

/** A resolved path. `root` is `/`, a drive (`c:`), `~` for a home folder, `..` above an unknown start, or `` for relative. */
export interface Place {
  readonly root: string
  readonly segments: readonly string[]
}

const DECODE_ROUNDS_MAX = 8
// Linux' PATH_MAX; no system opens a longer one, and it bounds the work.
const LENGTH_MAX = 4_096
// The everyday case: nothing to decode, to trim or to take for a separator.
const ONE_READING = /^[\w./-]+$/

/**
 * All readings of a path: as it is written, and percent-decoded until nothing changes; with `\` as a separator and without; each resolved
 * (`.`, `..`, doubled slashes). An allowed place must hold every reading, a forbidden one any of them. Null for a path that no system opens:
 * one with a NUL, or of more than 4096 characters.
 */
export function readingsOf(path: string): readonly Place[] | null {
  if (path.length > LENGTH_MAX) return null
  if (ONE_READING.test(path)) return [resolve(path)]
  const texts = new Set<string>()
  let text = path.replace(/^file:\/\/(?:localhost)?(?=\/)/i, '')
  for (let round = 0; round < DECODE_ROUNDS_MAX; round++) {
    if (text.includes('\0')) return null
    // Some systems trim, some take `\` for a separator: what they would open counts as well.
    for (const one of [text, text.trim()]) texts.add(one).add(one.replaceAll('\\', '/'))
    const decoded = decodeOnce(text)
    if (decoded === text) break
    text = decoded
  }
  return [...texts].map(resolve)
}

/** Whether every reading of the path is at or below one of the allowed folders, compared exactly and by whole segments. */
export function isWithin(path: string, allowed: readonly string[]): boolean {
  const places = readingsOf(path)
  const folders = allowed.map((folder) => resolve(folder))
  return (
    places !== null &&
    places.every((place) => folders.some((folder) => place.root === folder.root && startsWith(place.segments, folder.segments)))
  )
}

/** The listed place that some reading of the path is at or below, or null. Case, look-alikes, trailing dots and streams are folded. */
export function placeWithin(path: string, listed: readonly string[]): string | null {
  const places = foldedReadings(path)
  if (places === null) return path
  for (const entry of listed) {
    const wanted = foldedReadings(entry) ?? []
    if (places.some((place) => wanted.some((target) => isAtOrBelow(place, target)))) return entry
  }
  return null
}

/** The folded readings: what a forbidden name is compared with. Null as for `readingsOf`. */
export function foldedReadings(path: string): readonly Place[] | null {
  const places = readingsOf(path)
  if (places === null) return null
  return places.flatMap((place) =>
    alsoHome(alsoThroughProc({ root: place.root, segments: place.segments.map(foldSegment).filter((one) => one !== '') }))
  )
}

/** The last segments of all folded readings. */
export function fileNames(path: string): readonly string[] | null {
  return foldedReadings(path)?.map((place) => place.segments.at(-1) ?? '') ?? null
}

function isAtOrBelow(place: Place, target: Place): boolean {
  if (place.root === target.root && place.root !== '..') return startsWith(place.segments, target.segments)
  // Above an unknown start anything may lie, and a relative entry may lie in any folder of an absolute path.
  if ((place.root !== '..' && target.root !== '') || target.segments.length === 0) return false
  return place.segments.some((_, at) => startsWith(place.segments, target.segments, at))
}

function startsWith(segments: readonly string[], start: readonly string[], from = 0): boolean {
  return segments.length >= from + start.length && start.every((segment, at) => segments[from + at] === segment)
}

function resolve(path: string): Place {
  const [head, rest] = rootOf(path)
  let root = head
  const segments: string[] = []
  for (const segment of rest.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment !== '..') segments.push(segment)
    else if (segments.length > 0) segments.pop()
    else if (root !== '/' && !root.endsWith(':')) root = '..'
  }
  return { root, segments }
}

function rootOf(path: string): [root: string, rest: string] {
  const home = /^(?:~|~[a-z_][\w-]*(?=[/\\])|\$HOME|\$\{HOME\}|%USERPROFILE%|%HOMEPATH%)(?=[/\\]|$)/i.exec(path)
  if (home !== null) return ['~', path.slice(home[0].length)]
  // `\\?\C:\x` and `//./C:/x` are drives too.
  const drive = /^(?:[\\/]{2}[?.][\\/])?([A-Za-z]:)(?=[\\/]|$)/.exec(path)
  if (drive !== null) return [drive[1]!.toLowerCase(), path.slice(drive[0].length)]
  return path.startsWith('/') ? ['/', path] : ['', path]
}

/** `/home/ada/x`, `/root/x`, `/Users/ada/x` and `C:\Users\ada\x` are in a home folder as much as `~/x` is. */
function alsoHome(place: Place): readonly Place[] {
  const [first, second] = place.segments
  const home = (segments: readonly string[]): readonly Place[] => [place, { root: '~', segments }]
  if (place.root === '/' && first === 'root') return home(place.segments.slice(1))
  if (place.root === '/' && first === 'var' && second === 'root') return home(place.segments.slice(2))
  if (place.root === '/' && (first === 'home' || first === 'users') && second !== undefined) return home(place.segments.slice(2))
  if (place.root.endsWith(':') && first === 'users' && second !== undefined) return home(place.segments.slice(2))
  return [place]
}

/** `/proc/self/root/etc/x` is `/etc/x`. */
function alsoThroughProc(place: Place): Place {
  const { root, segments } = place
  return root === '/' && segments[0] === 'proc' && segments[2] === 'root' ? alsoThroughProc({ root, segments: segments.slice(3) }) : place
}

/** What case-insensitive and Windows file systems make of a name: look-alikes and case folded, trailing dots and spaces and `:stream` dropped. */
function foldSegment(segment: string): string {
  return fold(segment)
    .replace(/:.*$/, '')
    .replace(/[. ]+$/, '')
    .trim()
}

/** Decodes what can be decoded; a `%` that begins no byte stays. Overlong forms (`%c0%af`) mean `/` and `.` to careless decoders. */
function decodeOnce(text: string): string {
  if (!text.includes('%')) return text
  const careless = text
    .replace(/%c0%(?:ae|2e)/gi, '.')
    .replace(/%(?:c0%(?:af|2f)|u2215|u2216)/gi, '/')
    .replace(/%c1%9c/gi, '\\')
  return careless.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => {
    try {
      return decodeURIComponent(bytes)
    } catch {
      return bytes.replace(/%([0-7][0-9a-f])/gi, (_match, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
    }
  })
}
