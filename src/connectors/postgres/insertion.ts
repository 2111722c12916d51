// How rows come into a table once, whoever else inserts them: the duplicate check cannot race, and of many rows all come in or none.
import { sqlName, type Column, type Table } from './catalogue.ts'
import { fromGiven, givenCell, givenValues, groupsOf, placeOf, type Given, type Group } from './given.ts'
import { imagesAfter, imagesOf, type Image } from './image.ts'
import { quote } from './name.ts'
import { refuse } from './refusal.ts'
import { keyTexts, type Key } from './rows.ts'
import { Refused } from './session.ts'
import type { Transaction } from './transaction.ts'
import { findTwins, namesOf, standing, uniqueColumns } from './unique.ts'

/** The keys of the rows that were inserted, and of those that stood there already and hold everything that was given. */
export interface Insertion {
  readonly made: Key[]
  readonly found: Key[]
}

/**
 * Inserts the rows that are not there yet. Another row under the same `unique_on` (without it, the primary key where a row gives it)
 * is refused as `duplicate`, and so are two rows of one call with the same values there.
 */
export async function insertGiven(
  tx: Transaction,
  table: Table,
  rows: readonly Given[],
  unique_on: readonly string[] | undefined
): Promise<Insertion> {
  const whole: Insertion = { made: [], found: [] }
  const groups = groupsOf(table, rows)
  const uniques = groups.map((group) => uniqueColumns(table, group, unique_on))
  await refuseTwins(tx, table, rows, unique_on)
  for (const [i, group] of groups.entries()) {
    const unique = uniques[i] ?? null
    const { made, found } = unique === null ? await insertFreely(tx, table, group) : await insertOnce(tx, table, group, unique)
    whole.made.push(...made)
    whole.found.push(...found)
  }
  return whole
}

const ATTEMPTS = 3

/**
 * With a unique index the index decides. Without one all writers through Enact queue up behind an advisory lock on these values,
 * and the check behind it sees what the one before committed.
 */
async function insertOnce(tx: Transaction, table: Table, group: Group, unique: readonly Column[]): Promise<Insertion> {
  const names = unique.map((column) => column.name)
  const isIndexed = table.unique.some((index) => index.length === names.length && index.every((name) => names.includes(name)))
  if (!isIndexed) await lockValues(tx, table, group, unique)
  const once = isIndexed ? `ON CONFLICT (${names.map(quote).join(', ')}) DO NOTHING` : ''
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const looks = !isIndexed || attempt > 1 || group.rows.length > 1
    const standing = looks ? await present(tx, table, group, unique) : new Map<number, Key>()
    const missing = { ...group, rows: group.rows.filter(({ number }) => !standing.has(number)) }
    const found = [...standing.values()]
    if (missing.rows.length === 0) return { made: [], found }
    const made = await insertAll(tx, table, missing, once)
    if (made !== null) return { made, found }
    if (!isIndexed) throw keptOut(table)
    // Refused by the index: the row that stood there is read next, and if it has gone meanwhile the place is free.
  }
  const standing = await present(tx, table, group, unique)
  if (standing.size === group.rows.length) return { made: [], found: [...standing.values()] }
  throw keptOut(table)
}

/** How many of the rows are there already; refuses what `insertGiven` would refuse of rows that claim a place. Reads only. */
export async function countStanding(
  tx: Transaction,
  table: Table,
  rows: readonly Given[],
  unique_on: readonly string[] | undefined
): Promise<number> {
  await refuseTwins(tx, table, rows, unique_on)
  let count = 0
  for (const group of groupsOf(table, rows)) {
    const unique = uniqueColumns(table, group, unique_on)
    if (unique !== null) count += (await present(tx, table, group, unique)).size
  }
  return count
}

async function refuseTwins(tx: Transaction, table: Table, rows: readonly Given[], unique_on: readonly string[] | undefined): Promise<void> {
  const twins = await findTwins(tx, table, rows, unique_on)
  if (twins !== null) throw refuse('duplicate', `rows ${twins[0]} and ${twins[1]} have the same ${namesOf(twins[2])}`)
}

async function insertFreely(tx: Transaction, table: Table, group: Group): Promise<Insertion> {
  const made = await insertAll(tx, table, group, '')
  if (made === null) throw keptOut(table)
  return { made, found: [] }
}

