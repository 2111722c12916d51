// An update says which rows.
import * as z from 'zod'
import { allow, definePolicy, deny, unfilteredChange } from '../../engine/index.ts'

const Where = z.union([z.string(), z.record(z.string(), z.json()), z.null()])

/** Denies an update whose `where` is missing, empty or always true, and SQL with such an UPDATE or a MERGE that updates so. */
export const dontUpdateWithoutWhere = definePolicy({
  id: 'dont_update_without_where',
  title: 'No UPDATE without a WHERE',
  params: z.strictObject({}),
  reads: z.object({ where: Where.optional(), sql: z.string().optional() }),
  on: ['update_row'],
  parses: ['sql'],
  evaluate({ reads: { where, sql }, parsers }) {
    const remedy = 'name the rows in a WHERE, by key or by a column that tells them apart'
    const found = unfilteredChange(['UPDATE'], where, sql, parsers)
    if (!found.ok) return deny(`cannot be judged: ${found.error}`, { remedy })
    return found.tree === null ? allow('every update says which rows') : deny(`${found.tree}`, { remedy })
  }
})
