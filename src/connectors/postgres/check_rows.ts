// check_rows: whether rows could be inserted, asked of the table's own catalogue before anything is written.
import * as z from 'zod'
import { actionsOf, done } from '../../engine/connector.ts'
import type { JsonObject } from '../../engine/schema.ts'
import { findWritable, nameOf, type Column, type Table } from './catalogue.ts'
import type { PostgresClient } from './client.ts'
import { cellText, groupsOf, numbered, type Given } from './given.ts'
import { RowsInput, TableInput, UniqueInput } from './input.ts'
import { refuse, Refusal } from './refusal.ts'
import { tableResource } from './resource.ts'
import { reading, type Transaction } from './transaction.ts'
import { findTwins, standing, uniqueColumns } from './unique.ts'

/** Where a row does not fit. `row` counts from 1; no value is repeated, since it may be a secret. */
type Place = { row: number; column: string; problem: string }

/** `rows_per_call`: so many can be inserted in one call. */
type Checked = { table: string; schema: string; name: string; rows_per_call: number; places: Place[]; has_more: boolean }

const PLACES_MAX = 20

/**
 * Says where rows would not fit: columns that are not there or not to be written, values that are missing, of another type or too long,
 * values under `unique_on` (or the primary key) that come twice or belong to another row. Constraints and triggers are asked by the insert.
 */
export const check_rows = actionsOf<PostgresClient>()({
  title: 'Check rows against a table',
  input: z.strictObject({ table: TableInput, rows: RowsInput, unique_on: UniqueInput.optional() }),
  mutates: false,
  resources: (input) => [tableResource(input.table)],
  run: (client, { table: written, rows, unique_on }, call) =>
    reading<Checked>(client, call, async (tx) => {
      const table = await findWritable(tx, written)
      const { places: wrong, cells } = readRows(table, rows, unique_on)
      const places = [...wrong, ...(await unreadable(tx, cells))]
      if (places.length === 0) places.push(...(await taken(tx, table, numbered(rows), unique_on)))
      places.sort((a, b) => a.row - b.row)
      const { schema, name } = table
      const found = { places: places.slice(0, PLACES_MAX), has_more: places.length > PLACES_MAX }
      return done({ table: nameOf(table), schema, name, rows_per_call: tx.limits.max_rows, ...found })
    })
})

interface Cell {
  readonly row: number
  readonly column: Column
  readonly text: string
}

/** What can be said without asking the server, and the cells that it must read. */
function readRows(table: Table, rows: readonly JsonObject[], unique_on: readonly string[] = []): { places: Place[]; cells: Cell[] } {
  const places: Place[] = []
  const cells: Cell[] = []
  const columns = new Map(table.columns.map((column) => [column.name, column]))
  const needed = table.columns.filter((column) => column.not_null && !column.has_default && !column.generated && !table.fills_in)
  for (const [i, data] of rows.entries()) {
    const row = i + 1
    const wrong = (column: string, problem: string) => void places.push({ row, column, problem })
    for (const [name, value] of Object.entries(data)) {
      const column = columns.get(name)
      if (column === undefined) wrong(name, `\`${table.name}\` has no such column`)
      else if (column.generated || column.always) wrong(name, 'is given by the database itself')
      else if (value === null && column.not_null && !table.fills_in) wrong(name, 'must not be null')
      else {
        const read = textOf(column, value)
        if ('problem' in read) wrong(name, read.problem)
        else if (read.text !== null) cells.push({ row, column, text: read.text })
      }
    }
    for (const { name } of needed) if (!Object.hasOwn(data, name)) wrong(name, 'is missing, and has no default')
    for (const name of unique_on) {
      if (!columns.has(name)) wrong(name, `\`unique_on\` names it, but \`${table.name}\` has no such column`)
      else if ((data[name] ?? null) === null) wrong(name, '`unique_on` names it, but it has no value')
    }
  }
  return { places, cells }
}

function textOf(column: Column, value: JsonObject[string]): { text: string | null } | { problem: string } {
  try {
    return { text: cellText(column, value) }
  } catch (error) {
    if (error instanceof Refusal && error.result.kind === 'failed') return { problem: error.result.message }
    throw error
  }
}

/** The cells that their column's type does not read, as the server's own input functions say. */
async function unreadable(tx: Transaction, cells: readonly Cell[]): Promise<Place[]> {
  if (cells.length === 0) return []
  const { rows: known } = await tx.query(`SELECT to_regproc('pg_catalog.pg_input_error_info')::text`)
  if (known[0]?.[0] === null) throw refuse('postgres_too_old', 'rows can be checked by PostgreSQL 16 and newer')
  const { rows } = await tx.query(
    `SELECT r.place::text, e.sql_error_code FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS r (value, type, place), pg_input_error_info(r.value, r.type) AS e
     WHERE e.sql_error_code IS NOT NULL ORDER BY r.place LIMIT ${PLACES_MAX + 1}`,
    [cells.map(({ text }) => text), cells.map(({ column }) => column.declared)]
  )
  return rows.map(([place, state]) => {
    const { row, column } = cells[Number(place) - 1]!
    return { row, column: column.name, problem: (PROBLEMS[state ?? ''] ?? ((type) => `is no ${type}`))(column.declared) }
  })
}

/** SQLSTATE → what is wrong; the server's own sentence would repeat the value. */
const PROBLEMS: Readonly<Record<string, (type: string) => string>> = {
  '22001': (type) => `is too long for ${type}`,
  '22003': (type) => `is out of range for ${type}`,
  '22008': (type) => `is out of range for ${type}`,
  '23514': (type) => `is not allowed by the rules of ${type}`
}

/** Rows that claim the same place as each other, or as another row of the table. */
async function taken(tx: Transaction, table: Table, rows: readonly Given[], unique_on: readonly string[] | undefined): Promise<Place[]> {
  const names = (columns: readonly Column[]) => columns.map(({ name }) => name).join(', ')
  const twins = await findTwins(tx, table, rows, unique_on)
  if (twins !== null) return [{ row: twins[1], column: names(twins[2]), problem: `has the same value as row ${twins[0]}` }]
  const places: Place[] = []
  for (const group of groupsOf(table, rows)) {
    const unique = uniqueColumns(table, group, unique_on)
    const other = unique === null ? null : (await standing(tx, table, group, unique)).other
    if (other !== null) places.push({ row: other, column: names(unique!), problem: `\`${table.name}\` has another row with this value` })
  }
  return places
}
