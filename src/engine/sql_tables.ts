// Whether a request reaches a listed table: named by itself, in SQL, or by something that reaches tables it does not name.
import { quoted } from './quoted.ts'
import { readSql } from './sql.ts'
import { tableNames, tablesIn } from './sql_names.ts'
import type { Parsed, Parsers } from './ports.ts'

/** Words for the listed table that is reached, null when none is; not ok where that cannot be told. */
export function listedTable(
  table: string | undefined,
  sql: string | undefined,
  listed: readonly string[],
  parsers: Parsers
): Parsed<string | null> {
  const match = tablesIn(listed)
  if (table !== undefined) {
    const names = tableNames(table)
    if (names === null) return { ok: false, error: `${quoted(table)} is not the name of a table` }
    const entry = names.map(match).find((one) => one !== undefined)
    if (entry !== undefined) return { ok: true, tree: said(table, entry) }
  }
  if (sql === undefined) return { ok: true, tree: null }
  const read = readSql(sql, parsers)
  if (!read.ok) return read
  const { tables, sweeping, opaque } = read.tree
  for (const name of tables) {
    const entry = match(name)
    if (entry !== undefined) return { ok: true, tree: said(name.schema === null ? name.name : `${name.schema}.${name.name}`, entry) }
  }
  const unseen = sweeping[0] ?? opaque[0]
  return unseen === undefined ? { ok: true, tree: null } : { ok: false, error: `${unseen} reaches tables that cannot be seen` }
}

function said(table: string, entry: string): string {
  return table === entry ? `table ${quoted(table)}` : `table ${quoted(table)} (listed as ${quoted(entry)})`
}
