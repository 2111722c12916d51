// Rows in SQL: locked, named by their keys, and fetched within a size.
import { columnOf, exactText, sqlName, type Table } from './catalogue.ts'
import type { Transaction } from './transaction.ts'
import { quote } from './name.ts'
import { refuse } from './refusal.ts'
import type { Bound } from './session.ts'
import { whereSql, type Where } from './where.ts'

/** The key of one row as exact text, in the order of the table's key columns. Key columns are never null. */
export type Key = readonly string[]

/**
 * Locks the rows that match until the transaction ends and gives their keys; refuses to mean every row, more than the installation's row cap,
 * and more than the call's budget was asked for.
 */
export async function lockWhere(tx: Transaction, table: Table, where: Where): Promise<Key[]> {
  const keys = await keysWhere(tx, table, where, 'FOR UPDATE OF t')
  if (tx.budgeted === null || keys.length <= tx.budgeted) return keys
  throw refuse(
    'more_than_budgeted',
    `${keys.length} rows of \`${table.name}\` match by now, and the budget was asked for ${tx.budgeted}: ask again`
  )
}

/** The same without locking, for who only looks. */
export function findWhere(tx: Transaction, table: Table, where: Where): Promise<Key[]> {
  return keysWhere(tx, table, where, '')
}

async function keysWhere(tx: Transaction, table: Table, where: Where, locking: 'FOR UPDATE OF t' | ''): Promise<Key[]> {
  // INVARIANT: whatever policies allow, no change is made without a condition.
  if (Object.keys(where).length === 0)
    throw refuse('no_where', `\`where\` is empty, which would mean every row of \`${table.name}\`: name the rows to change`)
  const values: Bound[] = []
  const condition = whereSql(table, where, values)
  const { max_rows } = tx.limits
  // In the order of the key, so that two writers queue up instead of deadlocking.
  const { rows } = await tx.query(
    `SELECT ${keyTexts(table)} FROM ${sqlName(table)} AS t WHERE ${condition} ORDER BY ${keyOrder(table)} LIMIT ${max_rows + 1} ${locking}`,
    values
  )
  if (rows.length <= max_rows) return rows as Key[]
  throw refuse(
    'too_many_rows',
    `more than ${max_rows} rows of \`${table.name}\` match: narrow \`where\`, or raise \`max_rows\` in enact.config.ts`
  )
}

/** Locks the rows of these keys that exist. */
export async function lockKeys(tx: Transaction, table: Table, keys: readonly Key[]): Promise<void> {
  await tx.query(`SELECT ${fromKeys(table)} ORDER BY ${keyOrder(table)} FOR UPDATE OF t`, keyValues(table, keys))
}

interface Fetch {
  readonly cells: readonly string[]
  /** From FROM to WHERE. */
  readonly from: string
  readonly order?: string
  readonly limit?: number
  readonly values: readonly Bound[]
}

/** Fetches text cells in order; `rows` is null, and nothing was sent, where they are more than `bytesMax` together. */
export async function fetchWithin(
  tx: Transaction,
  bytesMax: number,
  { cells, from, order, limit, values }: Fetch
): Promise<{ rows: (string | null)[][] | null; bytes: number }> {
  const names = cells.map((_, i) => `c${i}`)
  const { rows } = await tx.query(
    `WITH found AS MATERIALIZED (
       SELECT row_number() OVER (${order ? `ORDER BY ${order}` : ''}) AS place, ${cells.map((cell, i) => `${cell} AS ${names[i]}`).join(', ')} ${from}
       ${order ? `ORDER BY ${order}` : ''} ${limit ? `LIMIT ${limit}` : ''}),
     total AS (SELECT coalesce(sum(${names.map((name) => `coalesce(octet_length(${name}), 0)::bigint`).join(' + ')}), 0) AS bytes FROM found)
     SELECT total.bytes::text, found.* FROM total LEFT JOIN found ON total.bytes <= ${bytesMax} ORDER BY found.place`,
    values
  )
  const bytes = Number(rows[0]?.[0] ?? 0)
  // With nothing found the total stands alone, beside an empty row.
  return { rows: bytes > bytesMax ? null : rows.filter((row) => row[1] !== null).map((row) => row.slice(2)), bytes }
}

/** The key columns' texts, for a select list over `t`. */
export function keyTexts(table: Table): string {
  return table.key.map((name) => exactText(columnOf(table, name), `t.${quote(name)}`)).join(', ')
}

export function keyOrder(table: Table): string {
  return table.key.map((name) => `t.${quote(name)}`).join(', ')
}

/** `t` joined with the keys that `keyValues` binds from $1 on: any number of rows in a fixed number of parameters. */
export function fromKeys(table: Table): string {
  return `FROM ${sqlName(table)} AS t JOIN ${keyRows(table)} ON ${onKey(table)}`
}

export function keyRows(table: Table): string {
  return `unnest(${table.key.map((_, i) => `$${1 + i}::text[]`).join(', ')}) AS k (${table.key.map((_, i) => `k${i}`).join(', ')})`
}

export function onKey(table: Table): string {
  return table.key.map((name, i) => `t.${quote(name)} = k.k${i}::${columnOf(table, name).type}`).join(' AND ')
}

export function keyValues(table: Table, keys: readonly Key[]): Bound[] {
  return table.key.map((_, i) => keys.map((key) => key[i]!))
}
