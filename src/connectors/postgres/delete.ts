// delete_row, and restore_rows, which brings back exactly the rows that it deleted.
import * as z from 'zod'
import { actionsOf, alreadyDone, conflict, done } from '../../engine/connector.ts'
import { findCascade } from './cascade.ts'
import { findWritable } from './catalogue.ts'
import type { PostgresClient } from './client.ts'
import { recoverByXid } from './outcome.ts'
import { reading, writing } from './transaction.ts'
import {
  changed,
  differences,
  findByKey,
  Images,
  imagesAfter,
  imagesOf,
  keyOf,
  keysOnly,
  keyText,
  strangeColumn,
  unchanged,
  type Changed
} from './image.ts'
import { TableInput } from './input.ts'
import { orConflict, refuse } from './refusal.ts'
import { rowResource, tableResource } from './resource.ts'
import { deleteKeys, insertImages, refuseUnlike } from './rewrite.ts'
import { findWhere, lockKeys, lockWhere } from './rows.ts'
import { ChangeWhere, equalities } from './where.ts'

const action = actionsOf<PostgresClient>()

/** Deletes the rows that match, all or none; nothing to delete is ALREADY. */
export const delete_row = action({
  title: 'Delete rows of a table',
  input: z.strictObject({ table: TableInput, where: ChangeWhere }),
  mutates: true,
  resources: (input) => [rowResource(input.table, equalities(input.where))],
  run: (client, input, call) =>
    writing<Changed>(client, call, async (tx) => {
      const table = await findWritable(tx, input.table)
      const keys = await lockWhere(tx, table, input.where)
      if (keys.length === 0) return alreadyDone('deleted', unchanged(table, []))
      const cascade = await findCascade(tx, table, keys, (each) => each.on_delete)
      if (cascade !== null) throw refuse('would_cascade', cascade)
      const before = await imagesOf(tx, table, keys)
      await deleteKeys(tx, table, keys)
      return done(changed(table, before, []))
    }),
  // Whoever approves a deletion sees these rows, and approves the deletion of these as they are.
  preview: (client, input, call) =>
    reading<Changed>(client, call, async (tx) => {
      const table = await findWritable(tx, input.table)
      const keys = await findWhere(tx, table, input.where)
      if (keys.length === 0) return alreadyDone('deleted', unchanged(table, []))
      return done(changed(table, await imagesOf(tx, table, keys), []))
    }),
  inverse: (_, { table, key, before }) => ({
    action: 'restore_rows',
    input: { table, rows: before },
    expect: { absent: keysOnly(key, before) }
  }),
  bounds: { affected: 'previewed' },
  recovery: (client, _, call) => recoverByXid<Changed>(client, call)
})

/** Inserts these rows again, all or none, every column as it was; CONFLICT where another row has taken a key or a unique value. */
export const restore_rows = action({
  title: 'Bring deleted rows back',
  input: z.strictObject({ table: TableInput, rows: Images }),
  mutates: true,
  internal: true,
  resources: (input) => [tableResource(input.table)],
  run: (client, { table: written, rows }, call) =>
    writing<Changed>(client, call, async (tx) => {
      const table = await findWritable(tx, written)
      const keys = rows.map((row) => keyOf(table, row))
      await lockKeys(tx, table, keys)
      const present = findByKey(table, await imagesOf(tx, table, keys))
      for (const row of rows) {
        const strange = strangeColumn(table, row)
        if (strange !== undefined)
          return conflict(`the columns of \`${table.name}\` are not those of the deleted rows any more: \`${strange}\``, {
            column: strange
          })
        const [column] = differences(present(row) ?? row, row)
        if (column !== undefined)
          return conflict(`\`${table.name}\` has another row with ${keyText(table, row)}: column \`${column}\` differs`, {
            key: keyText(table, row),
            column
          })
      }
      const missing = rows.filter((row) => !present(row))
      if (missing.length === 0) return alreadyDone('restored', unchanged(table, rows))
      await orConflict(() => insertImages(tx, table, missing))
      const after = await orConflict(() => imagesAfter(tx, table, keys))
      refuseUnlike(table, rows, findByKey(table, after))
      return done(changed(table, [], after))
    }),
  inverse: 'irreversible',
  recovery: (client, _, call) => recoverByXid<Changed>(client, call)
})
