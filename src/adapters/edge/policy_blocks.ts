// What each policy blocked lately, from the tags of receipts: one query for all policies, that reads each one's newest tags and stops.
import type { BlockLog, PolicyBlocks } from '../../engine/index.ts'

const LAST = 5
/** Tags are of all that did not pass, approved questions too: so many of the newest are looked through for blocks. */
const LOOKED_THROUGH = 200

/**
 * Exported so that a test can ask the database how it would run it. A row's `at` is its newest revision's time and its position its first's:
 * whatever stands before the last row older than the day began before it, so that the count begins there. Shadow and dry runs block nothing.
 * CROSS JOIN and the unary pluses keep the order: led by receipts it would read a whole day once for each policy.
 */
export const POLICY_BLOCKS = `SELECT named.value AS policy,
  (SELECT count(*) FROM receipt_tags tag CROSS JOIN receipts r ON r.team_id = tag.team_id AND r.position = tag.position
    WHERE tag.team_id = ?1 AND tag.kind = 'policy' AND tag.value = named.value
      AND tag.position > coalesce((SELECT position FROM receipts WHERE team_id = ?1 AND at < ?3 ORDER BY at DESC LIMIT 1), -1)
      AND +r.at >= ?3 AND +r.decision = 'BLOCK' AND +r.run_mode = 'enforce') AS blocks_24h,
  (SELECT json_group_array(json_object('run_id', run_id, 'at', at, 'workflow', workflow, 'user_email', user_email, 'reason', reason)) FROM
    (SELECT r.run_id, r.at, r.workflow, r.user_email,
        (SELECT result.value ->> 'reason' FROM json_each(r.body, '$.policy_results') result
          WHERE result.value ->> 'policy' = named.value AND result.value ->> 'effect' <> 'allow' LIMIT 1) AS reason
      FROM (SELECT position FROM receipt_tags WHERE team_id = ?1 AND kind = 'policy' AND value = named.value
          ORDER BY position DESC LIMIT ${LOOKED_THROUGH}) tag
        CROSS JOIN receipts r ON r.team_id = ?1 AND r.position = tag.position
      WHERE +r.decision = 'BLOCK' AND +r.run_mode = 'enforce' ORDER BY tag.position DESC LIMIT ${LAST})) AS last_blocks
  FROM json_each(?2) named`

const DAY_MS = 86_400_000

interface Row {
  readonly policy: string
  readonly blocks_24h: number
  readonly last_blocks: string
}

interface Shown {
  readonly run_id: string
  readonly at: number
  readonly workflow: string
  readonly user_email: string
  readonly reason: string | null
}

/** Over a D1 database. */
export function d1BlockLog(db: D1Database): BlockLog {
  return {
    async of(teamId, policies, now) {
      const ids = JSON.stringify([...new Set(policies)])
      const { results } = await db
        .prepare(POLICY_BLOCKS)
        .bind(teamId, ids, now - DAY_MS)
        .all<Row>()
      return new Map(results.map((row) => [row.policy, blocksOf(row)]))
    }
  }
}

function blocksOf({ blocks_24h, last_blocks }: Row): PolicyBlocks {
  const shown = JSON.parse(last_blocks) as Shown[]
  return { blocks_24h, last_blocks: shown.map(({ at, ...block }) => ({ ...block, at: new Date(at).toISOString() })) }
}
