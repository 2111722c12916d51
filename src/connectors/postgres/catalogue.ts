// What the server's catalogue says of one table: the only source of identifiers and types in any statement.
import { FENCING_TABLE } from './fencing.ts'
import { tableText, parseTable, quote } from './name.ts'
import { refuse } from './refusal.ts'
import type { Transaction } from './transaction.ts'

/** One column. */
export interface Column {
  readonly name: string
  /** For a cast that takes any text of the type without cutting it off. */
  readonly type: string
  /** As `type`, with precision where storing rounds (numeric, times), so that a cast gives what would be stored. */
  readonly stored: string
  /** The type's own name, domains looked through: `int8`, `jsonb`, `_text`, or the name of an own type. */
  readonly base: string
  /** For arrays the element's `base`, else null. */
  readonly element: string | null
  /** As the table declares it, with length and precision: `character varying(20)`. */
  readonly declared: string
  /** Computed by the server: never written. */
  readonly generated: boolean
  /** An identity column whose values only the server gives. */
  readonly always: boolean
  /** Null is refused, be it by the column or by its domain. */
  readonly not_null: boolean
  /** What an insert that leaves it out puts there: a default, or the next identity. */
  readonly has_default: boolean
  /** Its cast to text is not its exact text (char(n), some types of extensions). */
  readonly lossy: boolean
}

/** A foreign key elsewhere that changes or deletes rows there when rows here go or change their key. */
export interface Cascade {
  readonly schema: string
  readonly name: string
  readonly on_delete: boolean
  readonly on_update: boolean
  readonly columns: readonly string[]
  readonly references: readonly string[]
  /** False where our role does not see all of its rows. */
  readonly readable: boolean
}

/** One table the installation allows. */
export interface Table {
  readonly schema: string
  readonly name: string
  /** pg_class.relkind: r = table, p = partitioned, v = view, m = materialised view, f = foreign. */
  readonly kind: 'r' | 'p' | 'v' | 'm' | 'f'
  /** Other tables inherit from it: what a statement on it changes is not its rows alone. */
  readonly has_heirs: boolean
  /** A trigger may fill in columns before a row is inserted. */
  readonly fills_in: boolean
  readonly columns: readonly Column[]
  readonly key: readonly string[]
  /** Column sets with a unique index that `ON CONFLICT` can name. */
  readonly unique: readonly (readonly string[])[]
  readonly cascades: readonly Cascade[]
}

/** Everything about one table in one round trip. $1 schema or null, $2 name, $3 and $4 the allow list, $5 whether it is `*`. */
const LOOK_UP = `
SELECT json_build_object(
  'schema', n.nspname, 'name', c.relname, 'kind', c.relkind,
  'has_heirs', c.relkind = 'r' AND EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid),
  'fills_in', EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgenabled <> 'D' AND g.tgtype & 7 = 7),
  'columns', (
    SELECT json_agg(json_build_object(
      'name', a.attname, 'type', format_type(a.atttypid, -1),
      'stored', format_type(a.atttypid, CASE WHEN b.typcategory IN ('N', 'D', 'T') THEN a.atttypmod ELSE -1 END),
      'base', b.typname, 'element', e.typname, 'declared', format_type(a.atttypid, a.atttypmod),
      'generated', a.attgenerated <> '', 'always', a.attidentity = 'a', 'not_null', a.attnotnull OR t.typnotnull,
      'has_default', a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL,
      'lossy', b.typname = 'bpchar' OR EXISTS (
        SELECT FROM pg_catalog.pg_cast k WHERE k.castsource = b.oid AND k.casttarget = 'text'::regtype AND k.castfunc <> 0 AND b.oid >= 16384)
    ) ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
    LEFT JOIN pg_catalog.pg_type e ON b.typcategory = 'A' AND e.oid = b.typelem
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  'key', coalesce((
    SELECT json_agg(a.attname ORDER BY k.place)
    FROM pg_catalog.pg_index i, unnest(i.indkey) WITH ORDINALITY AS k (attnum, place), pg_catalog.pg_attribute a
    WHERE i.indrelid = c.oid AND i.indisprimary AND k.place <= i.indnkeyatts AND a.attrelid = c.oid AND a.attnum = k.attnum), '[]'),
  'unique', coalesce((
    SELECT json_agg((
      SELECT json_agg(a.attname) FROM unnest(i.indkey) WITH ORDINALITY AS k (attnum, place), pg_catalog.pg_attribute a
      WHERE k.place <= i.indnkeyatts AND a.attrelid = c.oid AND a.attnum = k.attnum))
    FROM pg_catalog.pg_index i
    WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL), '[]'),
  'cascades', coalesce((
    SELECT json_agg(json_build_object(
      'schema', fn.nspname, 'name', fc.relname, 'on_delete', f.confdeltype IN ('c', 'n', 'd'), 'on_update', f.confupdtype IN ('c', 'n', 'd'),
      'columns', (SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(f.conkey) WITH ORDINALITY AS k (attnum, place), pg_catalog.pg_attribute a
                  WHERE a.attrelid = f.conrelid AND a.attnum = k.attnum),
      'references', (SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(f.confkey) WITH ORDINALITY AS k (attnum, place), pg_catalog.pg_attribute a
                     WHERE a.attrelid = f.confrelid AND a.attnum = k.attnum),
      'readable', has_schema_privilege(fn.oid, 'USAGE') AND has_table_privilege(fc.oid, 'SELECT') AND NOT row_security_active(fc.oid)))
    FROM pg_catalog.pg_constraint f
    JOIN pg_catalog.pg_class fc ON fc.oid = f.conrelid JOIN pg_catalog.pg_namespace fn ON fn.oid = fc.relnamespace
    WHERE f.confrelid = c.oid AND f.contype = 'f' AND f.conparentid = 0
      AND (f.confdeltype IN ('c', 'n', 'd') OR f.confupdtype IN ('c', 'n', 'd'))), '[]')
)::text
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND c.relname::text = $2::text AND CASE WHEN $1::text IS NULL THEN pg_table_is_visible(c.oid) ELSE n.nspname::text = $1 END
  AND CASE WHEN $5::bool THEN n.nspname = current_schema() ELSE EXISTS (
    SELECT FROM unnest($3::text[], $4::text[]) AS allowed (schema, name)
    WHERE allowed.name = c.relname::text
      AND CASE WHEN allowed.schema IS NULL THEN pg_table_is_visible(c.oid) ELSE allowed.schema = n.nspname::text END) END`

