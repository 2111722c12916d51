// What a SQL text would do: the tables it touches, the rows it changes, what it defines, and what it hides. Reads PostgreSQL's own parse tree.
import type { TableName } from './sql_names.ts'
import { collect, type Finding } from './sql_tree.ts'
import { looksAt } from './sql_value.ts'
import { type Reach, reachOf } from './sql_where.ts'
import type { Parsed, Parsers, SqlTree } from './ports.ts'
import type { JsonObject } from './schema.ts'

/** One statement's change of existing rows. */
export interface RowChange {
  readonly kind: 'DELETE' | 'UPDATE' | 'TRUNCATE'
  readonly table: string
  /** Null when a condition picks the rows; else what is wrong with it: `has no WHERE`, `has a WHERE that is always true`. */
  readonly unfiltered: string | null
}

/**
 * A SQL text, summed up for policies.
 *
 * What cannot be seen: a plain function call (`SELECT close_account(7)`) is read as an expression, since nothing in the text tells a
 * writing function from a reading one: grant EXECUTE with care. Calls whose purpose is to run or dump what they are told by name
 * (`query_to_xml`, `dblink`, …) are `opaque`, as are DO, CALL, EXECUTE of what was not prepared in this text, and function bodies in strings.
 */
export interface SqlSummary {
  /** How many statements; an empty text or one of comments has none. */
  readonly count: number
  /** Every table named, once; names of CTEs are not tables. */
  readonly tables: readonly TableName[]
  readonly changes: readonly RowChange[]
  /** Definitions, as words: `DROP TABLE`, `TRUNCATE`, `SELECT INTO`. */
  readonly definitions: readonly string[]
  /** What reaches tables without naming them: `DROP SCHEMA`, `GRANT … ON ALL TABLES IN SCHEMA`. */
  readonly sweeping: readonly string[]
  /** What hides its effect, as words: `a DO block`. */
  readonly opaque: readonly string[]
}

const summaries = new WeakMap<SqlTree, Parsed<SqlSummary>>()

/** Sums up a SQL text; never throws. All policies share one parse and one summary. */
export function readSql(text: string, parsers: Parsers): Parsed<SqlSummary> {
  const parsed = parsers.sql(text)
  if (!parsed.ok) return { ok: false, error: `SQL that cannot be read: ${parsed.error}` }
  const known = summaries.get(parsed.tree)
  if (known !== undefined) return known
  const summary = summarise(parsed.tree)
  summaries.set(parsed.tree, summary)
  return summary
}

function summarise(tree: SqlTree): Parsed<SqlSummary> {
  const finding = collect(tree)
  if (finding === null) return { ok: false, error: 'SQL that cannot be read: it is nested too deeply' }
  const { tables, definitions, sweeping, opaque } = finding
  return { ok: true, tree: { count: tree.stmts.length, tables, changes: changesOf(finding), definitions, sweeping, opaque } }
}

function changesOf(finding: Finding): RowChange[] {
  return finding.changes.map(({ kind, table, alias, where }) => {
    if (where === 'always') return { kind, table, unfiltered: 'takes every row' }
    if (where === undefined) return { kind, table, unfiltered: 'has no WHERE' }
    const reach = reachOf(where, table)
    // `DELETE FROM a USING b WHERE b.id = 1` takes every row of `a`.
    return { kind, table, unfiltered: describe(reach === 'some' && !looksAt(where, alias) ? 'fixed' : reach) }
  })
}

function describe(reach: Reach): string | null {
  if (reach === 'all') return 'has a WHERE that is always true'
  return reach === 'fixed' ? 'has a WHERE that does not depend on the row' : null
}

/** Judges a condition given by itself: null when it picks rows, else what is wrong with it. Text that is not exactly one condition cannot be read. */
export function readCondition(text: string, parsers: Parsers): Parsed<string | null> {
  const condition = text.replace(/^\s*where\b/i, '')
  // The line break keeps a trailing `--` from eating the parenthesis; the parentheses keep the text from ending the statement.
  const parsed = parsers.sql(`SELECT WHERE (${condition}\n)`)
  if (!parsed.ok) {
    // Spaces and comments alone are no condition.
    const alone = parsers.sql(condition)
    return alone.ok && alone.tree.stmts.length === 0 ? { ok: true, tree: 'has no WHERE' } : parsed
  }
  const select = parsed.tree.stmts[0]?.stmt.SelectStmt as JsonObject | undefined
  const extra = Object.keys(select ?? {}).filter((key) => !['whereClause', 'limitOption', 'op'].includes(key))
  if (parsed.tree.stmts.length !== 1 || select === undefined || extra.length > 0) return { ok: false, error: 'it is more than a condition' }
  if (collect(parsed.tree) === null) return { ok: false, error: 'it is nested too deeply' }
  return { ok: true, tree: describe(reachOf(select.whereClause, null)) }
}
