// Names of tables, however they are spelt.
import { fold } from './fold.ts'

/** A table as a statement names it. `schema` is null where the search path decides. */
export interface TableName {
  readonly schema: string | null
  readonly name: string
}

const PART = String.raw`(?:"((?:[^"\0]|"")+)"|([^\s".,;()'\\\0](?:[^".,;()'\\\0]*[^\s".,;()'\\\0])?))`
const PATH = new RegExp(String.raw`^\s*${PART}(?:\s*\.\s*${PART})?(?:\s*\.\s*${PART})?\s*$`, 'u')

/**
 * The tables that a text such as `customers`, `public.Customers`, `"Order Items"` or `shop.public.orders` may mean: more than one where
 * unquoted words follow each other, since a system that builds SQL from the text takes the second for an alias. Null where it names no table.
 */
export function tableNames(text: string): readonly TableName[] | null {
  const found = PATH.exec(text)
  if (found === null || text.includes('--') || text.includes('/*')) return null
  const parts = [1, 3, 5].map((at) => found[at]?.replaceAll('""', '"') ?? found[at + 1]).filter((part) => part !== undefined)
  const [schema, name] = [parts.at(-2) ?? null, parts.at(-1)!]
  const first = /"\s*$/.test(text) ? name : name.split(/\s/, 1)[0]!
  return first === name
    ? [{ schema, name }]
    : [
        { schema, name },
        { schema, name: first }
      ]
}

/** Gives the entry of the list that names this table, or undefined. */
export type TableMatcher = (table: TableName) => string | undefined

const matchers = new WeakMap<readonly string[], TableMatcher>()

/**
 * A matcher for a list of tables, whatever their quoting and case. An entry without a schema means the table of that name in
 * every schema; a statement that leaves the schema out may mean any of them, so it matches too. Made once per list.
 */
export function tablesIn(entries: readonly string[]): TableMatcher {
  const known = matchers.get(entries)
  if (known !== undefined) return known
  const byName = new Map<string, { schema: string | null; entry: string }[]>()
  for (const entry of entries) {
    const { schema, name } = tableNames(entry)?.[0] ?? { schema: null, name: entry }
    const rows = byName.get(fold(name)) ?? []
    byName.set(fold(name), [...rows, { schema: schema === null ? null : fold(schema), entry }])
  }
  const matcher: TableMatcher = ({ schema, name }) =>
    byName.get(fold(name))?.find((row) => row.schema === null || schema === null || row.schema === fold(schema))?.entry
  matchers.set(entries, matcher)
  return matcher
}
