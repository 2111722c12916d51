// The newest decision of a workflow, in D1: one place of one index, for the whole world to ask for.
import type { BadgeFacts, Badges } from '../../engine/index.ts'

/** Exported so that a test can ask the database how it would run it. */
export const NEWEST_DECISION = `SELECT decision, at FROM receipts WHERE team_id = ?1 AND workflow = ?2 AND run_mode = 'enforce'
  ORDER BY position DESC LIMIT 1`

/** Over a D1 database. */
export function d1Badges(db: D1Database): Badges {
  return { newest: (teamId, workflow) => db.prepare(NEWEST_DECISION).bind(teamId, workflow).first<BadgeFacts>() }
}
