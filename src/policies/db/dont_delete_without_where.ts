// A deletion says which rows.
import * as z from 'zod'
import { allow, definePolicy, deny, unfilteredChange } from '../../engine/index.ts'

const Where = z.union([z.string(), z.record(z.string(), z.json()), z.null()])

/** Denies a deletion whose `where` is missing, empty or always true, and SQL with such a DELETE, a MERGE that deletes so, or a TRUNCATE. */
export const dontDeleteWithoutWhere = definePolicy({
  id: 'dont_delete_without_where',
  title: 'No DELETE without a WHERE',
  params: z.strictObject({}),
  reads: z.object({ where: Where.optional(), sql: z.string().optional() }),
  on: ['delete_row'],
  parses: ['sql'],
  evaluate({ reads: { where, sql }, parsers }) {
    const remedy = 'name the rows in a WHERE, by key or by a column that tells them apart'
    const found = unfilteredChange(['DELETE', 'TRUNCATE'], where, sql, parsers)
    if (!found.ok) return deny(`cannot be judged: ${found.error}`, { remedy })
    return found.tree === null ? allow('every deletion says which rows') : deny(`${found.tree}`, { remedy })
  }
})
