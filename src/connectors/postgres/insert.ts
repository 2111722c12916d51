// insert_row, whose duplicate check cannot race, and remove_rows, which takes the row out again while it is as it was inserted.
import * as z from 'zod'
import { actionsOf, alreadyDone, conflict, done, failed, type ActionResult } from '../../engine/connector.ts'
import type { Json } from '../../engine/schema.ts'
import { findCascade } from './cascade.ts'
import { columnOf, exactText, findWritable, sqlName, type Column, type Table } from './catalogue.ts'
import type { PostgresClient } from './client.ts'
import { recoverByXid } from './outcome.ts'
import { writing, type Transaction } from './transaction.ts'
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
  unchanged,
  type Changed
} from './image.ts'
import { DataInput, TableInput } from './input.ts'
import { quote } from './name.ts'
import { orConflict, refuse } from './refusal.ts'
import { fingerprint, rowResource, tableResource } from './resource.ts'
import { deleteKeys } from './rewrite.ts'
import { fromKeys, keyOrder, keyTexts, keyValues, lockKeys, type Key } from './rows.ts'
import { readRows } from './select.ts'
import type { Bound } from './session.ts'
import { bindable } from './value.ts'

const action = actionsOf<PostgresClient>()

const Input = z.strictObject({
  table: TableInput,
  data: DataInput,
  /** Together these columns may hold their values only once. Without it the primary key, where `data` gives it. */
  unique_on: z.array(z.string().min(1)).min(1).max(32).optional()
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
      const columns = Object.keys(input.data).map((name) => columnOf(table, name))
      const unique = uniqueColumns(table, input)
      if (unique === null) return inserted(tx, table, await insert(tx, table, columns, input, ''))
      return insertOnce(tx, table, columns, unique, input)
    }),
  inverse: (_, { table, key, after }) => ({ action: 'remove_rows', input: { table, keys: keysOnly(key, after) }, expect: { rows: after } }),
  recovery: (client, _, call) => recoverByXid<Inserted>(client, call)
})

const Expect = z.strictObject({ rows: Images })

/** Deletes what an insert made, all or none; CONFLICT where a row was changed since, or other rows now refer to it. */
export const remove_rows = action({
  title: 'Take inserted rows out again',
  input: z.strictObject({ table: TableInput, keys: Images }),
  mutates: true,
  internal: true,
  resources: (input) => input.keys.map((key) => rowResource(input.table, key)),
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

function uniqueColumns(table: Table, { data, unique_on }: Input): Column[] | null {
  const names = unique_on ?? (table.key.every((name) => Object.hasOwn(data, name)) ? table.key : null)
  if (names === null) return null
  for (const name of names) {
    if ((data[name] ?? null) === null) throw refuse('unique_on_missing', `\`unique_on\` names \`${name}\`, for which \`data\` has no value`)
  }
  return [...new Set(names)].sort().map((name) => columnOf(table, name))
}

const ATTEMPTS = 3

/**
 * With a unique index the index decides. Without one all writers through Enact queue up behind an advisory lock on these values,
 * and the check behind it sees what the one before committed.
 */
async function insertOnce(
  tx: Transaction,
  table: Table,
  columns: readonly Column[],
  unique: readonly Column[],
  input: Input
): Promise<ActionResult<Inserted>> {
  const names = unique.map((column) => column.name)
  const isIndexed = table.unique.some((index) => index.length === names.length && index.every((name) => names.includes(name)))
  if (!isIndexed) await lockValues(tx, table, unique, input)
  const once = isIndexed ? `ON CONFLICT (${names.map(quote).join(', ')}) DO NOTHING` : ''
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const standing = isIndexed && attempt === 1 ? null : await present(tx, table, columns, unique, input)
    if (standing !== null) return standing
    const key = await insert(tx, table, columns, input, once)
    // Refused by the index: the row that stood there is read next, and if it has gone meanwhile the place is free.
    if (key !== null || !isIndexed) return inserted(tx, table, key)
  }
  return (await present(tx, table, columns, unique, input)) ?? inserted(tx, table, null)
}

/** The hash is that of the types' own equality: `1.0` and `1.00`, or two spellings of a citext, are one value. */
async function lockValues(tx: Transaction, table: Table, unique: readonly Column[], input: Input): Promise<void> {
  const values = unique.map((column, i) => `$${i + 2}::${column.type}`).join(', ')
  await tx.query(`SELECT pg_advisory_xact_lock(hash_record_extended(ROW ($1::text, ${values}), 0))`, [
    JSON.stringify(['enact', table.schema, table.name, ...unique.map((column) => column.name)]),
    ...unique.map((column) => bindable(column, input.data[column.name] ?? null))
  ])
}

/** The key of the new row, or null where the row was kept out. */
async function insert(tx: Transaction, table: Table, columns: readonly Column[], { data }: Input, onConflict: string): Promise<Key | null> {
  const { rows } = await tx.query(
    `INSERT INTO ${sqlName(table)} AS t (${columns.map((column) => quote(column.name)).join(', ')})
     VALUES (${columns.map((_, i) => `$${i + 1}`).join(', ')}) ${onConflict} RETURNING ${keyTexts(table)}`,
    columns.map((column) => bindable(column, data[column.name] ?? null))
  )
  return (rows[0] as Key | undefined) ?? null
}

async function inserted(tx: Transaction, table: Table, key: Key | null): Promise<ActionResult<Inserted>> {
  const after = key === null ? [] : await imagesAfter(tx, table, [key])
  if (key === null || after.length !== 1)
    return failed('not_inserted', `a trigger or row policy of \`${table.name}\` kept the row out: nothing was changed`)
  return done({ ...changed(table, [], after), row: await rowOf(tx, table, key) })
}

/** What already stands under these values: ALREADY if it holds everything in `data`, else a duplicate; null if nothing stands there. */
async function present(
  tx: Transaction,
  table: Table,
  columns: readonly Column[],
  unique: readonly Column[],
  { data }: Input
): Promise<ActionResult<Inserted> | null> {
  const values: Bound[] = columns.map((column) => bindable(column, data[column.name] ?? null))
  const place = (column: Column) => `$${columns.indexOf(column) + 1}::${column.stored}`
  const same = columns
    .map((column) => `${exactText(column, `t.${quote(column.name)}`)} IS NOT DISTINCT FROM ${exactText(column, place(column))}`)
    .join(' AND ')
  const isThere = unique.map((column) => `t.${quote(column.name)} = ${place(column)}`).join(' AND ')
  const { rows } = await tx.query(
    `SELECT (${same})::text AS same, ${keyTexts(table)} FROM ${sqlName(table)} AS t WHERE ${isThere} ORDER BY same DESC, ${keyOrder(table)} LIMIT 1`,
    values
  )
  if (rows[0] === undefined) return null
  const [isSame, ...key] = rows[0]
  const names = unique.map((column) => `\`${column.name}\``).join(', ')
  if (isSame !== 'true') return failed('duplicate', `\`${table.name}\` has another row with the same ${names}`)
  const images = await imagesOf(tx, table, [key as Key])
  return images.length === 0 ? null : alreadyDone('created', { ...unchanged(table, images), row: await rowOf(tx, table, key as Key) })
}

async function rowOf(tx: Transaction, table: Table, key: Key): Promise<Record<string, Json>> {
  const [row] = await readRows(tx, table.columns, { from: fromKeys(table), order: keyOrder(table), values: keyValues(table, [key]) })
  return row ?? {}
}
