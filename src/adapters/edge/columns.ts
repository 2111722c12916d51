// A receipt as a row of the index: every column follows from the signed text, so that a row can be checked by making it again.
import { failedPolicies, searchText, type LedgerRow } from '../../engine/index.ts'
import { receiptOf } from './ledger.ts'

/** Longer bodies stay in the ledger alone: a row of D1 takes 2 MB. */
const BODY_CHARS_MAX = 500_000

/** A row as D1 returns it, its tags joined to it. */
export interface Columns {
  readonly team_id: string
  readonly run_id: string
  readonly position: number
  readonly revision: number
  readonly workflow: string
  readonly decision: string
  readonly outcome: string
  readonly user_email: string
  readonly at: number
  readonly words: string
  readonly body: string | null
  readonly signatures: string
  readonly place: string
  /** `policy:<id>` and `system:<id>`, sorted. */
  readonly tags: readonly string[]
}

/** The row of a run's newest revision. */
export function columnsOf(teamId: string, row: LedgerRow): Columns {
  const receipt = receiptOf(row)
  const systems = new Set(receipt.actions_taken.map(({ system }) => system))
  return {
    team_id: teamId,
    run_id: row.run_id,
    position: row.position,
    revision: row.revision,
    workflow: receipt.workflow,
    decision: receipt.decision,
    outcome: receipt.outcome,
    user_email: receipt.user_email,
    at: Date.parse(receipt.timestamp),
    words: searchText(receipt),
    body: row.body.length > BODY_CHARS_MAX ? null : row.body,
    signatures: JSON.stringify(row.signatures),
    place: JSON.stringify(row.place),
    tags: [...failedPolicies(receipt).map((id) => `policy:${id}`), ...[...systems].map((id) => `system:${id}`)].sort()
  }
}
