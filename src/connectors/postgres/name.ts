// Names: what a caller writes for a table, and how an identifier stands in SQL.

/** A table as written; without a schema the search path decides. */
export interface TableName {
  readonly schema: string | null
  readonly name: string
}

const PART = String.raw`(?:"((?:[^"]|"")+)"|([^".][^.]*))`
const TABLE = new RegExp(String.raw`^(?:${PART}\.)?${PART}$`, 's')

/**
 * Reads `customers`, `sales.orders` or, where a name holds a dot or begins with a quote, `"odd.name"` and `sales."odd.name"`.
 * Names are exact: nothing is folded to lower case, nothing is cut off. Null where the text is no such name.
 */
export function parseTable(text: string): TableName | null {
  const match = TABLE.exec(text)
  if (match === null) return null
  const [, quotedSchema, schema, quoted, name] = match
  const exact = (inQuotes: string | undefined, plain: string | undefined) => inQuotes?.replaceAll('""', '"') ?? plain ?? null
  return { schema: exact(quotedSchema, schema), name: exact(quoted, name)! }
}

/** The text that `parseTable` reads as exactly this table. */
export function tableText(schema: string, name: string): string {
  const part = (text: string) => (/^[^".][^.]*$/.test(text) ? text : quote(text))
  return `${part(schema)}.${part(name)}`
}

/** An identifier in SQL: always quoted, so that nothing in it is SQL. */
export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}
