// The language of the search box: text into terms and back. Pure and small: the receipt UI's first script has it, so it imports no zod.
import { fault, type Fault } from './fault.ts'

/** What a term can ask about, and how its values are written. */
export const SEARCH_FIELDS = {
  decision: 'one of pass, block, partial, held',
  outcome: 'one of none, succeeded, partial, failed, unknown',
  agent: 'an e-mail address, or how it begins; `*` stands for anything',
  key: 'the id of an API key',
  workflow: 'a workflow or action; `*` stands for anything',
  policy: 'a policy that did not pass; `*` stands for anything',
  system: 'a system that was acted on; `*` stands for anything',
  mode: 'one of enforce, shadow, dry_run',
  since: 'RFC 3339 with Z, a date, or `15m`, `24h`, `7d`, `2w` before now',
  until: 'RFC 3339 with Z, a date, or `15m`, `24h`, `7d`, `2w` before now'
} as const

/** `text` is a word or a quoted phrase without a qualifier. */
export type SearchField = keyof typeof SEARCH_FIELDS | 'text'

/** One condition: any of the values, or with `not` none of them. */
export interface SearchTerm {
  readonly field: SearchField
  readonly not: boolean
  /** At least one. Times and words come alone. */
  readonly values: readonly string[]
}

/** A term with its place in the text: `end` is behind its last character. */
export interface PlacedTerm extends SearchTerm {
  readonly start: number
  readonly end: number
}

/** All terms must hold; none holds for every receipt. */
export type Search = readonly SearchTerm[]

/** How much of it there may be. INVARIANT: every value fits into one statement of D1, which takes a hundred parameters. */
export const SEARCH_LIMITS = { chars: 1_000, terms: 24, values: 32, wildcards: 3, pattern: 40 } as const

const ENUMS: Partial<Record<SearchField, readonly string[]>> = {
  decision: ['pass', 'block', 'partial', 'held'],
  outcome: ['none', 'succeeded', 'partial', 'failed', 'unknown'],
  mode: ['enforce', 'shadow', 'dry_run']
}
const WILD: ReadonlySet<SearchField> = new Set(['agent', 'workflow', 'policy', 'system'])
const QUALIFIER = /^([a-z_]{1,32}):/i
const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z)?$/
const AGO = /^(\d{1,4})([mhdw])$/
const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }
const SPACE = /\s/

/** The terms of a text, each with its place. Takes linear time; throws fault `invalid` that names the offending word and its place. */
export function parseSearch(text: string): PlacedTerm[] {
  if (text.length > SEARCH_LIMITS.chars) throw refused(`is longer than ${SEARCH_LIMITS.chars} characters`)
  if (!text.isWellFormed() || text.includes('\0')) throw refused('holds a character that no text has')
  const terms: PlacedTerm[] = []
  let values = 0
  for (let at = 0; at < text.length;) {
    if (SPACE.test(text[at]!)) {
      at++
      continue
    }
    const term = readTerm(text, at)
    terms.push(term)
    values += term.values.length
    if (terms.length > SEARCH_LIMITS.terms) throw refused(`has more than ${SEARCH_LIMITS.terms} terms`)
    if (values > SEARCH_LIMITS.values) throw refused(`has more than ${SEARCH_LIMITS.values} values`)
    at = term.end
  }
  return terms
}

/** The text of terms: parsed again it is the same terms. */
export function printSearch(terms: Search): string {
  return terms.map(printTerm).join(' ')
}

/** The moment that a value of `since:` or `until:` means, in milliseconds since the epoch; null where it means none. */
export function momentOf(value: string, now: number): number | null {
  const [, count, unit] = AGO.exec(value) ?? []
  if (unit !== undefined) return now - Number(count) * UNIT_MS[unit]!
  const ms = INSTANT.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(ms) ? null : ms
}

/** A value as a pattern: its literal pieces, between which anything may stand; one piece = the very text. */
export function patternOf(field: SearchField, value: string): string[] {
  if (!WILD.has(field)) return [value]
  const text = field === 'agent' ? value.toLowerCase() : value
  if (text.includes('*')) return text.replaceAll(/\*+/g, '*').split('*')
  return field === 'agent' && !text.includes('@') ? [text, ''] : [text]
}

