// select_rows: reading, in a transaction that cannot write.
import * as z from 'zod'
import { actionsOf, done } from '../../engine/connector.ts'
import type { Json } from '../../engine/schema.ts'
import { columnOf, exactText, findTable, nameOf, sqlName, type Column, type Table } from './catalogue.ts'
import type { PostgresClient } from './client.ts'
import { reading, type Transaction } from './transaction.ts'
import { IMAGE_BYTES_MAX } from './image.ts'
import { TableInput } from './input.ts'
import { quote } from './name.ts'
import { refuse } from './refusal.ts'
import { tableResource } from './resource.ts'
import { fetchWithin, keyOrder } from './rows.ts'
import type { Bound } from './session.ts'
import { jsonOf } from './value.ts'
import { Where, whereSql } from './where.ts'

const LIMIT_DEFAULT = 100

const Order = z.strictObject({ column: z.string().min(1), direction: z.enum(['asc', 'desc']).default('asc') })
const Input = z.strictObject({
  table: TableInput,
  columns: z.array(z.string().min(1)).min(1).optional(),
  where: Where.optional(),
  order_by: z.array(Order).min(1).max(10).optional(),
  limit: z.int().min(1).optional()
})

type Rows = { table: string; rows: Record<string, Json>[]; has_more: boolean }

/** Gives rows as JSON: bigint and numeric as strings, times in ISO 8601. Never more than the installation's `max_rows`. */
export const select_rows = actionsOf<PostgresClient>()({
  title: 'Read rows of a table',
  input: Input,
  mutates: false,
  resources: (input) => [tableResource(input.table)],
  run: (client, input, call) =>
    reading<Rows>(client, call, async (tx) => {
      const limit = input.limit ?? Math.min(LIMIT_DEFAULT, tx.limits.max_rows)
      if (limit > tx.limits.max_rows)
        throw refuse('too_many_rows', `\`limit\` ${limit} is more than the ${tx.limits.max_rows} rows that one call may read`)
      const table = await findTable(tx, input.table)
      const columns = input.columns?.map((name) => columnOf(table, name)) ?? table.columns
      const values: Bound[] = []
      const from = `FROM ${sqlName(table)} AS t WHERE ${whereSql(table, input.where ?? {}, values)}`
      const rows = await readRows(tx, columns, { from, order: orderSql(table, input.order_by), limit: limit + 1, values })
      return done({ table: nameOf(table), rows: rows.slice(0, limit), has_more: rows.length > limit })
    })
})

/** Rows as JSON; refuses more than `IMAGE_BYTES_MAX`. */
export async function readRows(
  tx: Transaction,
  columns: readonly Column[],
  what: { from: string; order: string; limit?: number; values: readonly Bound[] }
): Promise<Record<string, Json>[]> {
  const { rows, bytes } = await fetchWithin(tx, IMAGE_BYTES_MAX, { ...what, cells: columns.map(readableText) })
  if (rows === null)
    throw refuse(
      'result_too_large',
      `the rows are ${bytes} bytes, more than the ${IMAGE_BYTES_MAX} of one answer: ask for fewer rows or columns`
    )
  return rows.map((row) => Object.fromEntries(columns.map((column, i) => [column.name, jsonOf(column, row[i] ?? null)])))
}

/** The text that `jsonOf` reads: arrays as JSON arrays of their elements' texts. */
function readableText(column: Column): string {
  const cell = `t.${quote(column.name)}`
  return column.element === null ? exactText(column, cell) : `to_json(${cell}::text[])::text`
}

function orderSql(table: Table, orders: z.output<typeof Input>['order_by']): string {
  const wanted = orders?.map(({ column, direction }) => `t.${quote(columnOf(table, column).name)} ${direction}`) ?? []
  // The key last: the same question gives the same rows.
  return [...wanted, ...(table.key.length > 0 ? [keyOrder(table)] : [])].join(', ')
}
