// What knows of a receipt beside its ledger: D1's projections, sealed originals, links that were shared, and the objects of its run or approval.
import type { ApprovalCalls } from '../../../durable/approval.ts'
import type { RunCalls } from '../../../durable/run.ts'
import type { ErasureDoor } from '../../engine/index.ts'

/** A run whose rollback goes on, an approval whose run does, and a run itself that its object has not ended yet. */
const BUSY = `SELECT value AS run_id FROM json_each(?2) WHERE EXISTS (SELECT 1 FROM unfinished_runs WHERE team_id = ?1 AND run_id = value)
  OR EXISTS (SELECT 1 FROM unfinished_runs WHERE team_id = ?1 AND rollback_of = value)
  OR EXISTS (SELECT 1 FROM approvals a JOIN unfinished_runs u ON u.team_id = ?1 AND u.run_id = a.run_id WHERE a.team_id = ?1 AND a.hitl_id = value)`
const ASKED = 'SELECT hitl_id FROM approvals WHERE team_id = ?1 AND hitl_id IN (SELECT value FROM json_each(?2))'
const BY_RUN = `run_id IN (SELECT value FROM json_each(?2))`
const FORGET = [
  `DELETE FROM receipts WHERE team_id = ?1 AND ${BY_RUN}`,
  `DELETE FROM sealed WHERE team_id = ?1 AND ${BY_RUN}`,
  `DELETE FROM shares WHERE team_id = ?1 AND ${BY_RUN}`,
  `DELETE FROM approvals WHERE team_id = ?1 AND hitl_id IN (SELECT value FROM json_each(?2))`
]
// An alert says something of the runs it names: its words go, and everything that was made of them. INVARIANT: its head moves first, or a
// step that is under way would put them back; the runs go last, since they say which alerts there are to forget.
const NAMED = `(SELECT alert_id FROM alert_runs WHERE team_id = ?1 AND ${BY_RUN})`
const FORGET_ALERTS = [
  `UPDATE alert_heads SET version = version + 1 WHERE team_id = ?1 AND EXISTS ${NAMED}`,
  `DELETE FROM webhook_events WHERE team_id = ?1
    AND id IN (SELECT event_id FROM webhook_deliveries WHERE team_id = ?1 AND alert_id IN ${NAMED})`,
  `DELETE FROM webhook_deliveries WHERE team_id = ?1 AND alert_id IN ${NAMED}`,
  `UPDATE alerts SET subject = '', message = 'what this was about was erased',
    run_ids = (SELECT json_group_array(value) FROM json_each(run_ids) WHERE value NOT IN (SELECT value FROM json_each(?2)))
    WHERE team_id = ?1 AND alert_id IN ${NAMED}`,
  `DELETE FROM alert_runs WHERE team_id = ?1 AND ${BY_RUN}`
]
const UNTAG = 'DELETE FROM receipt_tags WHERE team_id = ?1 AND position IN (SELECT value FROM json_each(?2))'

/** Copies of receipts over a D1 database and the objects of runs and approvals. */
export function edgeErasure(db: D1Database, runs: DurableObjectNamespace, approvals: DurableObjectNamespace): ErasureDoor {
  const stub = <T>(namespace: DurableObjectNamespace, name: string) => namespace.get(namespace.idFromName(name)) as unknown as T
  return {
    async busy(teamId, runIds) {
      const { results } = await db.prepare(BUSY).bind(teamId, JSON.stringify(runIds)).all<{ run_id: string }>()
      return results.map(({ run_id }) => run_id)
    },
    async forget(teamId, erased) {
      const ids = JSON.stringify(erased.map(({ run_id }) => run_id))
      // INVARIANT: rows go last. They say which objects there are to forget, for the attempt after one that failed.
      const asked = (await db.prepare(ASKED).bind(teamId, ids).all<{ hitl_id: string }>()).results
      await Promise.all(erased.map(({ run_id }) => stub<RunCalls>(runs, `${teamId}/${run_id}`).forget()))
      await Promise.all(asked.map(({ hitl_id }) => stub<ApprovalCalls>(approvals, `${teamId}/${hitl_id}`).forget()))
      const positions = JSON.stringify(erased.map(({ position }) => position))
      await db.batch([
        ...[...FORGET_ALERTS, ...FORGET].map((statement) => db.prepare(statement).bind(teamId, ids)),
        db.prepare(UNTAG).bind(teamId, positions)
      ])
    }
  }
}
