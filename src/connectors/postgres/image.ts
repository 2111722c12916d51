// Row images: whole rows as exact text, taken and compared by primary key. What undo restores, and what it checks the world against.
import * as z from 'zod'
import { exactText, nameOf, type Table } from './catalogue.ts'
import type { Transaction } from './transaction.ts'
import { quote } from './name.ts'
import { refuse } from './refusal.ts'
import { fetchWithin, fromKeys, keyOrder, keyValues, type Key } from './rows.ts'

/** One whole row: column → the exact text that Postgres prints for it. */
export const Image = z.record(z.string(), z.string().nullable())
export type Image = z.infer<typeof Image>
export const Images = z.array(Image).min(1)

/** Together the images of one call may be as large as this; they go into the journal and the receipt. */
export const IMAGE_BYTES_MAX = 512 * 1024

/** What every write answers: the images are the evidence, and what undo works from. */
export type Changed = { table: string; key: string[]; affected: number; before: Image[]; after: Image[] }

export function changed(table: Table, before: Image[], after: Image[]): Changed {
  return { table: nameOf(table), key: [...table.key], affected: Math.max(before.length, after.length), before, after }
}

/** The same answer where nothing had to be done: these rows are as wished. */
export function unchanged(table: Table, rows: Image[]): Changed {
  return { ...changed(table, [], rows), affected: 0 }
}

export function keyOf(table: Pick<Table, 'key'>, image: Image): Key {
  return table.key.map((name) => image[name] ?? '')
}

/** Only the key of each image. */
export function keysOnly(key: readonly string[], images: readonly Image[]): Image[] {
  return images.map((image) => Object.fromEntries(key.map((name) => [name, image[name] ?? null])))
}

/** A row's key for people: `id=7`. */
export function keyText(table: Pick<Table, 'key'>, image: Image): string {
  return table.key.map((name) => `${name}=${image[name] ?? ''}`).join(', ')
}

/** Finds among these images the one with the same key. */
export function findByKey(table: Pick<Table, 'key'>, images: readonly Image[]): (image: Image) => Image | undefined {
  const text = (image: Image) => JSON.stringify(keyOf(table, image))
  const found = new Map(images.map((image) => [text(image), image]))
  return (image) => found.get(text(image))
}

/** The columns in which two images differ; a column that only one of them has counts. Empty when they are the same row. */
export function differences(one: Image, other: Image): string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names].filter((name) => !Object.hasOwn(one, name) || !Object.hasOwn(other, name) || one[name] !== other[name])
}

/** A column that only the table or only the image has; undefined where they fit. */
export function strangeColumn(table: Table, image: Image): string | undefined {
  return differences(
    Object.fromEntries(table.columns.map(({ name }) => [name, null])),
    Object.fromEntries(Object.keys(image).map((name) => [name, null]))
  )[0]
}

/** The rows of these keys, whole, in the order of the key; refuses more than `IMAGE_BYTES_MAX` before it is sent. */
export async function imagesOf(tx: Transaction, table: Table, keys: readonly Key[], bytesBefore = 0): Promise<Image[]> {
  if (keys.length === 0) return []
  const cells = table.columns.map((column) => exactText(column, `t.${quote(column.name)}`))
  const { rows, bytes } = await fetchWithin(tx, IMAGE_BYTES_MAX - bytesBefore, {
    cells,
    from: fromKeys(table),
    order: keyOrder(table),
    values: keyValues(table, keys)
  })
  if (rows !== null) return rows.map((row) => Object.fromEntries(table.columns.map((column, i) => [column.name, row[i] ?? null])))
  throw refuse(
    'image_too_large',
    `the rows before and after are ${bytes + bytesBefore} bytes, more than the ${IMAGE_BYTES_MAX} that one call may carry: change fewer rows at once`
  )
}

/** As `imagesOf`, after a write: deferred constraints and triggers have spoken first. The before-image counts towards the size. */
export async function imagesAfter(tx: Transaction, table: Table, keys: readonly Key[], before: readonly Image[] = []): Promise<Image[]> {
  await tx.query('SET CONSTRAINTS ALL IMMEDIATE')
  return imagesOf(tx, table, keys, sizeOf(before))
}

function sizeOf(images: readonly Image[]): number {
  const encoder = new TextEncoder()
  return images.reduce((sum, image) => sum + Object.values(image).reduce((size, text) => size + encoder.encode(text ?? '').length, 0), 0)
}
