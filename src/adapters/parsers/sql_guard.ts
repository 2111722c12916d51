// A linear look at SQL before the WASM parser sees it: refuses what would make the parser see another text, hang or run out of memory.

/** Longer texts are refused: parsing time and memory are bounded by it. */
export const SQL_LENGTH_MAX = 65_536
const DEPTH_MAX = 64
// The parser's time grows with the square of the comment depth; this bounds it even if the scan below were misled by a quoting form.
const COMMENTS_MAX = 1_000

const QUOTE = 39
const DOUBLE = 34
const DOLLAR = 36
const DASH = 45
const SLASH = 47
const STAR = 42
const BACKSLASH = 92

interface Scan {
  readonly text: string
  at: number
  comments: number
  danger: string | null
}

/** Null for a text that is safe to parse, else the reason why not. Takes time linear in the length. */
export function sqlDanger(text: string): string | null {
  if (text.length > SQL_LENGTH_MAX) return `it is longer than ${SQL_LENGTH_MAX} characters`
  // The parser reads a C string: it would judge `SELECT 1` where the database might be sent more.
  if (text.includes('\0')) return 'it holds a NUL character'
  if (!text.isWellFormed()) return 'it holds half of a surrogate pair'
  const scan: Scan = { text, at: 0, comments: 0, danger: null }
  let depth = 0
  while (scan.at < text.length && scan.danger === null) {
    const code = text.charCodeAt(scan.at)
    if (code === 40 || code === 91) {
      if (++depth > DEPTH_MAX) return `parentheses are nested deeper than ${DEPTH_MAX}`
      scan.at++
    } else if (code === 41 || code === 93) {
      depth = Math.max(0, depth - 1)
      scan.at++
    } else skipToken(scan, code)
  }
  return scan.danger
}

/** Moves past one string, quoted name, comment or plain character, as PostgreSQL's scan.l does with standard_conforming_strings on. */
function skipToken(scan: Scan, code: number): void {
  const { text, at } = scan
  if (code === QUOTE) skipQuoted(scan, QUOTE, isEscapePrefix(text, at))
  else if (code === DOUBLE) skipQuoted(scan, DOUBLE, false)
  else if (code === DOLLAR) skipDollarQuoted(scan)
  else if (code === DASH && text.charCodeAt(at + 1) === DASH) {
    while (scan.at < text.length && text[scan.at] !== '\n' && text[scan.at] !== '\r') scan.at++
  } else if (code === SLASH && text.charCodeAt(at + 1) === STAR) skipComment(scan)
  else scan.at++
}

function skipQuoted(scan: Scan, quote: number, escapes: boolean): void {
  const { text } = scan
  for (let i = scan.at + 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (escapes && code === BACKSLASH) i++
    else if (code === quote) {
      if (text.charCodeAt(i + 1) === quote) i++
      else {
        const next = escapes ? continuation(text, i + 1) : -1
        if (next === -1) {
          scan.at = i + 1
          return
        }
        i = next
      }
    }
  }
  scan.at = text.length
}

/** Where an `E'…'` goes on after a line break (`E'a'⏎'b'` is one string and the second part has escapes too), else -1. */
function continuation(text: string, from: number): number {
  let lineBreak = false
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 10 || code === 13) lineBreak = true
    else if (code === QUOTE) return lineBreak ? i : -1
    else if (code !== 32 && code !== 9 && code !== 11 && code !== 12) return -1
  }
  return -1
}

function isEscapePrefix(text: string, quote: number): boolean {
  return (text.charCodeAt(quote - 1) | 32) === 101 && (quote < 2 || !isNamePart(text.charCodeAt(quote - 2)))
}

function skipDollarQuoted(scan: Scan): void {
  const { text, at } = scan
  let end = at + 1
  if (at > 0 && isNamePart(text.charCodeAt(at - 1))) {
    scan.at = end
    return
  }
  while (end < text.length && isNamePart(text.charCodeAt(end)) && text.charCodeAt(end) !== DOLLAR) end++
  const first = text.charCodeAt(at + 1)
  const isTag = text.charCodeAt(end) === DOLLAR && !(first >= 48 && first <= 57)
  const close = isTag ? text.indexOf(text.slice(at, end + 1), end + 1) : -1
  scan.at = !isTag ? at + 1 : close === -1 ? text.length : close + (end + 1 - at)
}

function skipComment(scan: Scan): void {
  const { text } = scan
  let depth = 0
  for (let i = scan.at; i < text.length; i++) {
    const two = text.charCodeAt(i) * 256 + text.charCodeAt(i + 1)
    if (two === SLASH * 256 + STAR) {
      i++
      if (++depth > DEPTH_MAX) scan.danger = `comments are nested deeper than ${DEPTH_MAX}`
      else if (++scan.comments > COMMENTS_MAX) scan.danger = `it holds more than ${COMMENTS_MAX} comments`
      if (scan.danger !== null) return
    } else if (two === STAR * 256 + SLASH) {
      i++
      if (--depth === 0) {
        scan.at = i + 1
        return
      }
    }
  }
  scan.at = text.length
}

/** Letters, digits, `_`, `$` and everything beyond ASCII: what may stand inside a name. */
function isNamePart(code: number): boolean {
  return (
    (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95 || code === DOLLAR || code >= 128
  )
}
