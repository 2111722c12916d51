// A receipt as a row of the index: every column follows from the signed text, so that a row can be checked by making it again.
import { failedPolicies, linkedIds, pastValuesOf, searchText, systemsOf, type LedgerRow, type Receipt } from '../../engine/index.ts'
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
  readonly agent: string
  readonly api_key_id: string
  readonly run_mode: string
  readonly seq: number
  readonly at: number
  readonly words: string
  readonly body: string | null
  readonly signatures: string
  readonly place: string
  /** `policy:<id>`, `system:<id>`, `session:<id>`, `link:<run id>`, and what policies find past runs by, `recipient:<address>`, sorted. */
  readonly tags: readonly string[]
}

/** The row of a run's newest revision. */
export function columnsOf(teamId: string, row: LedgerRow): Columns {
  const receipt = receiptOf(row)
  return {
    team_id: teamId,
    run_id: row.run_id,
    position: row.position,
    revision: row.revision,
    workflow: receipt.workflow,
    decision: receipt.decision,
    outcome: receipt.outcome,
    user_email: receipt.user_email,
    agent: receipt.user_email.toLowerCase(),
    api_key_id: receipt.actor.api_key_id ?? '',
    run_mode: receipt.run_mode,
    seq: row.place.seq,
    at: Date.parse(receipt.timestamp),
    words: searchText(receipt),
    body: row.body.length > BODY_CHARS_MAX ? null : row.body,
    signatures: JSON.stringify(row.signatures),
    place: JSON.stringify(row.place),
    tags: tagsOf(receipt).sort()
  }
}

function tagsOf(receipt: Receipt): string[] {
  const { session_id } = receipt.actor
  return [
    ...failedPolicies(receipt).map((id) => `policy:${id}`),
    ...systemsOf(receipt).map((id) => `system:${id}`),
    ...(session_id === null ? [] : [`session:${session_id}`]),
    ...linkedIds(receipt).map((id) => `link:${id}`),
    ...pastValuesOf(receipt).map(([about, value]) => `${about}:${value}`)
  ]
}
