// Rows elsewhere that would change along, unseen: what undo could not bring back is not begun.
import { sqlName, type Cascade, type Table } from './catalogue.ts'
import type { Transaction } from './transaction.ts'
import { quote, tableText } from './name.ts'
import { fromKeys, keyValues, type Key } from './rows.ts'

/**
 * The sentence that names a foreign key by which this change would reach other rows (CASCADE, SET NULL, SET DEFAULT), or null.
 * The rows of `keys` must be locked: nobody can then add a child to them before the transaction ends.
 */
export async function findCascade(
  tx: Transaction,
  table: Table,
  keys: readonly Key[],
  touches: (cascade: Cascade) => boolean
): Promise<string | null> {
  for (const cascade of table.cascades.filter(touches)) {
    const because = `rows of \`${tableText(cascade.schema, cascade.name)}\` refer to \`${table.name}\` by a foreign key that changes or deletes them along`
    if (!cascade.readable) return `${because}, and this role may not see whether there are any`
    const same = cascade.columns.map((name, i) => `x.${quote(name)} = t.${quote(cascade.references[i]!)}`).join(' AND ')
    const { rows } = await tx.query(
      `SELECT EXISTS (SELECT ${fromKeys(table)} JOIN ${sqlName(cascade)} AS x ON ${same})::text`,
      keyValues(table, keys)
    )
    if (rows[0]?.[0] !== 'false') return `${because}, which could not be undone: change those rows first`
  }
  return null
}