/** Of a row that is not there after it was inserted. */
function keptOut(table: Table): Error {
  return refuse('not_inserted', `a trigger or row policy of \`${table.name}\` kept the row out: nothing was changed`)
}

/** The new rows, whole, after deferred constraints and triggers have spoken. */
export async function newImages(tx: Transaction, table: Table, made: readonly Key[]): Promise<Image[]> {
  const images = await imagesAfter(tx, table, made)
  if (images.length !== made.length) throw keptOut(table)
  return images
}

/** The rows that stood there already, whole. */
export async function standingImages(tx: Transaction, table: Table, found: readonly Key[]): Promise<Image[]> {
  const images = await imagesOf(tx, table, found)
  if (images.length !== found.length) throw refuse('try_again', `a row of \`${table.name}\` that stood there was deleted meanwhile`)
  return images
}

/**
 * Whoever inserts one row locks its values, hashed by the types' own equality: `1.0` and `1.00`, or two spellings of a citext, are one.
 * Whoever inserts many locks them all at once: so many locks would not fit into the server's table of locks.
 */
async function lockValues(tx: Transaction, table: Table, group: Group, unique: readonly Column[]): Promise<void> {
  const place = JSON.stringify(['enact', table.schema, table.name, ...unique.map((column) => column.name)])
  if (group.rows[0]!.number > 0) return void (await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))', [place]))
  const values = unique.map((column) => givenCell(group, column, 'type')).join(', ')
  const all = givenValues(group)
  const own = `$${all.length + 1}::text`
  await tx.query(
    `SELECT pg_advisory_xact_lock_shared(hashtextextended(${own}, 0)), pg_advisory_xact_lock(hash_record_extended(ROW (${own}, ${values}), 0)) FROM ${fromGiven(group)}`,
    [...all, place]
  )
}

/** By row number, the key of what stands under the same values, where it holds everything that was given; else a refusal. */
async function present(tx: Transaction, table: Table, group: Group, unique: readonly Column[]): Promise<Map<number, Key>> {
  const { same, other } = await standing(tx, table, group, unique)
  if (other === null) return same
  throw refuse('duplicate', `${placeOf(other)}\`${table.name}\` has another row with the same ${namesOf(unique)}`)
}

const RETRY = 'SAVEPOINT enact_rows'

/** The keys of the new rows; null, and nothing is changed, where one of them was kept out. */
async function insertAll(tx: Transaction, table: Table, group: Group, onConflict: string): Promise<Key[] | null> {
  const isMany = group.rows.length > 1
  if (isMany) await tx.query(RETRY)
  try {
    const keys = await insert(tx, table, group, onConflict)
    if (keys.length === group.rows.length) return keys
  } catch (error) {
    throw isAboutRows(error) ? await culprit(tx, table, group, onConflict, error) : error
  }
  if (isMany) await tx.query(`ROLLBACK TO ${RETRY}`)
  return null
}

async function insert(tx: Transaction, table: Table, group: Group, onConflict: string): Promise<Key[]> {
  const { rows } = await tx.query(
    `INSERT INTO ${sqlName(table)} AS t (${group.columns.map((column) => quote(column.name)).join(', ')})
     SELECT ${group.columns.map((column) => givenCell(group, column, 'type')).join(', ')} FROM ${fromGiven(group)} ORDER BY r.n
     ${onConflict} RETURNING ${keyTexts(table)}`,
    givenValues(group)
  )
  return rows as Key[]
}

/** Values, constraints, and what triggers raise: not a time-out, a lost connection or a missing right. */
function isAboutRows(error: unknown): error is Refused {
  return error instanceof Refused && /^(22|23|P0)/.test(error.state)
}

/** The error as it was, with the first row that brings it about: Postgres says of a statement only that it failed. */
async function culprit(tx: Transaction, table: Table, group: Group, onConflict: string, error: Refused): Promise<Refused> {
  let [sound, broken, found] = [0, group.rows.length, error]
  while (broken - sound > 1) {
    const middle = (sound + broken) >> 1
    await tx.query(`ROLLBACK TO ${RETRY}`)
    try {
      await insert(tx, table, { ...group, rows: group.rows.slice(0, middle) }, onConflict)
      sound = middle
    } catch (next) {
      if (!isAboutRows(next)) throw next
      ;[broken, found] = [middle, next]
    }
  }
  return new Refused(found.state, `${placeOf(group.rows[broken - 1]!.number)}${found.message}`)
}
