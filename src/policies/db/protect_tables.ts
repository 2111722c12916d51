// Some tables are nobody's business.
import * as z from 'zod'
import { allow, definePolicy, deny, listedTable } from '../../engine/index.ts'

/** Denies when a protected table is touched, read or written, in `table` or anywhere in `sql`, whatever its quoting, case or schema. */
export const protectTables = definePolicy({
  id: 'protect_tables',
  title: 'Protected tables are not touched',
  params: z.strictObject({ protected: z.array(z.string().min(1)) }),
  reads: z.object({ table: z.string().optional(), sql: z.string().optional() }),
  on: ['postgres.*'],
  parses: ['sql'],
  evaluate({ reads: { table, sql }, parsers }, params) {
    const found = listedTable(table, sql, params.protected, parsers)
    if (!found.ok) return deny(`cannot be judged: ${found.error}`, { remedy: 'name the tables in plain SQL' })
    if (found.tree === null) return allow('no protected table is touched')
    return deny(`${found.tree} is protected`, { remedy: 'leave this table alone, or ask its owner' })
  }
})
