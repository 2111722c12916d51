// Receipts that have to do with one another: those that it names, those that name it, those of its session.
import { linkedIds, RELATED_MAX, relationFrom, relationTo, timeText, type Receipt, type RelatedReceipt } from '../../engine/index.ts'

interface Row {
  readonly run_id: string
  readonly workflow: string
  readonly decision: RelatedReceipt['decision']
  readonly outcome: RelatedReceipt['outcome']
  readonly at: number
  readonly links: string | null
  readonly hitl_id: string | null
}

const SELECT = `SELECT r.run_id, r.workflow, r.decision, r.outcome, r.at, r.body -> '$.links' AS links, r.body ->> '$.approval.hitl_id' AS hitl_id`
const NAMED = `${SELECT} FROM receipts r WHERE r.team_id = ?1 AND r.run_id IN (SELECT value FROM json_each(?2))`
const TAGGED = `${SELECT} FROM receipt_tags t CROSS JOIN receipts r INDEXED BY receipts_position ON r.team_id = t.team_id AND r.position = t.position
  WHERE t.team_id = ?1 AND t.kind = ?2 AND t.value = ?3 ORDER BY t.position DESC LIMIT ?4`

/** Each once, by its closest relation. */
export async function relatedReceipts(db: D1Database, teamId: string, receipt: Receipt): Promise<RelatedReceipt[]> {
  const { run_id, actor } = receipt
  const [named, naming, session] = await db.batch<Row>([
    db.prepare(NAMED).bind(teamId, JSON.stringify(linkedIds(receipt))),
    db.prepare(TAGGED).bind(teamId, 'link', run_id, RELATED_MAX.linked),
    db.prepare(TAGGED).bind(teamId, 'session', actor.session_id ?? '', RELATED_MAX.session)
  ])
  const found = new Map<string, RelatedReceipt>()
  const add = (row: Row, relation: RelatedReceipt['relation']) => {
    if (row.run_id === run_id || found.has(row.run_id)) return
    const { workflow, decision, outcome, at } = row
    found.set(row.run_id, { relation, run_id: row.run_id, workflow, decision, outcome, timestamp: timeText(at) })
  }
  for (const row of named!.results) add(row, relationTo(receipt, row.run_id))
  for (const row of naming!.results) add(row, relationFrom(linksOf(row), run_id))
  for (const row of session!.results) add(row, 'same_session')
  return [...found.values()]
}

/** A body that is too long for its row says nothing of its links. */
function linksOf({ links, hitl_id }: Row): { links: Receipt['links']; hitl_id: string | null } {
  return { links: links === null ? {} : (JSON.parse(links) as Receipt['links']), hitl_id }
}
