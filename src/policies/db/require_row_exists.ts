// What is to be changed is there.
import * as z from 'zod'
import { allow, definePolicy, deny, type Json, type JsonObject, quoted } from '../../engine/index.ts'

const LOOKUP = 'postgres.count_rows'

/** Denies an update that no row matches, or more than `max_rows` do, and one of which that cannot be found out. */
export const requireRowExists = definePolicy({
  id: 'require_row_exists',
  title: 'Only rows that exist are changed',
  params: z.strictObject({ max_rows: z.int().positive().optional() }),
  reads: z.object({ table: z.string().optional(), where: z.union([z.string(), z.record(z.string(), z.json()), z.null()]).optional() }),
  on: ['update_row'],
  lookups: [{ action: LOOKUP, input: ({ table, where }) => (typeof table === 'string' && isCondition(where) ? { table, where } : null) }],
  evaluate({ reads: { table, where }, facts }, { max_rows }) {
    if (table === undefined || !isCondition(where))
      return deny('it does not say which rows of which table', { remedy: 'name the rows in `where` by columns and values' })
    const found = foundIn(facts[LOOKUP])
    if (typeof found === 'string')
      return deny(`whether rows of ${quoted(table)} match could not be looked up: ${found}`, {
        remedy: `configure a connector with ${quoted(LOOKUP)} that may read the table, or try again`
      })
    const rows = `${found.hasMore ? `more than ${found.count}` : found.count} ${found.count === 1 && !found.hasMore ? 'row' : 'rows'} of ${quoted(table)}`
    if (found.count === 0) return deny(`no row of ${quoted(table)} matches`, { remedy: 'look the row up first, or insert it' })
    if (max_rows !== undefined && (found.hasMore || found.count > max_rows))
      return deny(`${rows} match, at most ${max_rows} may be changed`, { remedy: 'narrow `where`' })
    return allow(`${rows} ${found.count === 1 && !found.hasMore ? 'matches' : 'match'}`)
  }
})

function isCondition(where: Json | undefined): where is JsonObject {
  return typeof where === 'object' && where !== null && !Array.isArray(where) && Object.keys(where).length > 0
}

/** What the look-up said, or why it said nothing. */
function foundIn(looked: Json | undefined): { count: number; hasMore: boolean } | string {
  if (looked === null || typeof looked !== 'object') return `${quoted(LOOKUP)} did not answer`
  const { success, output, error } = looked as { success?: Json; output?: { count?: Json; has_more?: Json } | null; error?: Json }
  if (success !== true) return typeof error === 'string' ? error : `${quoted(LOOKUP)} failed`
  const count = output?.count
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0
    ? { count, hasMore: output?.has_more === true }
    : `${quoted(LOOKUP)} gave no \`count\``
}
