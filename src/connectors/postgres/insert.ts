// insert_row, whose duplicate check cannot race, and remove_rows, which takes the row out again while it is as it was inserted.
import * as z from 'zod'
import { actionsOf, alreadyDone, conflict, done } from '../../engine/connector.ts'
import type { Json } from '../../engine/schema.ts'
import { findCascade } from './cascade.ts'
import { findWritable, type Table } from './catalogue.ts'
import type { PostgresClient } from './client.ts'
import { recoverByXid } from './outcome.ts'
import { writing, type Transaction } from './transaction.ts'
import { changed, differences, findByKey, Images, imagesOf, keyOf, keysOnly, keyText, unchanged, type Changed } from './image.ts'
import { DataInput, TableInput, UniqueInput } from './input.ts'
import { insertGiven, newImages, standingImages } from './insertion.ts'
import { orConflict, refuse } from './refusal.ts'
import { fingerprint, rowResource, tableResource } from './resource.ts'
import { deleteKeys } from './rewrite.ts'
import { fromKeys, keyOrder, keyValues, lockKeys, type Key } from './rows.ts'
import { readRows } from './select.ts'

const action = actionsOf<PostgresClient>()

const Input = z.strictObject({
  table: TableInput,
  data: DataInput,
  /** Together these columns may hold their values only once. Without it the primary key, where `data` gives it. */
  unique_on: UniqueInput.optional()
})
type Input = z.output<typeof Input>

/** `row` is the new row as JSON, with its defaults. */
type Inserted = Changed & { row: Record<string, Json> }

/** Inserts one row; an equal row under the same unique values is ALREADY, another one fails as `duplicate`. */
export const insert_row = action({
  title: 'Insert a row into a table',
  input: Input,
  mutates: true,
  resources: (input) => [insertResource(input)],
  run: (client, input, call) =>
    writing<Inserted>(client, call, async (tx) => {
      const table = await findWritable(tx, input.table)
      const { made, found } = await insertGiven(tx, table, [{ number: 0, data: input.data }], input.unique_on)
      if (made.length > 0) return done({ ...changed(table, [], await newImages(tx, table, made)), row: await rowOf(tx, table, made[0]!) })
      return alreadyDone('created', { ...unchanged(table, await standingImages(tx, table, found)), row: await rowOf(tx, table, found[0]!) })
    }),
  inverse: (_, { table, key, after }) => ({ action: 'remove_rows', input: { table, keys: keysOnly(key, after) }, expect: { rows: after } }),
  bounds: { affected: () => 1 },
  recovery: (client, _, call) => recoverByXid<Inserted>(client, call)
})

const Expect = z.strictObject({ rows: Images })

/** More rows than this are locked as their table. */
const KEYS_NAMED_MAX = 64

/** Deletes what an insert made, all or none; CONFLICT where a row was changed since, or other rows now refer to it. */
export const remove_rows = action({
  title: 'Take inserted rows out again',
  input: z.strictObject({ table: TableInput, keys: Images }),
  mutates: true,
  internal: true,
  resources: (input) =>
    input.keys.length > KEYS_NAMED_MAX ? [tableResource(input.table)] : input.keys.map((key) => rowResource(input.table, key)),
  run: (client, input, call) =>
    writing<Changed>(client, call, async (tx) => {
      const expected = Expect.safeParse(call.expect)
      if (!expected.success) throw refuse('no_expectation', 'a removal needs to be told what the rows must look like now')
      const table = await findWritable(tx, input.table)
      const wanted = input.keys.map((key) => keyOf(table, key))
      await lockKeys(tx, table, wanted)
      const now = await imagesOf(tx, table, wanted)
      if (now.length === 0) return alreadyDone('removed', unchanged(table, []))
      const left = findByKey(table, expected.data.rows)
      for (const row of now) {
        const [column] = differences(row, left(row) ?? {})
        if (column !== undefined)
          return conflict(`column \`${column}\` of ${keyText(table, row)} in \`${table.name}\` was changed since`, {
            key: keyText(table, row),
            column
          })
      }
      const keys = now.map((row) => keyOf(table, row))
      const cascade = await findCascade(tx, table, keys, (each) => each.on_delete)
      if (cascade !== null) return conflict(cascade)
      await orConflict(() => deleteKeys(tx, table, keys))
      return done(changed(table, now, []))
    }),
  inverse: 'irreversible',
  recovery: (client, _, call) => recoverByXid<Changed>(client, call)
})

/** Inserts of different rows do not stand in each other's way. */
function insertResource({ table, data, unique_on }: Input): string {
  const values = unique_on?.map((name) => [name, data[name] ?? null] as const)
  return values ? rowResource(table, Object.fromEntries(values)) : `${tableResource(table)}/new~${fingerprint(JSON.stringify(data))}`
}

async function rowOf(tx: Transaction, table: Table, key: Key): Promise<Record<string, Json>> {
  const [row] = await readRows(tx, table.columns, { from: fromKeys(table), order: keyOrder(table), values: keyValues(table, [key]) })
  return row ?? {}
}
