// The one statement behind a page of receipts, and the one behind a histogram: always led by an index, never sorted.
import type { ReceiptFilter } from '../../engine/index.ts'
import { allOf, Binding, conditionsOf, NEVER, type Lead } from './search_sql.ts'

/** A statement and its parameters. */
export interface Statement {
  readonly sql: string
  readonly values: readonly (string | number)[]
}

/** Rows that are at most so many are looked up one by one; of more, the list is walked until the page is full. */
const FEW = 300
const COLUMNS = 'r.run_id, r.body, r.signatures, r.place'

/**
 * A page, newest first, only rows before the position `cursor`. Exact values lead: the index has the rows of each
 * in the list's own order. A span of time, a prefix and `changed_after` have no such order. There the statement first counts up to `FEW` of
 * their rows in the index: so few are looked up; if there are more, the list is walked, where the page is soon full.
 */
export function listStatement(teamId: string, filter: ReceiptFilter, cursor: number | null, limit: number, now: number): Statement {
  const { values, bind } = new Binding()
  const team = bind(teamId)
  const conditions = conditionsOf(filter, team, bind, now)
  const leading = conditions.find((condition) => condition.leads !== undefined)
  const leads = leading?.leads ?? [{ where: '1' }]
  const all = allOf(conditions.map(({ sql }) => sql))
  const others = allOf(conditions.filter((condition) => condition !== leading).map(({ sql }) => sql))
  const some = conditions.find((condition) => condition.positions !== undefined)?.positions
  const below = bind(conditions.some(({ sql }) => sql === NEVER) ? -1 : (cursor ?? Number.MAX_SAFE_INTEGER))
  const walks = (end: string) => leads.map((lead) => `${walk(team, lead, end)} AND ${others}`).join(' UNION ALL ')
  const end = ` ORDER BY 1 DESC LIMIT ${bind(limit)}`
  if (some === undefined) return { sql: `${walks(below)}${end}`, values }
  const few = some.map((select) => `SELECT position FROM (${select} LIMIT ${FEW + 1})`).join(' UNION ALL ')
  const many = `(SELECT n FROM found) > ${FEW}`
  // INVARIANT: whichever half does not count is given an empty range, since a condition would be asked row by row.
  const sql = `WITH few AS MATERIALIZED (${few}), found AS MATERIALIZED (SELECT count(*) AS n FROM few)
    SELECT r.position, ${COLUMNS} FROM receipts r INDEXED BY receipts_position
    WHERE r.team_id = ${team} AND r.position IN (SELECT position FROM few WHERE NOT ${many} AND position < ${below}) AND ${all}
    UNION ALL ${walks(`(SELECT CASE WHEN ${many} THEN ${below} ELSE -1 END)`)}${end}`
  return { sql, values }
}

/** How many receipts of each decision there were in each of `buckets` stretches of time, from one covering index where no search asks for more. */
export function histogramStatement(
  teamId: string,
  filter: ReceiptFilter,
  from: number,
  bucketMs: number,
  buckets: number,
  now: number
): Statement {
  const { values, bind } = new Binding()
  const team = bind(teamId)
  const residual = allOf(conditionsOf(filter, team, bind, now).map(({ sql }) => sql))
  const starts = bind(JSON.stringify(Array.from({ length: buckets }, (_, i) => from + i * bucketMs)))
  const sql = `SELECT bucket.value AS at, (SELECT json_array(total(r.decision = 'PASS'), total(r.decision = 'BLOCK'), total(r.decision = 'PARTIAL'))
    FROM receipts r INDEXED BY receipts_at WHERE r.team_id = ${team} AND r.at >= bucket.value AND r.at < bucket.value + ${bind(bucketMs)} AND ${residual}) AS counts
    FROM json_each(${starts}) AS bucket`
  return { sql, values }
}

function walk(team: string, { where, index = 'receipts_position', tag }: Lead, below: string): string {
  if (tag === undefined) {
    return `SELECT r.position, ${COLUMNS} FROM receipts r INDEXED BY ${index} WHERE r.team_id = ${team} AND r.position < ${below} AND ${where}`
  }
  return `SELECT t.position, ${COLUMNS} FROM receipt_tags t CROSS JOIN receipts r INDEXED BY receipts_position ON r.team_id = t.team_id AND r.position = t.position
    WHERE t.team_id = ${team} AND t.kind = '${tag.kind}' AND t.value = ${tag.value} AND t.position < ${below} AND ${where}`
}
