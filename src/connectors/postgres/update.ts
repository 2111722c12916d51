// update_row, and revert_rows, which sets back what it changed, only while the rows are as it left them.
import * as z from 'zod'
import { actionsOf, alreadyDone, conflict, done } from '../../engine/connector.ts'
import { findCascade } from './cascade.ts'
import { columnOf, findWritable, sqlName, type Table } from './catalogue.ts'
import type { PostgresClient } from './client.ts'
import { recoverByXid } from './outcome.ts'
import { reading, writing, type Transaction } from './transaction.ts'
import {
  changed,
  differences,
  findByKey,
  Images,
  imagesAfter,
  imagesOf,
  keyOf,
  keyText,
  unchanged,
  type Changed,
  type Image
} from './image.ts'
import { DataInput, TableInput } from './input.ts'
import { quote } from './name.ts'
import { orConflict, refuse } from './refusal.ts'
import { rowResource, tableResource } from './resource.ts'
import { refuseUnlike, setColumns } from './rewrite.ts'
import { findWhere, keyRows, keyValues, lockKeys, lockWhere, onKey, type Key } from './rows.ts'
import { bindable } from './value.ts'
import { ChangeWhere, equalities } from './where.ts'

const action = actionsOf<PostgresClient>()

/** Sets columns of the rows that match, all or none; where they all hold these values already it is ALREADY. */
export const update_row = action({
  title: 'Change rows of a table',
  input: z.strictObject({ table: TableInput, where: ChangeWhere, data: DataInput }),
  mutates: true,
  resources: (input) => [rowResource(input.table, equalities(input.where))],
  run: (client, input, call) =>
    writing<Changed>(client, call, async (tx) => {
      const table = await findWritable(tx, input.table)
      const names = Object.keys(input.data)
      const keys = await lockWhere(tx, table, input.where)
      if (keys.length === 0) throw refuse('no_such_row', `no row of \`${table.name}\` matches \`where\``)
      const cascade = await findCascade(tx, table, keys, (each) => each.on_update && each.references.some((name) => names.includes(name)))
      if (cascade !== null) throw refuse('would_cascade', cascade)
      const before = await imagesOf(tx, table, keys)
      await setValues(tx, table, keys, input.data)
      const after = await imagesAfter(tx, table, keys, before)
      if (after.length !== keys.length)
        throw refuse(
          'primary_key_change',
          `the primary key of \`${table.name}\` cannot be changed by an update: insert the new row and delete the old one`
        )
      const moved = movedColumns(before, after)
      // What the statement changed beyond our columns is a trigger's work; the rows come back as they were by rolling back.
      if (!names.some((name) => moved.has(name))) return alreadyDone('updated', unchanged(table, before))
      if (table.cascades.some((each) => each.on_update && each.references.some((name) => moved.has(name) && !names.includes(name)))) {
        throw refuse('would_cascade', `a trigger of \`${table.name}\` changes a column that foreign keys follow, which could not be undone`)
      }
      return done(changed(table, before, after))
    }),
  // The rows as they are, and the values asked for in their places: what triggers would add nobody can say without writing.
  preview: (client, input, call) =>
    reading<Changed>(client, call, async (tx) => {
      const table = await findWritable(tx, input.table)
      const keys = await findWhere(tx, table, input.where)
      if (keys.length === 0) throw refuse('no_such_row', `no row of \`${table.name}\` matches \`where\``)
      const before = await imagesOf(tx, table, keys)
      return done(
        changed(
          table,
          before,
          before.map((image) => ({ ...image, ...asked(table, input.data) }))
        )
      )
    }),
  inverse: (input, { table, before, after }) => ({
    action: 'revert_rows',
    input: { table, rows: before, set: Object.keys(input.data) },
    expect: { rows: after }
  }),
  bounds: { affected: 'previewed' },
  recovery: (client, _, call) => recoverByXid<Changed>(client, call)
})

const Expect = z.strictObject({ rows: Images })

/**
 * Sets the changed columns back, all rows or none; CONFLICT where a row is neither as the update left it nor as it was before.
 * Columns outside `set` that a trigger writes on every update (`updated_at`) keep the trigger's new value.
 */
export const revert_rows = action({
  title: 'Set changed rows back',
  input: z.strictObject({ table: TableInput, rows: Images, set: z.array(z.string()) }),
  mutates: true,
  internal: true,
  resources: (input) => [tableResource(input.table)],
  run: (client, { table: written, rows, set }, call) =>
    writing<Changed>(client, call, async (tx) => {
      const expected = Expect.safeParse(call.expect)
      if (!expected.success) throw refuse('no_expectation', 'a revert needs to be told what the rows must look like now')
      const table = await findWritable(tx, written)
      const keys = rows.map((row) => keyOf(table, row))
      await lockKeys(tx, table, keys)
      const left = findByKey(table, expected.data.rows)
      const now = await imagesOf(tx, table, keys)
      const current = findByKey(table, now)
      const open: Image[] = []
      for (const row of rows) {
        const found = current(row)
        if (found === undefined)
          return conflict(`the row ${keyText(table, row)} of \`${table.name}\` is gone`, { key: keyText(table, row) })
        if (differences(found, row).length === 0) continue
        const [column] = differences(found, left(row) ?? {})
        if (column !== undefined)
          return conflict(`column \`${column}\` of ${keyText(table, row)} in \`${table.name}\` was changed since`, {
            key: keyText(table, row),
            column
          })
        open.push(row)
      }
      if (open.length === 0) return alreadyDone('reverted', unchanged(table, rows))
      const moved = movedColumns(rows, expected.data.rows)
      await orConflict(() => setColumns(tx, table, open, [...moved]))
      const after = await orConflict(() => imagesAfter(tx, table, keys, now))
      refuseUnlike(table, rows, findByKey(table, after), new Set([...moved].filter((name) => !set.includes(name))))
      return done(changed(table, now, after))
    }),
  inverse: 'irreversible',
  recovery: (client, _, call) => recoverByXid<Changed>(client, call)
})

async function setValues(tx: Transaction, table: Table, keys: readonly Key[], data: z.output<typeof DataInput>): Promise<void> {
  const columns = Object.keys(data).map((name) => columnOf(table, name))
  const first = table.key.length + 1
  const { count } = await tx.query(
    `UPDATE ${sqlName(table)} AS t SET ${columns.map((column, i) => `${quote(column.name)} = $${first + i}`).join(', ')} FROM ${keyRows(table)} WHERE ${onKey(table)}`,
    [...keyValues(table, keys), ...columns.map((column) => bindable(column, data[column.name] ?? null))]
  )
  if (count !== keys.length)
    throw refuse('kept_by_trigger', `a trigger or row policy of \`${table.name}\` kept rows that were to be changed: nothing was changed`)
}

/** Values as they were asked for, in words; Postgres may print them in another form. Throws for a column that the table does not have. */
function asked(table: Table, data: z.output<typeof DataInput>): Image {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      columnOf(table, name).name,
      value === null ? null : typeof value === 'string' ? value : JSON.stringify(value)
    ])
  )
}

/** The columns in which any row differs from the row of the same place. */
function movedColumns(before: readonly Image[], after: readonly Image[]): Set<string> {
  return new Set(before.flatMap((image, i) => differences(image, after[i] ?? {})))
}
