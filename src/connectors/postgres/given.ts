// Rows as a caller gives them, in SQL: any number of them in one parameter a column.
import type { JsonObject } from '../../engine/schema.ts'
import { columnOf, type Column, type Table } from './catalogue.ts'
import { refuse, Refusal } from './refusal.ts'
import type { Bound } from './session.ts'
import { bindableText } from './value.ts'

/** A row to insert, with its number for whoever reads an error; 0 where the call is about this row alone. */
export interface Given {
  readonly number: number
  readonly data: JsonObject
}

/** Rows that give the same columns. */
export interface Group {
  readonly columns: readonly Column[]
  readonly rows: readonly Given[]
}

/** Many rows, counted from `first`. */
export function numbered(rows: readonly JsonObject[], first = 1): Given[] {
  return rows.map((data, i) => ({ number: first + i, data }))
}

/** The rows by the columns they give, in the order in which those first come; refuses a column that the table does not have. */
export function groupsOf(table: Table, rows: readonly Given[]): Group[] {
  const groups = new Map<string, { columns: Column[]; rows: Given[] }>()
  for (const row of rows) {
    const names = Object.keys(row.data).sort()
    const id = JSON.stringify(names)
    const group = groups.get(id) ?? { columns: names.map((name) => located(row.number, () => columnOf(table, name))), rows: [] }
    groups.set(id, group)
    group.rows.push(row)
  }
  return [...groups.values()]
}

/** `r (n, c0, c1, …)`: each row's number and its cells as text, which `givenValues` binds from $1 on. */
export function fromGiven({ columns }: Group, alias = 'r'): string {
  const names = ['n', ...columns.map((_, i) => `c${i}`)]
  return `unnest($1::int[], ${columns.map((_, i) => `$${i + 2}::text[]`).join(', ')}) AS ${alias} (${names.join(', ')})`
}

export function givenValues({ columns, rows }: Group): Bound[] {
  return [
    rows.map(({ number }) => String(number)),
    ...columns.map((column) => rows.map(({ number, data }) => located(number, () => cellText(column, data[column.name] ?? null))))
  ]
}

/** The cell of a column of this group as it would be stored (`stored`), or as its type reads it without cutting anything off (`type`). */
export function givenCell({ columns }: Group, column: Column, as: 'type' | 'stored', alias = 'r'): string {
  return `${alias}.c${columns.indexOf(column)}::${column[as]}`
}

/** A value as text that its column's type can be asked to read; refuses what no text can say. */
export function cellText(column: Column, value: JsonObject[string]): string | null {
  const text = bindableText(column, value)
  // The server would refuse the whole statement and not say where.
  if (text?.includes('\0'))
    throw refuse('bad_value', `the value for column \`${column.name}\` holds a NUL, which Postgres stores in no text`)
  return text
}

/** Says of a refusal which row it is about. */
export function located<T>(number: number, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Refusal) || error.result.kind !== 'failed') throw error
    throw refuse(error.result.code, `${placeOf(number)}${error.result.message}`)
  }
}

/** `row 7: `, before a sentence; nothing where there is only one. */
export function placeOf(number: number): string {
  return number === 0 ? '' : `row ${number}: `
}
