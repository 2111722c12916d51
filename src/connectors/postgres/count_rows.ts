// count_rows: how many rows a condition means, and nothing of what they hold.
import * as z from 'zod'
import { actionsOf, done } from '../../engine/connector.ts'
import { findTable, nameOf, sqlName } from './catalogue.ts'
import type { PostgresClient } from './client.ts'
import { TableInput } from './input.ts'
import { tableResource } from './resource.ts'
import type { Bound } from './session.ts'
import { reading } from './transaction.ts'
import { Where, whereSql } from './where.ts'

type Counted = { table: string; count: number; has_more: boolean }

/** Counts the rows that match, as far as the installation's `max_rows`; `has_more` says that there are more. */
export const count_rows = actionsOf<PostgresClient>()({
  title: 'Count rows of a table',
  input: z.strictObject({ table: TableInput, where: Where.optional() }),
  mutates: false,
  resources: (input) => [tableResource(input.table)],
  run: (client, input, call) =>
    reading<Counted>(client, call, async (tx) => {
      const table = await findTable(tx, input.table)
      const values: Bound[] = []
      const { max_rows } = tx.limits
      const { rows } = await tx.query(
        `SELECT count(*)::text FROM (SELECT FROM ${sqlName(table)} AS t WHERE ${whereSql(table, input.where ?? {}, values)} LIMIT ${max_rows + 1}) AS found`,
        values
      )
      const count = Number(rows[0]?.[0] ?? 0)
      return done({ table: nameOf(table), count: Math.min(count, max_rows), has_more: count > max_rows })
    })
})
