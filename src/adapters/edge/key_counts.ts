// What keys did lately, counted in the index over times alone.
import type { KeyCounts } from '../../engine/index.ts'
import type { Statement } from './list_sql.ts'

interface Row {
  readonly id: string
  readonly receipts: number
  readonly blocked: number
  readonly last_at: number | null
}

/** Reads the span's rows of one covering index once, whatever the number of keys, and each key's newest row. */
const COUNTS = `WITH span AS MATERIALIZED (SELECT api_key_id, count(*) AS receipts, total(decision = 'BLOCK') AS blocked
    FROM receipts INDEXED BY receipts_at WHERE team_id = ?1 AND at >= ?2 GROUP BY api_key_id)
  SELECT asked.value AS id, coalesce(span.receipts, 0) AS receipts, coalesce(span.blocked, 0) AS blocked,
    (SELECT at FROM receipts INDEXED BY receipts_key WHERE team_id = ?1 AND api_key_id = asked.value ORDER BY position DESC LIMIT 1) AS last_at
  FROM json_each(?3) AS asked LEFT JOIN span ON span.api_key_id = asked.value`

/** The statement behind `GET /agents`. */
export function keyCountsStatement(teamId: string, keyIds: readonly string[], since: number): Statement {
  return { sql: COUNTS, values: [teamId, since, JSON.stringify(keyIds)] }
}

/** Its rows, by key. */
export function countsOf(rows: readonly Row[]): Map<string, KeyCounts> {
  return new Map(rows.map(({ id, receipts, blocked, last_at }) => [id, { receipts, blocked, last_at }]))
}