function readTerm(text: string, start: number): PlacedTerm {
  const not = text[start] === '-' && start + 1 < text.length && !SPACE.test(text[start + 1]!)
  const from = not ? start + 1 : start
  const [prefix = '', name = ''] = QUALIFIER.exec(text.slice(from, from + 34)) ?? []
  if (prefix === '') {
    const { value, end } = text[from] === '"' ? quoted(text, from) : bare(text, from, false)
    if (end < text.length && !SPACE.test(text[end]!)) throw wrong(text, start, 'goes on after its closing quote: leave a space')
    return { field: 'text', not, values: [value], start, end }
  }
  const field = name.toLowerCase() as SearchField
  if (!Object.hasOwn(SEARCH_FIELDS, field)) {
    throw wrong(text, start, `has no known qualifier (${Object.keys(SEARCH_FIELDS).join(', ')}): put it in quotes to search for the text`)
  }
  const { values, end } = readValues(text, start, from + prefix.length)
  return { field, not, values: checked(field, values, text, start), start, end }
}

function readValues(text: string, start: number, from: number): { values: string[]; end: number } {
  const values: string[] = []
  for (let at = from; ;) {
    const { value, end } = text[at] === '"' ? quoted(text, at) : bare(text, at, true)
    if (value === '') throw wrong(text, start, 'needs a value')
    values.push(value)
    if (text[end] !== ',') {
      if (end < text.length && !SPACE.test(text[end]!)) throw wrong(text, start, 'goes on after its closing quote: leave a space')
      return { values, end }
    }
    at = end + 1
  }
}

function bare(text: string, from: number, isList: boolean): { value: string; end: number } {
  let end = from
  for (; end < text.length && !SPACE.test(text[end]!); end++) if (isList && text[end] === ',') break
  return { value: text.slice(from, end), end }
}

function quoted(text: string, from: number): { value: string; end: number } {
  const letters: string[] = []
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '"') {
      if (letters.length === 0) throw wrong(text, from, 'has nothing in its quotes')
      return { value: letters.join(''), end: at + 1 }
    }
    if (text[at] === '\\' && (text[at + 1] === '"' || text[at + 1] === '\\')) at++
    letters.push(text[at]!)
  }
  throw wrong(text, from, 'has no closing quote')
}

function checked(field: SearchField, values: readonly string[], text: string, start: number): string[] {
  const allowed = ENUMS[field]
  const isTime = field === 'since' || field === 'until'
  if (isTime && values.length > 1) throw wrong(text, start, 'takes one time')
  return values.map((value) => {
    const plain = allowed === undefined ? value : value.toLowerCase()
    if (allowed !== undefined && !allowed.includes(plain)) throw wrong(text, start, `is not ${SEARCH_FIELDS[field as 'decision']}`)
    if (isTime && momentOf(value, 0) === null) throw wrong(text, start, `is not ${SEARCH_FIELDS.since}`)
    if (WILD.has(field)) checkPattern(patternOf(field, value), text, start)
    return plain
  })
}

/** D1 takes patterns of at most 50 bytes; a value that only ends in `*` is a range, and may be longer. */
function checkPattern(pieces: readonly string[], text: string, start: number): void {
  if (pieces.length - 1 > SEARCH_LIMITS.wildcards) throw wrong(text, start, `has more than ${SEARCH_LIMITS.wildcards} \`*\``)
  if (pieces.length === 1 || (pieces.length === 2 && pieces[1] === '')) return
  if (globOf(pieces).replaceAll(/[^\x20-\x7e]/gu, '####').length > SEARCH_LIMITS.pattern)
    throw wrong(text, start, `is too long for \`*\` anywhere but at its end`)
}

/** The pattern as SQLite's GLOB takes it: `?`, `[` and `*` of the text itself stand for themselves. */
export function globOf(pieces: readonly string[]): string {
  return pieces.map((piece) => piece.replaceAll(/[?[]/g, '[$&]')).join('*')
}

function printTerm({ field, not, values }: SearchTerm): string {
  const sign = not ? '-' : ''
  if (field !== 'text') return `${sign}${field}:${values.map((value) => (/[\s,"]/.test(value) ? inQuotes(value) : value)).join(',')}`
  const word = values[0] ?? ''
  return sign + (/^["-]|\s|^$/.test(word) || QUALIFIER.test(word) ? inQuotes(word) : word)
}

function inQuotes(value: string): string {
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`
}

function wrong(text: string, start: number, what: string): Fault {
  const word = bare(text, start, false).value.slice(0, 60)
  return refused(`\`${word.toWellFormed()}\` at character ${start + 1} ${what}`)
}

function refused(what: string): Fault {
  const detail = what.startsWith('`') ? what : `the search ${what}`
  return fault('invalid', detail, { errors: [{ pointer: '/search', detail }] })
}
