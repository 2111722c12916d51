// The Past port over D1: the ledger brings its index up to date, then one statement that its tags lead.
import type { Past, Receipt } from '../../engine/index.ts'
import { receiptOf, type EdgeLedger } from './ledger.ts'

/** INVARIANT: tags hold only runs that count (`pastValuesOf`); the newest come first, so that what is too much is told by their number. */
export const PAST_RECEIPTS = `SELECT r.run_id, r.body, r.signatures, r.place FROM receipt_tags t
  CROSS JOIN receipts r INDEXED BY receipts_position ON r.team_id = t.team_id AND r.position = t.position
  WHERE t.team_id = ?1 AND t.kind = ?2 AND t.value IN (SELECT value FROM json_each(?3)) AND r.at >= ?4
    AND (r.workflow = ?5 OR r.body IS NULL OR EXISTS (SELECT 1 FROM json_each(r.body, '$.actions_taken') a WHERE a.value ->> 'action' = ?5))
  GROUP BY r.position ORDER BY r.position DESC LIMIT ?6`

interface Row {
  readonly run_id: string
  readonly body: string | null
  readonly signatures: string
  readonly place: string
}

/** Past receipts of everything that was in the team's ledger before the call, however far behind its index was. */
export function edgePast(db: D1Database, ledger: Pick<EdgeLedger, 'project' | 'present'>): Past {
  return {
    async find(teamId, { about, values, did, since }, limit) {
      await ledger.project(teamId)
      const { results } = await db.prepare(PAST_RECEIPTS).bind(teamId, about, JSON.stringify(values), since, did, limit).all<Row>()
      const receipts = await Promise.all(
        results.map(({ run_id, body, signatures, place }) =>
          body === null ? ledger.present(teamId, run_id) : receiptOf({ body, signatures: JSON.parse(signatures), place: JSON.parse(place) })
        )
      )
      return receipts.filter((receipt): receipt is Receipt => receipt !== null)
    }
  }
}
