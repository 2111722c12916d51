// Runs that are not over, in D1: so that one whose alarm was lost is found by somebody.
import type { UnfinishedRuns } from '../../engine/index.ts'

/** Unfinished runs over a D1 database. */
export function d1UnfinishedRuns(db: D1Database): UnfinishedRuns {
  return {
    async put(teamId, runId, dueAt, rollbackOf) {
      await db
        .prepare(
          'INSERT INTO unfinished_runs (team_id, run_id, due_at, rollback_of) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET due_at = excluded.due_at'
        )
        .bind(teamId, runId, dueAt, rollbackOf ?? null)
        .run()
    },
    async remove(teamId, runId) {
      await db.prepare('DELETE FROM unfinished_runs WHERE team_id = ?1 AND run_id = ?2').bind(teamId, runId).run()
    },
    async due(now, limit) {
      const rows = await db
        .prepare('SELECT team_id, run_id FROM unfinished_runs WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2')
        .bind(now, limit)
        .all<{ team_id: string; run_id: string }>()
      return rows.results
    }
  }
}
