// The fast half of the input gate: says of nearly all honest JSON that nothing was lost in reading it, at a fraction of a full scan.
// It may be unsure, never wrong: whatever it does not clear goes through `scanJson`, which decides and names the place.
import { numberSurvives } from './json_number.ts'
import type { Json, JsonObject } from './schema.ts'

const QUOTE = 0x22
const LETTER_U = 0x75
const LETTER_D = 0x64
const COLON = 0x3a
const MINUS = 0x2d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
// A digit, `-`, `+`, `.`, `e` or `E`, by character code.
const IN_NUMBER = Array.from({ length: 128 }, (_, code) => /[-+.eE0-9]/.test(String.fromCharCode(code)))

/** True only where `value`, which `JSON.parse` made of `text`, is all that the text says, nested at most `depthMax`. */
export function readsBackWhole(text: string, value: Json, depthMax: number): boolean {
  // A duplicate key leaves fewer keys in the value than there were colons in the text.
  return text.isWellFormed() && countColons(text, depthMax) === countKeys(value)
}

/** The colons outside strings; -1 for a depth, number or escape that needs a closer look. INVARIANT: the text is valid JSON. */
function countColons(text: string, depthMax: number): number {
  let colons = 0
  let depth = 0
  let escape = find(text, '\\', 0)
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = text.indexOf('"', at + 1)
      for (; escape < at; escape = find(text, '\\', escape + 2)) {
        if (mayBeSurrogate(text, escape)) return -1
        if (escape + 1 === at) at = text.indexOf('"', at + 1)
      }
    } else if (code === COLON) colons++
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > depthMax) return -1
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--
    else if (code === MINUS || (code >= 0x30 && code <= 0x39)) {
      const start = at
      while (IN_NUMBER[text.charCodeAt(at + 1)] === true) at++
      if (!numberSurvives(text.slice(start, at + 1))) return -1
    }
  }
  return colons
}

/** The next index of `sought`: native search, and past the end of the text where there is none. */
function find(text: string, sought: string, from: number): number {
  const at = text.indexOf(sought, from)
  return at === -1 ? text.length : at
}

/** Whether the escape at `at` begins with `\ud`, in either case. */
function mayBeSurrogate(text: string, at: number): boolean {
  return text.charCodeAt(at + 1) === LETTER_U && (text.charCodeAt(at + 2) | 0x20) === LETTER_D
}

/** The keys of all objects inside; NaN, which equals no count, where one of them is `__proto__`. */
function countKeys(value: Json): number {
  if (value === null || typeof value !== 'object') return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) count += countKeys(item)
    return count
  }
  for (const key of Object.keys(value)) count += key === '__proto__' ? Number.NaN : 1 + countKeys((value as JsonObject)[key]!)
  return count
}
