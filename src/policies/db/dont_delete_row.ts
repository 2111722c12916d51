// Rows are never deleted.
import * as z from 'zod'
import { definePolicy, deny, quoted } from '../../engine/index.ts'

/** Denies every deletion of rows. */
export const dontDeleteRow = definePolicy({
  id: 'dont_delete_row',
  title: 'No row is deleted',
  params: z.strictObject({}),
  reads: z.object({}),
  on: ['delete_row'],
  evaluate({ payload: { table } }) {
    const place = typeof table === 'string' ? `rows of ${quoted(table)}` : 'rows'
    return deny(`${place} would be deleted, and rows must not be`, { remedy: 'mark the rows as deleted with an update instead' })
  }
})
