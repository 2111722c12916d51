// Whether a change of rows says which rows: given as SQL, as a condition's text, or as columns and comparisons.
import { readCondition, readSql, type RowChange } from './sql.ts'
import type { Parsed, Parsers } from './ports.ts'
import { quoted } from './quoted.ts'
import type { Json, JsonObject } from './schema.ts'

/** Null when every given change picks its rows; else what is wrong, as the end of a sentence that begins with the change. */
export function unfilteredChange(
  kinds: readonly RowChange['kind'][],
  where: Json | undefined,
  sql: string | undefined,
  parsers: Parsers
): Parsed<string | null> {
  const verb = kinds[0]!
  if (sql !== undefined && sql.trim() !== '') {
    const read = readSql(sql, parsers)
    if (!read.ok) return read
    const { count, changes, opaque } = read.tree
    if (opaque.length > 0) return { ok: false, error: `${opaque[0]!} hides what it changes` }
    const bad = changes.find((change) => kinds.includes(change.kind) && change.unfiltered !== null)
    if (bad !== undefined) return { ok: true, tree: `${bad.kind} on \`${bad.table}\` ${bad.unfiltered!}` }
    if (count > 0 && where === undefined) return { ok: true, tree: null }
  }
  const missing = typeof where === 'string' ? readCondition(where, parsers) : ({ ok: true, tree: openColumns(where) } as const)
  if (!missing.ok) return { ok: false, error: `\`where\`: ${missing.error}` }
  const shown = where === undefined || where === null ? '' : `: ${quoted(typeof where === 'string' ? where : JSON.stringify(where))}`
  return { ok: true, tree: missing.tree === null ? null : `${verb} ${missing.tree}${shown}` }
}

const COMPARISONS: ReadonlySet<string> = new Set(['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'not_in', 'like', 'ilike', 'is_null'])

/** Columns and comparisons all hold together, so that one of them that picks rows is enough. */
function openColumns(where: Json | undefined): string | null {
  if (where === undefined || where === null) return 'has no WHERE'
  const conditions = Object.values(where as JsonObject).flatMap((wanted) =>
    wanted !== null && typeof wanted === 'object' && !Array.isArray(wanted)
      ? Object.entries(wanted)
      : ([['eq', wanted]] as [string, Json][])
  )
  if (conditions.length === 0) return 'has no WHERE'
  return conditions.every(([operator, value]) => keepsAll(operator, value)) ? 'has a WHERE that is always true' : null
}

/** A comparison that every row passes, NULLs left out of account. One that is not known picks nothing that could be relied on. */
function keepsAll(operator: string, value: Json): boolean {
  if (!COMPARISONS.has(operator)) return true
  if (operator === 'like' || operator === 'ilike') return typeof value === 'string' && /^%+$/.test(value)
  return operator === 'not_in' && Array.isArray(value) && value.length === 0
}
