// Some tables are nobody's business.
import * as z from 'zod'
import { allow, definePolicy, deny, type Json, listedTable } from '../../engine/index.ts'

/**
 * Denies when a protected table is touched, read or written, in `table` or anywhere in `sql`, whatever its quoting, case or schema.
 * Protected is what the parameter lists and what the fact `protected_tables` lists; a fact that is no list of names denies everything.
 */
export const protectTables = definePolicy({
  id: 'protect_tables',
  title: 'Protected tables are not touched',
  params: z.strictObject({ protected: z.array(z.string().min(1)).default([]) }),
  reads: z.object({ table: z.string().optional(), sql: z.string().optional() }),
  on: ['postgres.*'],
  facts: ['protected_tables'],
  parses: ['sql'],
  evaluate({ reads: { table, sql }, facts: { protected_tables }, parsers }, params) {
    const listed = namesIn(protected_tables)
    if (listed === null) return deny('fact `protected_tables` is not a list of names', { code: 'policy_error' })
    // The parameter's own list is known to the matcher from call to call.
    const names = listed.length === 0 ? params.protected : [...params.protected, ...listed]
    const found = listedTable(table, sql, names, parsers)
    if (!found.ok) return deny(`cannot be judged: ${found.error}`, { remedy: 'name the tables in plain SQL' })
    if (found.tree === null) return allow('no protected table is touched')
    return deny(`${found.tree} is protected`, { remedy: 'leave this table alone, or ask its owner' })
  }
})

function namesIn(fact: Json | undefined): string[] | null {
  if (fact === undefined || fact === null) return []
  return Array.isArray(fact) && fact.every((name): name is string => typeof name === 'string' && name !== '') ? fact : null
}