/** The table by the name the caller wrote. Refuses what is not on the allow list or not there, with the names that are. */
export async function findTable(tx: Transaction, written: string): Promise<Table> {
  const wanted = parseTable(written)
  if (wanted === null)
    throw refuse('unknown_table', `\`${written}\` is not a table's name: write \`table\`, \`schema.table\` or \`"odd.name"\``)
  // Whoever could change what the database remembers of tokens could make a stale one good again.
  if (wanted.name === FENCING_TABLE) throw refuse('table_not_allowed', `table \`${written}\` is Enact's own`)
  const { tables } = tx.limits
  if (tables.length === 0) throw refuse('table_not_allowed', `table \`${written}\` is not allowed: the allow list \`tables\` is empty`)
  const isAll = tables.length === 1 && tables[0] === '*'
  const allowed = isAll ? [] : tables.map((text) => parseTable(text)!)
  const values = [wanted.schema, wanted.name, allowed.map((table) => table.schema), allowed.map((table) => table.name), String(isAll)]
  const found = (await tx.query(LOOK_UP, values)).rows[0]?.[0]
  if (found) return JSON.parse(found) as Table
  throw refuse(
    'table_not_allowed',
    `there is no table \`${written}\` among the allowed ones: ${isAll ? 'all of the current schema' : tables.map((name) => `\`${name}\``).join(', ')}`
  )
}

/** As `findTable`, for a statement that changes rows: only where each row can be named and brought back. */
export async function findWritable(tx: Transaction, written: string): Promise<Table> {
  const table = await findTable(tx, written)
  if (table.kind !== 'r' && table.kind !== 'p')
    throw refuse('not_a_table', `\`${written}\` is not a table but a view or a foreign table: write to the table itself`)
  if (table.has_heirs) throw refuse('inherited_table', `other tables inherit from \`${written}\`: name the table that holds the rows`)
  if (table.key.length === 0)
    throw refuse(
      'no_primary_key',
      `table \`${written}\` has no primary key, so its rows could not be brought back one by one: add a primary key`
    )
  return table
}

/** The table's column of that name, or a refusal that lists what there is. */
export function columnOf(table: Table, name: string): Column {
  const column = table.columns.find((candidate) => candidate.name === name)
  if (column) return column
  throw refuse(
    'unknown_column',
    `\`${table.name}\` has no column \`${name}\`; it has ${table.columns.map((each) => `\`${each.name}\``).join(', ')}`
  )
}

/** The table's canonical text, for outputs and inverses. */
export function nameOf(table: Table): string {
  return tableText(table.schema, table.name)
}

/** The table in SQL. */
export function sqlName(table: { readonly schema: string; readonly name: string }): string {
  return `${quote(table.schema)}.${quote(table.name)}`
}

/** The exact text of a column in SQL, as the type's output function prints it; null stays null. */
export function exactText(column: Column, expression: string): string {
  return column.lossy ? `CASE WHEN num_nulls(${expression}) = 0 THEN format('%s', ${expression}) END` : `${expression}::text`
}
