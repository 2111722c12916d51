// One walk over JSON text that refuses what is no JSON, and what `JSON.parse` would hide: duplicate keys, lost digits, lone surrogates.
// It keeps its own stack, so that no depth of input can overflow it, and takes linear time.
import { fault, type Fault } from './fault.ts'
import { numberSurvives } from './json_number.ts'
import { pointerOf } from './pointer.ts'

/** One open array or object. `keys` is null for an array; `step` is the index or key being read, null where there is none yet. */
interface Open {
  readonly keys: Set<string> | null
  step: string | number | null
}

interface Scan {
  readonly text: string
  readonly depthMax: number
  readonly wellFormed: boolean
  readonly open: Open[]
  at: number
  expected: 'value' | 'value_or_end' | 'key' | 'key_or_end' | 'comma_or_end' | 'nothing'
}

const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const COLON = /[ \t\n\r]*:/y
// oxlint-disable-next-line no-control-regex
const PLAIN = /[^"\\\u0000-\u001f]*/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/
const LITERALS = ['true', 'false', 'null']

/** Throws fault `bad_json` naming the place, unless the text is JSON (RFC 8259), nested at most `depthMax`, that reads back as what was written. */
export function scanJson(text: string, depthMax: number): void {
  const scan: Scan = { text, depthMax, wellFormed: text.isWellFormed(), open: [], at: 0, expected: 'value' }
  for (skipSpace(scan); scan.at < text.length; skipSpace(scan)) step(scan, text.charCodeAt(scan.at))
  if (scan.expected !== 'nothing') throw refusal(scan, scan.at, 'the text ends too early')
}

function skipSpace(scan: Scan): void {
  const { text } = scan
  for (
    let code = text.charCodeAt(scan.at);
    code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
    code = text.charCodeAt(scan.at)
  )
    scan.at++
}

function step(scan: Scan, code: number): void {
  const { expected } = scan
  if (expected === 'value') return readValue(scan, code)
  if (expected === 'key') return readKey(scan, code)
  if (expected === 'comma_or_end') return readComma(scan, code)
  if (expected === 'value_or_end') return code === CLOSE_BRACKET ? close(scan) : readValue(scan, code)
  if (expected === 'key_or_end') return code === CLOSE_BRACE ? close(scan) : readKey(scan, code)
  throw refusal(scan, scan.at, 'more text after the value')
}

function readValue(scan: Scan, code: number): void {
  if (code === QUOTE) {
    readString(scan)
    return ended(scan)
  }
  if (code === OPEN_BRACE) return open(scan, { keys: new Set(), step: null })
  if (code === OPEN_BRACKET) return open(scan, { keys: null, step: 0 })
  if (code === MINUS || (code >= 0x30 && code <= 0x39)) return readNumber(scan)
  const literal = LITERALS.find((word) => scan.text.startsWith(word, scan.at))
  if (literal === undefined) throw unexpected(scan, 'a value')
  scan.at += literal.length
  ended(scan)
}

function readKey(scan: Scan, code: number): void {
  if (code !== QUOTE) throw unexpected(scan, 'a key in double quotes')
  const { at, text } = scan
  const object = scan.open.at(-1)!
  const escaped = readString(scan)
  const key = escaped ? (JSON.parse(text.slice(at, scan.at)) as string) : text.slice(at + 1, scan.at - 1)
  object.step = key
  // Half of all code that copies objects loses this key, or sets a prototype by it: what was judged would not be what was sent.
  if (key === '__proto__') throw refusal(scan, at, 'the key `__proto__` is not accepted')
  if (object.keys!.has(key)) throw refusal(scan, at, 'a duplicate key')
  object.keys!.add(key)
  COLON.lastIndex = scan.at
  if (!COLON.test(text)) throw unexpected(scan, 'a colon')
  scan.at = COLON.lastIndex
  scan.expected = 'value'
}

function readComma(scan: Scan, code: number): void {
  const inside = scan.open.at(-1)!
  if (code === (inside.keys === null ? CLOSE_BRACKET : CLOSE_BRACE)) return close(scan)
  if (code !== COMMA) throw unexpected(scan, inside.keys === null ? 'a comma or `]`' : 'a comma or `}`')
  inside.step = inside.keys === null ? (inside.step as number) + 1 : null
  scan.expected = inside.keys === null ? 'value' : 'key'
  scan.at++
}

/** Moves behind the string's closing quote; true when it holds escapes. */
function readString(scan: Scan): boolean {
  const { text, at } = scan
  let escaped = false
  let end = skipPlain(text, at + 1)
  while (text.charCodeAt(end) !== QUOTE) {
    ESCAPE.lastIndex = end
    if (!ESCAPE.test(text)) throw refusal(scan, end, wrongInString(text, end))
    escaped = true
    end = skipPlain(text, ESCAPE.lastIndex)
  }
  scan.at = end + 1
  const written = escaped || !scan.wellFormed ? text.slice(at, scan.at) : ''
  const lone = !written.isWellFormed() || (SURROGATE_ESCAPE.test(written) && !(JSON.parse(written) as string).isWellFormed())
  if (lone) throw refusal(scan, at, 'a string with a lone surrogate')
  return escaped
}

function skipPlain(text: string, from: number): number {
  PLAIN.lastIndex = from
  PLAIN.test(text)
  return PLAIN.lastIndex
}

function wrongInString(text: string, at: number): string {
  if (at >= text.length) return 'the text ends inside a string'
  return text.charCodeAt(at) === BACKSLASH ? 'an escape that JSON does not have' : 'a control character that is not escaped'
}

function readNumber(scan: Scan): void {
  NUMBER.lastIndex = scan.at
  if (!NUMBER.test(scan.text)) throw refusal(scan, scan.at, 'a minus without a number')
  if (!numberSurvives(scan.text.slice(scan.at, NUMBER.lastIndex))) {
    throw refusal(scan, scan.at, 'a number that would lose digits, send it as a string')
  }
  scan.at = NUMBER.lastIndex
  ended(scan)
}

function open(scan: Scan, inside: Open): void {
  if (scan.open.length === scan.depthMax) throw refusal(scan, scan.at, `a value nested deeper than ${scan.depthMax}`)
  scan.open.push(inside)
  scan.expected = inside.keys === null ? 'value_or_end' : 'key_or_end'
  scan.at++
}

function close(scan: Scan): void {
  scan.open.pop()
  scan.at++
  ended(scan)
}

function ended(scan: Scan): void {
  scan.expected = scan.open.length === 0 ? 'nothing' : 'comma_or_end'
}

function unexpected(scan: Scan, wanted: string): Fault {
  const code = scan.text.codePointAt(scan.at)
  if (code === undefined) return refusal(scan, scan.at, 'the text ends too early')
  if (code === 0xfeff) return refusal(scan, scan.at, 'a byte order mark')
  const shown =
    code > 0x20 && code < 0x7f && code !== 0x60
      ? `\`${String.fromCodePoint(code)}\``
      : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  return refusal(scan, scan.at, `${shown} instead of ${wanted}`)
}

/** The place as a pointer, and as line and column, both from 1, columns in UTF-16 units. */
function refusal(scan: Scan, at: number, what: string): Fault {
  const before = scan.text.slice(0, at)
  const pointer = pointerOf(scan.open.flatMap(({ step }) => (step === null ? [] : [step])))
  const place = `line ${before.split('\n').length}, column ${at - before.lastIndexOf('\n')}`
  return fault('bad_json', `${what}: ${place}${pointer && `, at \`${pointer.slice(0, 200)}\``}`, {
    errors: [{ pointer, detail: `${what} (${place})` }]
  })
}
