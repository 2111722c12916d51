// SQL that PostgreSQL's parser does not read (MySQL, SQLite and others): split into statements, strings and comments respected, judged by their heads.
import type { RowChange, SqlSummary } from './sql.ts'

/** A word, a sign, or a quoted text of a statement. `depth` counts the parentheses around it. */
export interface SqlToken {
  readonly text: string
  readonly kind: 'word' | 'name' | 'string' | 'sign'
  readonly depth: number
}

/** The statements of a text in any dialect. What MySQL runs although it looks like a comment (`/*! … *\/`) counts. Takes linear time. */
export function sqlStatements(text: string): readonly (readonly SqlToken[])[] {
  const statements: SqlToken[][] = []
  let current: SqlToken[] = []
  let depth = 0
  for (let at = 0; at < text.length;) {
    const sign = text[at]!
    const end = skipped(text, at)
    if (end > at) {
      at = end
      continue
    }
    const close = sign === "'" || sign === '"' || sign === '`' ? sign : sign === '[' ? ']' : null
    if (close !== null) {
      const stop = closing(text, at, close)
      current.push({ text: text.slice(at + 1, stop), kind: sign === "'" ? 'string' : 'name', depth })
      at = stop + 1
      continue
    }
    if (sign === ';') {
      if (current.length > 0) statements.push(current)
      current = []
      depth = 0
      at++
      continue
    }
    const word = WORD.exec(((WORD.lastIndex = at), text))
    if (word !== null) current.push({ text: word[0], kind: 'word', depth })
    else {
      if (sign === ')') depth = Math.max(0, depth - 1)
      current.push({ text: sign, kind: 'sign', depth })
      if (sign === '(') depth++
    }
    at += word === null ? 1 : word[0].length
  }
  if (current.length > 0) statements.push(current)
  return statements
}

const WORD = /[\w$\u0080-\uffff]+/y

/** Where a space or comment at this place ends; the place itself where none stands. */
function skipped(text: string, at: number): number {
  const sign = text[at]!
  const next = text[at + 1]
  if (/\s/.test(sign)) return at + 1
  if ((sign === '-' && next === '-') || (sign === '#' && next !== '>' && next !== '-')) {
    const end = text.indexOf('\n', at)
    return end === -1 ? text.length : end + 1
  }
  if (sign === '*' && next === '/') return at + 2
  if (sign !== '/' || next !== '*') return at
  if (text[at + 2] === '!') return at + 3 + /^\d*/.exec(text.slice(at + 3, at + 10))![0].length
  const end = text.indexOf('*/', at + 2)
  return end === -1 ? text.length : end + 2
}

function closing(text: string, at: number, close: string): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\' && close !== ']' && close !== '`') i++
    else if (text[i] === close) {
      if (text[i + 1] !== close || close === ']') return i
      i++
    }
  }
  return text.length
}

const DEFINING = /^(drop|alter|create|truncate|rename|grant|revoke|attach|detach)$/i

/** As `readSql`, decided on the heads of statements. */
export function scanSql(text: string): SqlSummary {
  const summary = { count: 0, tables: [], changes: [], definitions: [], sweeping: [], opaque: [] } as {
    count: number
    tables: { schema: string | null; name: string }[]
    changes: RowChange[]
    definitions: string[]
    sweeping: string[]
    opaque: string[]
  }
  for (const tokens of sqlStatements(text)) {
    summary.count++
    const start = headOf(tokens)
    const head = tokens[start]?.text.toLowerCase() ?? ''
    const next = words(tokens, start + 1)
    if (DEFINING.test(head)) {
      const kind = next.find((word) => !/^(temporary|temp|or|replace|unique|if|exists|not|global|materialized)$/.test(word)) ?? ''
      const renames = head === 'alter' && tokens.some((token) => token.kind === 'word' && /^rename$/i.test(token.text))
      const name = head === 'truncate' ? 'TRUNCATE' : `${head} ${kind}`.toUpperCase() + (renames ? ' … RENAME' : '')
      summary.definitions.push(name)
      if (/^DROP (DATABASE|SCHEMA|KEYSPACE|CATALOG)$/.test(name)) summary.sweeping.push(name)
      if (head === 'truncate')
        summary.changes.push({
          kind: 'TRUNCATE',
          table: tableAfter(tokens, start + (next[0] === 'table' ? 1 : 0)),
          unfiltered: 'takes every row'
        })
    }
    if (head === 'delete' || head === 'update') {
      const at = head === 'update' ? start : tokens.findIndex((token) => /^from$/i.test(token.text))
      summary.changes.push({
        kind: head === 'delete' ? 'DELETE' : 'UPDATE',
        table: tableAfter(tokens, at === -1 ? start : at),
        unfiltered: unfiltered(tokens)
      })
    }
    if (/^(call|execute|exec|do|load)$/.test(head)) summary.opaque.push(head.toUpperCase())
    tokens.forEach((token, at) => {
      if (token.kind === 'word' && /^(from|join|into|update|table)$/i.test(token.text) && tokens[at + 1] !== undefined)
        summary.tables.push({ schema: null, name: tableAfter(tokens, at) })
    })
  }
  return summary
}

/** `WITH x AS (…) DELETE`, `EXPLAIN ANALYZE DELETE` begin with what they do. */
function headOf(tokens: readonly SqlToken[]): number {
  const first = tokens[0]?.text.toLowerCase()
  if (first === 'explain')
    return tokens.findIndex((token, at) => at > 0 && /^(select|insert|update|delete|with)$/i.test(token.text) && token.depth === 0)
  if (first !== 'with') return 0
  const at = tokens.findIndex(
    (token) => token.depth === 0 && token.kind === 'word' && /^(select|insert|update|delete|merge)$/i.test(token.text)
  )
  return at === -1 ? 0 : at
}

function words(tokens: readonly SqlToken[], from: number): string[] {
  return tokens
    .slice(from, from + 5)
    .filter((token) => token.kind === 'word')
    .map((token) => token.text.toLowerCase())
}

function tableAfter(tokens: readonly SqlToken[], at: number): string {
  let name = ''
  for (let i = at + 1; i < tokens.length; i++) {
    const { text, kind } = tokens[i]!
    if (kind === 'word' && /^(if|exists|only|low_priority|ignore|or|replace|table|rollback|abort|fail)$/i.test(text)) continue
    name = text
    if (tokens[i + 1]?.text !== '.') return name
    i++
  }
  return name
}

/** What is wrong with the condition of a change, or null where it picks rows. */
function unfiltered(tokens: readonly SqlToken[]): string | null {
  const at = tokens.findIndex((token) => token.depth === 0 && token.kind === 'word' && /^where$/i.test(token.text))
  if (at === -1) return tokens.some((token) => token.depth === 0 && /^limit$/i.test(token.text)) ? null : 'has no WHERE'
  const condition = tokens.slice(at + 1).map((token) => token.text.toLowerCase())
  const text = condition.join(' ')
  return /^\(? ?(?:1|true|(\S+) = \1)(?: \)| or .*| --.*)?$/.test(text) || / or (?:1|true|(\S+) = \1)(?: \))?$/.test(text)
    ? 'has a WHERE that is always true'
    : null
}
