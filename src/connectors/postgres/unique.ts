// Which rows claim the same place: as each other, and as what stands in the table.
import { columnOf, exactText, sqlName, type Column, type Table } from './catalogue.ts'
import { fromGiven, givenCell, givenValues, type Given, type Group } from './given.ts'
import { quote } from './name.ts'
import { refuse } from './refusal.ts'
import { keyOrder, keyTexts, type Key } from './rows.ts'
import type { Transaction } from './transaction.ts'

/** The columns whose values must be nobody else's, or null; refuses a row that has no value for one of them. */
export function uniqueColumns(table: Table, { columns, rows }: Group, unique_on: readonly string[] | undefined): Column[] | null {
  const given = new Set(columns.map((column) => column.name))
  const names = unique_on ?? (table.key.every((name) => given.has(name)) ? table.key : null)
  if (names === null) return null
  for (const name of names) {
    const lacking = rows.find(({ data }) => (data[name] ?? null) === null)
    if (lacking !== undefined)
      throw refuse(
        'unique_on_missing',
        `\`unique_on\` names \`${name}\`, for which ${lacking.number === 0 ? '`data`' : `row ${lacking.number}`} has no value`
      )
  }
  return uniqueOf(table, names)
}

function uniqueOf(table: Table, names: readonly string[]): Column[] {
  return [...new Set(names)].sort().map((name) => columnOf(table, name))
}

/** The numbers of two rows that claim the same place, and the columns in which they do: which of them would come in is nobody's guess. */
export async function findTwins(
  tx: Transaction,
  table: Table,
  rows: readonly Given[],
  unique_on: readonly string[] | undefined
): Promise<[number, number, readonly Column[]] | null> {
  const columns = uniqueOf(table, unique_on ?? table.key)
  const claiming = rows.filter(({ data }) => columns.every(({ name }) => (data[name] ?? null) !== null))
  if (claiming.length < 2) return null
  const group = { columns, rows: claiming }
  const same = columns
    .map((column) => `${givenCell(group, column, 'stored', 'a')} = ${givenCell(group, column, 'stored', 'b')}`)
    .join(' AND ')
  const found = await tx.query(
    `SELECT a.n::text, b.n::text FROM ${fromGiven(group, 'a')} JOIN ${fromGiven(group, 'b')} ON a.n < b.n AND ${same} ORDER BY a.n, b.n LIMIT 1`,
    givenValues(group)
  )
  return found.rows[0] === undefined ? null : [Number(found.rows[0][0]), Number(found.rows[0][1]), columns]
}

/** What stands under the same values: by row number the keys of rows that hold everything given, and the first row whose place another has. */
export async function standing(
  tx: Transaction,
  table: Table,
  group: Group,
  unique: readonly Column[]
): Promise<{ same: Map<number, Key>; other: number | null }> {
  const isSame = group.columns
    .map((column) =>
      [`t.${quote(column.name)}`, givenCell(group, column, 'stored')].map((cell) => exactText(column, cell)).join(' IS NOT DISTINCT FROM ')
    )
    .join(' AND ')
  const isThere = unique.map((column) => `t.${quote(column.name)} = ${givenCell(group, column, 'stored')}`).join(' AND ')
  const { rows } = await tx.query(
    `SELECT DISTINCT ON (r.n) r.n::text, (${isSame})::text, ${keyTexts(table)} FROM ${fromGiven(group)} JOIN ${sqlName(table)} AS t ON ${isThere}
     ORDER BY r.n, 2 DESC, ${keyOrder(table)}`,
    givenValues(group)
  )
  const other = rows.find(([, same]) => same !== 'true')
  return {
    same: new Map(rows.map(([number, , ...key]) => [Number(number), key as Key])),
    other: other === undefined ? null : Number(other[0])
  }
}

/** For a sentence. */
export function namesOf(unique: readonly Column[]): string {
  return unique.map((column) => `\`${column.name}\``).join(', ')
}
