// The statements that write whole rows by key: what deletes, and what undo puts back.
import { quote } from './name.ts'
import { columnOf, sqlName, type Table } from './catalogue.ts'
import type { Transaction } from './transaction.ts'
import { differences, imagesAfter, keyOf, keyText, type Image } from './image.ts'
import { refuse } from './refusal.ts'
import { keyRows, keyValues, onKey, type Key } from './rows.ts'
import type { Bound } from './session.ts'

/** Deletes exactly the rows of these keys, which are locked; refuses if one of them stays. */
export async function deleteKeys(tx: Transaction, table: Table, keys: readonly Key[]): Promise<void> {
  const { count } = await tx.query(
    `DELETE FROM ${sqlName(table)} AS t USING ${keyRows(table)} WHERE ${onKey(table)}`,
    keyValues(table, keys)
  )
  const left = await imagesAfter(tx, table, keys)
  if (count !== keys.length || left.length > 0)
    throw refuse('kept_by_trigger', `a trigger or row policy of \`${table.name}\` kept rows that were to be deleted: nothing was changed`)
}

/** Inserts whole rows, identity columns included; generated columns are computed again. */
export async function insertImages(tx: Transaction, table: Table, images: readonly Image[]): Promise<void> {
  const columns = table.columns.filter((column) => !column.generated)
  const values: Bound[] = columns.map((column) => images.map((image) => image[column.name] ?? null))
  await tx.query(
    `INSERT INTO ${sqlName(table)} (${columns.map((column) => quote(column.name)).join(', ')}) OVERRIDING SYSTEM VALUE
     SELECT ${columns.map((column, i) => `r.c${i}::${column.type}`).join(', ')}
     FROM unnest(${columns.map((_, i) => `$${i + 1}::text[]`).join(', ')}) AS r (${columns.map((_, i) => `c${i}`).join(', ')})`,
    values
  )
}

/** Sets these columns of the rows back to what the images hold; the rows are found by their keys and locked. */
export async function setColumns(tx: Transaction, table: Table, images: readonly Image[], names: readonly string[]): Promise<void> {
  const columns = names.map((name) => columnOf(table, name)).filter((column) => !column.generated)
  const keys = images.map((image) => keyOf(table, image))
  const cells: Bound[] = columns.map((column) => images.map((image) => image[column.name] ?? null))
  const aliases = [...table.key.map((_, i) => `k${i}`), ...columns.map((_, i) => `c${i}`)]
  await tx.query(
    `UPDATE ${sqlName(table)} AS t SET ${columns.map((column, i) => `${quote(column.name)} = k.c${i}::${column.type}`).join(', ')}
     FROM unnest(${aliases.map((_, i) => `$${i + 1}::text[]`).join(', ')}) AS k (${aliases.join(', ')}) WHERE ${onKey(table)}`,
    [...keyValues(table, keys), ...cells]
  )
}

/** Refuses if a row did not come back as wished, save for `tolerated` columns that a trigger sets on every write. */
export function refuseUnlike(
  table: Table,
  wished: readonly Image[],
  found: (image: Image) => Image | undefined,
  tolerated: ReadonlySet<string> = new Set()
): void {
  for (const image of wished) {
    const now = found(image)
    const column = now === undefined ? table.key[0] : differences(now, image).find((name) => !tolerated.has(name))
    if (column !== undefined) {
      throw refuse(
        'not_restored',
        `${keyText(table, image)} would not come back as it was: a trigger or row policy of \`${table.name}\` changes column \`${column}\`; nothing was changed`
      )
    }
  }
}
