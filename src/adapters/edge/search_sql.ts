// A search as conditions in SQL. Every value is bound, none is ever part of the text; what a condition could be looked up by comes with it.
import { globOf, momentOf, patternOf, searchWords, type ReceiptFilter, type SearchTerm } from '../../engine/index.ts'

/** Parameters of a statement: binding the same value twice takes one number. */
export class Binding {
  readonly values: (string | number)[] = []
  readonly bind = (value: string | number): string => {
    const known = this.values.indexOf(value)
    return `?${known === -1 ? this.values.push(value) : known + 1}`
  }
}

/** What the rows of one value are found by, in the order of their positions; `where` is a condition on `receipts r`. */
export interface Lead {
  readonly where: string
  readonly index?: string
  /** Set where the value is a tag: then its index is that of the tags. */
  readonly tag?: { readonly kind: 'policy' | 'system'; readonly value: string }
}

/** A condition on `receipts r`. */
export interface Condition {
  readonly sql: string
  /** Together they find all rows for which it holds, each once. */
  readonly leads?: readonly Lead[]
  /** Selects which together give the positions of all rows for which it holds, and perhaps of others, and some more than once. */
  readonly positions?: readonly string[]
}

const COLUMNS = {
  agent: { column: 'agent', index: 'receipts_agent' },
  key: { column: 'api_key_id', index: 'receipts_key' },
  workflow: { column: 'workflow', index: 'receipts_workflow' },
  mode: { column: 'run_mode', index: 'receipts_mode' },
  outcome: { column: 'outcome', index: 'receipts_outcome' },
  decision: { column: 'decision', index: 'receipts_decision' }
} as const
/** What narrows most comes first: it leads the query. */
const ORDER = ['policy', 'key', 'agent', 'system', 'workflow', 'mode', 'outcome', 'decision'] as const
/** D1 takes five selects in one. */
const SELECTS_MAX = 4
/** No row, found by the index: of a plain false SQLite makes a scan. */
export const NEVER = 'r.position < 0'

/** The conditions of a filter, those first that narrow most. `team` is the parameter that holds the team. */
export function conditionsOf(filter: ReceiptFilter, team: string, bind: Binding['bind'], now: number): Condition[] {
  const search = filter.search ?? []
  const terms: SearchTerm[] = [
    ...search,
    ...ORDER.flatMap((field) => {
      const value = field === 'agent' || field === 'key' || field === 'mode' ? undefined : filter[field]
      return value === undefined ? [] : [{ field, not: false, values: [value], exact: true }]
    })
  ]
  const found = ORDER.flatMap((field) =>
    terms
      .filter((term) => term.field === field)
      .map((term) =>
        field === 'policy' || field === 'system' ? tagCondition(field, term, team, bind) : columnCondition(field, term, team, bind)
      )
  )
  const words = search.filter(({ field }) => field === 'text')
  return [
    ...changedCondition(filter, team, bind),
    ...timeConditions(filter, team, bind, now),
    ...userCondition(filter, team, bind),
    ...found,
    ...wordsCondition(searchWords(filter.q ?? ''), bind),
    ...words.map(({ not, values }) => ({ sql: `instr(r.words, ${bind(values[0]!.toLowerCase())}) ${not ? '= 0' : '> 0'}` }))
  ]
}

/** All conditions as one, as a balanced tree: D1 refuses expressions that are deeper than a hundred. */
export function allOf(conditions: readonly string[]): string {
  if (conditions.length < 3) return conditions.join(' AND ') || '1'
  const half = conditions.length >> 1
  return `(${allOf(conditions.slice(0, half))}) AND (${allOf(conditions.slice(half))})`
}

/** Any number of words in one parameter. */
function wordsCondition(words: readonly string[], bind: Binding['bind']): Condition[] {
  if (words.length === 0) return []
  if (words.length === 1) return [{ sql: `instr(r.words, ${bind(words[0]!)}) > 0` }]
  return [{ sql: `NOT EXISTS (SELECT 1 FROM json_each(${bind(JSON.stringify(words))}) w WHERE instr(r.words, w.value) = 0)` }]
}

function changedCondition({ changed_after }: ReceiptFilter, team: string, bind: Binding['bind']): Condition[] {
  if (changed_after === undefined) return []
  const where = (name: string) => `${name}seq >= ${bind(changed_after)}`
  return [{ sql: where('r.'), positions: [positions('receipts_seq', team, where(''))] }]
}

/** All times together are one span. */
function timeConditions(filter: ReceiptFilter, team: string, bind: Binding['bind'], now: number): Condition[] {
  const from = filter.from === undefined ? [] : [filter.from]
  const to = filter.to === undefined ? [] : [filter.to]
  for (const { field, not, values } of filter.search ?? []) {
    if (field !== 'since' && field !== 'until') continue
    const moment = momentOf(values[0]!, now)
    if (moment === null) return [{ sql: not ? '1' : NEVER }]
    ;((field === 'since') === not ? to : from).push(moment)
  }
  const where = (name: string) =>
    [
      ...(from.length > 0 ? [`${name}at >= ${bind(Math.max(...from))}`] : []),
      ...(to.length > 0 ? [`${name}at < ${bind(Math.min(...to))}`] : [])
    ].join(' AND ')
  return from.length + to.length === 0 ? [] : [{ sql: where('r.'), positions: [positions('receipts_at', team, where(''))] }]
}

