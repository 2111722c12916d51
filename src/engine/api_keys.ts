// Keys that can be told by their form alone: what policies look for, without the guesses that redaction also makes.
import { type FoundSecret, findSecrets } from './redaction.ts'

// A password in an address or after `Authorization:` is hidden in receipts, but `postgres://dev:dev@localhost` in a compose file is no leak.
const GUESSES: ReadonlySet<string> = new Set(['url_password', 'authorization'])
/** Forms that begin with any assignment: joined lines make one of `CF_API_TOKEN=` and the line below it. */
const ASSIGNED: ReadonlySet<string> = new Set([...GUESSES, 'enact', 'cloudflare'])
/** So much of a key must stand before the line ends: every vendor's beginning is whole by then. */
const BEFORE_BREAK_MIN = 8

/** The first key of a vendor's known form in a text, or null; also where it stands as a password in an address. */
export function findApiKey(text: string): FoundSecret | null {
  for (const found of findSecrets(text)) {
    if (!GUESSES.has(found.shape)) return found
    const inside = findSecrets(text.slice(found.index, found.index + found.length)).find(({ shape }) => !GUESSES.has(shape))
    if (inside !== undefined) return { ...inside, index: found.index + inside.index }
  }
  return null
}

/** The same where somebody hides it: with NULs between its letters (UTF-16 does that too), or broken over lines. Only the shape is to be relied on. */
export function findHiddenApiKey(text: string): FoundSecret | null {
  const plain = text.replaceAll('\0', '')
  return findApiKey(text) ?? (plain === text ? null : findApiKey(plain)) ?? findAcrossLines(plain)
}

/** Bytes as a text in which ASCII stays ASCII, whatever encoding they are in. */
export function textOfBytes(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096))
  return text
}

function findAcrossLines(text: string): FoundSecret | null {
  const lines = text.split(/\\?\r?\n[ \t]*|\r/)
  if (lines.length === 1) return null
  const breaks = new Set<number>()
  let at = 0
  for (const line of lines) breaks.add((at += line.length))
  for (const found of findSecrets(lines.join(''))) {
    if (ASSIGNED.has(found.shape)) continue
    for (let inside = found.index + BEFORE_BREAK_MIN; inside < found.index + found.length; inside++) if (breaks.has(inside)) return found
  }
  return null
}
