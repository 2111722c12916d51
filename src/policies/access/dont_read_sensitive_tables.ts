// Sensitive tables stay closed to agents.
import * as z from 'zod'
import { allow, definePolicy, deny, listedTable } from '../../engine/index.ts'

/** Denies when a listed table is named, in `table` or anywhere in `sql`, whatever its quoting, case or schema: an UPDATE or a COPY tells its rows as well. */
export const dontReadSensitiveTables = definePolicy({
  id: 'dont_read_sensitive_tables',
  title: 'Sensitive tables are not read',
  params: z.strictObject({ tables: z.array(z.string().min(1)) }),
  reads: z.object({ table: z.string().optional(), sql: z.string().optional() }),
  on: ['postgres.*'],
  parses: ['sql'],
  evaluate({ reads: { table, sql }, parsers }, { tables }) {
    const found = listedTable(table, sql, tables, parsers)
    if (!found.ok) return deny(`cannot be judged: ${found.error}`, { remedy: 'name the tables in plain SQL' })
    if (found.tree === null) return allow('no sensitive table is named')
    return deny(`${found.tree} is sensitive`, { remedy: 'use a table or a view without the sensitive data' })
  }
})
