// The names of what can be locked: `/`-paths with one spelling each, so that nobody locks the same thing twice under two names.
import { fault } from './fault.ts'

export const RESOURCE_LENGTH_MAX = 1024
export const RESOURCE_SEGMENTS_MAX = 32

/**
 * The one spelling of a resource; throws fault `invalid` pointing at `pointer` for what is none.
 * `%41` becomes `A`, `%c3` becomes `%C3`, a space becomes `%20`; `=` and `%3D` stay two things, since connectors write `id=7` for a row
 * and `%3D` for the character. Dot segments, empty ones and bytes that are not UTF-8 are refused.
 */
export function normaliseResource(text: string, pointer = ''): string {
  const refuse = (why: string) => fault('invalid', `\`${pointer}\` ${why}`, { errors: [{ pointer, detail: why }] })
  if (text === '') throw refuse('must name a resource')
  if (text.length > RESOURCE_LENGTH_MAX) throw refuse(`must be at most ${RESOURCE_LENGTH_MAX} characters long`)
  const segments = text.split('/').map((segment) => canonicalSegment(segment))
  if (segments.length > RESOURCE_SEGMENTS_MAX) throw refuse(`must have at most ${RESOURCE_SEGMENTS_MAX} segments`)
  if (segments.includes('')) throw refuse('must not begin or end with `/` or hold an empty segment')
  if (segments.includes(null)) throw refuse('must be percent-encoded UTF-8')
  if (segments.some((segment) => segment === '.' || segment === '..')) throw refuse('must not hold `.` or `..` as a segment')
  const path = segments.join('/')
  if (path.length > RESOURCE_LENGTH_MAX) throw refuse(`must be at most ${RESOURCE_LENGTH_MAX} characters long when percent-encoded`)
  return path
}

/** The resource and everything above it, the widest first: `a`, `a/b`, `a/b/c`. */
export function pathsTo(path: string): string[] {
  const paths: string[] = []
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) paths.push(path.slice(0, at))
  paths.push(path)
  return paths
}

/** Whether one is the other, or above it. */
export function areRelated(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)
}

/** Characters that RFC 3986 allows in a segment and `encodeURIComponent` would escape: as written they mean something else than escaped. */
const DELIMITERS = /[=:@$&+,;]/

const PLAIN = /^[A-Za-z0-9_.!~*'()=:@$&+,;-]*$/

/** The segment's one spelling; null where it is not percent-encoded UTF-8. */
function canonicalSegment(segment: string): string | null {
  if (PLAIN.test(segment)) return segment
  const parts = segment.match(/(?:%[0-9a-fA-F]{2})+|[^%]|%/gu) ?? []
  let text = ''
  for (const part of parts) {
    if (part === '%' || !part.isWellFormed()) return null
    if (DELIMITERS.test(part)) text += part
    else if (part.startsWith('%')) {
      const plain = decoded(part)
      if (plain === null) return null
      text += encodeURIComponent(plain)
    } else text += encodeURIComponent(part)
  }
  return text
}

function decoded(escapes: string): string | null {
  try {
    return decodeURIComponent(escapes)
  } catch {
    return null
  }
}