/** The filter's address is exact, and found by its lower case. */
function userCondition({ user_email }: ReceiptFilter, _team: string, bind: Binding['bind']): Condition[] {
  if (user_email === undefined) return []
  const where = `r.agent = ${bind(user_email.toLowerCase())} AND r.user_email = ${bind(user_email)}`
  return [{ sql: where, leads: [{ index: 'receipts_agent', where }] }]
}

function columnCondition(field: keyof typeof COLUMNS, term: SearchTerm, team: string, bind: Binding['bind']): Condition {
  const { column, index } = COLUMNS[field]
  const patterns = patternsOf(term)
  const where = (name: string) => anyOf(`${name}${column}`, patterns, bind)
  if (patterns.length === 0) return { sql: term.not ? '1' : NEVER }
  if (term.not) return { sql: `NOT ${where('r.')}` }
  const sql = where('r.')
  const values = exactOf(patterns)
  if (values !== null) return { sql, leads: values.map((value) => ({ index, where: `r.${column} = ${bind(value)}` })) }
  const selects = selectsOf(patterns)?.map((some) => positions(index, team, anyOf(column, some, bind, true)))
  return selects === undefined ? { sql } : { sql, positions: selects }
}

function tagCondition(kind: 'policy' | 'system', term: SearchTerm, team: string, bind: Binding['bind']): Condition {
  const patterns = patternsOf(term)
  const has = (some: readonly (readonly string[])[]) =>
    `EXISTS (SELECT 1 FROM receipt_tags x INDEXED BY receipt_tags_position WHERE x.team_id = ${team} AND x.position = r.position AND x.kind = '${kind}' AND ${anyOf('x.value', some, bind)})`
  const exists = has(patterns)
  if (term.not) return { sql: `NOT ${exists}` }
  const tags = exactOf(patterns)
  // A receipt may have several of the values: it comes with the first of them.
  const unlessBefore = (i: number) => (i === 0 ? '1' : `NOT ${has(patterns.slice(0, i))}`)
  if (tags !== null) return { sql: exists, leads: tags.map((value, i) => ({ tag: { kind, value: bind(value) }, where: unlessBefore(i) })) }
  const selects = selectsOf(patterns)?.map(
    (some) => `SELECT position FROM receipt_tags WHERE team_id = ${team} AND kind = '${kind}' AND ${anyOf('value', some, bind, true)}`
  )
  return selects === undefined ? { sql: exists } : { sql: exists, positions: selects }
}

function patternsOf(term: SearchTerm & { readonly exact?: boolean }): (readonly string[])[] {
  const { field, values } = term
  if (term.exact === true) return values.map((value) => [value])
  if (field === 'decision' || field === 'outcome') return values.filter((value) => value !== 'held').map((value) => [value.toUpperCase()])
  return values.map((value) => patternOf(field, value))
}

/** The values, where they are exact and few enough for a walk each. */
function exactOf(patterns: readonly (readonly string[])[]): string[] | null {
  const values = [...new Set(patterns.flatMap((pieces) => (pieces.length === 1 ? pieces : [])))]
  return values.length > SELECTS_MAX || patterns.some((pieces) => pieces.length > 1) ? null : values
}

/** Patterns that one range of an index each answers, exact ones together; undefined where one begins with anything, or they are too many. */
function selectsOf(patterns: readonly (readonly string[])[]): (readonly (readonly string[])[])[] | undefined {
  const exact = patterns.filter((pieces) => pieces.length === 1)
  const ranges = patterns.filter((pieces) => pieces.length > 1)
  if (ranges.some(([first]) => first === '')) return undefined
  const selects = [...(exact.length > 0 ? [exact] : []), ...ranges.map((pieces) => [pieces])]
  return selects.length > SELECTS_MAX ? undefined : selects
}

/** `ranged` takes of a pattern only the range that it lies in: GLOB is no way into an index, and would go through all of the range. */
function anyOf(name: string, patterns: readonly (readonly string[])[], bind: Binding['bind'], ranged = false): string {
  const exact = patterns.flatMap((pieces) => (pieces.length === 1 ? pieces : []))
  const parts = exact.length > 0 ? [`${name} IN (${exact.map(bind).join(', ')})`] : []
  for (const pieces of patterns.filter(({ length }) => length > 1)) {
    const isPrefix = pieces.length === 2 && pieces[1] === ''
    parts.push(isPrefix || ranged ? range(name, pieces[0]!, bind) : `${name} GLOB ${bind(globOf(pieces))}`)
  }
  return `(${parts.join(' OR ')})`
}

/** All texts that begin with `prefix`: SQLite compares bytes of UTF-8, whose order is that of code points. */
function range(name: string, prefix: string, bind: Binding['bind']): string {
  if (prefix === '') return '1'
  const points = Array.from(prefix, (letter) => letter.codePointAt(0)!)
  while (points.at(-1) === 0x10ffff) points.pop()
  const last = points.pop()
  if (last === undefined) return `${name} >= ${bind(prefix)}`
  // Surrogates are no characters: what comes after U+D7FF is U+E000.
  const next = String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
  return `${name} >= ${bind(prefix)} AND ${name} < ${bind(next)}`
}

function positions(index: string, team: string, where: string): string {
  return `SELECT position FROM receipts INDEXED BY ${index} WHERE team_id = ${team} AND ${where}`
}
