// One run does not fill a table.
import * as z from 'zod'
import { allow, definePolicy, deny } from '../../engine/index.ts'

/**
 * Denies more than `max_rows` rows: those that are given in `rows`, or as many as `row_count` says of them where it says more.
 * It judges the request as a whole, so that batches do not get round it, and each batch.
 */
export const limitRowsPerRun = definePolicy({
  id: 'limit_rows_per_run',
  title: 'A limit to the rows of one run',
  params: z.strictObject({ max_rows: z.int().positive().default(1000) }),
  reads: z.object({ rows: z.array(z.json()).optional(), row_count: z.int().nonnegative().optional() }),
  on: ['insert_rows'],
  evaluate({ reads: { rows, row_count } }, { max_rows }) {
    if (rows === undefined && row_count === undefined) return allow('no rows are given')
    const count = Math.max(rows?.length ?? 0, row_count ?? 0)
    const rule = `at most ${max_rows} are allowed in one run`
    if (count <= max_rows) return allow(`${count} rows, ${rule}`)
    return deny(`${count} rows, ${rule}`, { remedy: 'import the rows in several runs' })
  }
})
