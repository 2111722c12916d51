// insert_rows: many rows in one transaction, all or none.
import * as z from 'zod'
import { actionsOf, alreadyDone, done } from '../../engine/connector.ts'
import type { JsonObject } from '../../engine/schema.ts'
import { findWritable, nameOf } from './catalogue.ts'
import type { PostgresClient } from './client.ts'
import { changed, keysOnly, unchanged, type Changed } from './image.ts'
import { numbered } from './given.ts'
import { RowsInput, TableInput, UniqueInput } from './input.ts'
import { countStanding, insertGiven, newImages, standingImages } from './insertion.ts'
import { recoverByXid } from './outcome.ts'
import { refuse } from './refusal.ts'
import { fingerprint, tableResource } from './resource.ts'
import { reading, writing, type Transaction } from './transaction.ts'

/** `after` are the rows that were inserted; `already` counts those that were there before, which undo leaves alone. */
type Inserted = Changed & { already: number }

/** A receipt shows so many of the rows; all of them are what its inverse expects. */
const ROWS_SHOWN = 20

/**
 * Inserts rows, all or none. Those that are there already stay as they are; all of them there is ALREADY, another row under the same
 * unique values is `duplicate`. Errors name the row, counted from `first_row`.
 */
export const insert_rows = actionsOf<PostgresClient>()({
  title: 'Insert rows into a table',
  input: z.strictObject({
    table: TableInput,
    rows: RowsInput,
    unique_on: UniqueInput.optional(),
    /** The number of the first row in what is told of them, where they are part of more. */
    first_row: z.int().min(1).max(1_000_000).optional()
  }),
  mutates: true,
  // Inserts of different rows do not stand in each other's way.
  resources: ({ table, rows }) => [`${tableResource(table)}/new~${fingerprint(JSON.stringify(rows))}`],
  shows: (output: Inserted) =>
    output.after.length <= ROWS_SHOWN
      ? output
      : { ...output, after: output.after.slice(0, ROWS_SHOWN), after_more: output.after.length - ROWS_SHOWN },
  run: (client, { table: written, rows, unique_on, first_row }, call) =>
    writing<Inserted>(client, call, async (tx) => {
      refuseTooMany(tx, rows)
      const table = await findWritable(tx, written)
      const { made, found } = await insertGiven(tx, table, numbered(rows, first_row), unique_on)
      const already = found.length
      if (made.length === 0) return alreadyDone('created', { ...unchanged(table, await standingImages(tx, table, found)), already })
      return done({ ...changed(table, [], await newImages(tx, table, made)), already })
    }),
  // Whoever approves sees how many rows would come in; the rows themselves stand in the request.
  preview: (client, { table: written, rows, unique_on, first_row }, call) =>
    reading(client, call, async (tx) => {
      refuseTooMany(tx, rows)
      const table = await findWritable(tx, written)
      const already = await countStanding(tx, table, numbered(rows, first_row), unique_on)
      return done({ table: nameOf(table), affected: rows.length - already, already })
    }),
  inverse: (_, { table, key, after }) => ({ action: 'remove_rows', input: { table, keys: keysOnly(key, after) }, expect: { rows: after } }),
  bounds: { affected: ({ rows }) => rows.length },
  recovery: (client, _, call) => recoverByXid<Inserted>(client, call)
})

function refuseTooMany(tx: Transaction, rows: readonly JsonObject[]): void {
  if (rows.length > tx.limits.max_rows)
    throw refuse(
      'too_many_rows',
      `${rows.length} rows are more than the ${tx.limits.max_rows} that one call may insert: send them in several calls`
    )
}
