// Rows as a caller gives them, in SQL: any number of them in one parameter a column.
import type { JsonObject } from '../../engine/schema.ts'
import { columnOf, type Column, type Table } from './catalogue.ts'
import { refuse, Refusal } from './refusal.ts'
import type { Bound } from './session.ts'
import { bindableText } from './value.ts'

/** A row to insert, with its number among the rows of the call, from 1 on. */
export interface Given {
  readonly number: number
  readonly data: JsonObject
}

/** Rows that give the same columns. */
export interface Group {
  readonly columns: readonly Column[]
  readonly rows: readonly Given[]
  /** Whether the call has other rows too, so that a message must say which one it means. */
  readonly isNumbered: boolean
}

/** The rows by the columns they give, in the order in which those first come; refuses a column that the table does not have. */
export function groupsOf(table: Table, rows: readonly JsonObject[]): Group[] {
  const groups = new Map<string, { columns: Column[]; rows: Given[]; isNumbered: boolean }>()
  rows.forEach((data, i) => {
    const names = Object.keys(data).sort()
    const id = JSON.stringify(names)
    const isNumbered = rows.length > 1
    const group = groups.get(id) ?? {
      columns: names.map((name) => located(isNumbered ? i + 1 : null, () => columnOf(table, name))),
      rows: [],
      isNumbered
    }
    groups.set(id, group)
    group.rows.push({ number: i + 1, data })
  })
  return [...groups.values()]
}

/** `r (n, c0, c1, …)`: each row's number and its cells as text, which `givenValues` binds from $1 on. */
export function fromGiven({ columns }: Group, alias = 'r'): string {
  const names = ['n', ...columns.map((_, i) => `c${i}`)]
  return `unnest($1::int[], ${columns.map((_, i) => `$${i + 2}::text[]`).join(', ')}) AS ${alias} (${names.join(', ')})`
}

export function givenValues({ columns, rows, isNumbered }: Group): Bound[] {
  return [
    rows.map(({ number }) => String(number)),
    ...columns.map((column) =>
      rows.map(({ number, data }) => located(isNumbered ? number : null, () => cellText(column, data[column.name] ?? null)))
    )
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
export function located<T>(number: number | null, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (number === null || !(error instanceof Refusal) || error.result.kind !== 'failed') throw error
    throw refuse(error.result.code, `row ${number}: ${error.result.message}`)
  }
}
