// What the server says of approvals.
import type { JsonObject, PolicyResult } from '../../../engine/schema.ts'
import type { Tone } from '../../parts/tone.ts'

export type Status = 'PENDING' | 'APPROVED' | 'DENIED' | 'EXPIRED'

/** `GET /hitl`. */
export interface Listed {
  readonly hitl_id: string
  readonly workflow: string
  readonly run_id: string | null
  readonly status: Status
  readonly user_email: string
  readonly created_at: string
  readonly expires_at: string
  readonly decided_at: string | null
  readonly decided_by: string | null
}

/** `GET /hitl/{id}/approve` as JSON, for the team's own. */
export interface Sight extends Listed {
  readonly team_id: string
  readonly api_key_id: string
  readonly payload: JsonObject
  readonly preview: JsonObject
  readonly policy_results: readonly PolicyResult[]
  readonly request_digest: string
  readonly needed: number
  readonly missing: number
  readonly approvers: readonly string[]
  readonly votes: readonly JsonObject[]
  readonly history: readonly JsonObject[]
  readonly is_edited: boolean
  readonly is_judging: boolean
  readonly is_redacted: boolean
  readonly can_decide: boolean
  /** What can be undone, one sentence an action. */
  readonly consequences?: readonly string[]
}

export const STATUSES: Readonly<Record<Status, { readonly tone: Tone; readonly word: string }>> = {
  PENDING: { tone: 'held', word: 'Waiting' },
  APPROVED: { tone: 'pass', word: 'Approved' },
  DENIED: { tone: 'block', word: 'Denied' },
  EXPIRED: { tone: 'none', word: 'Expired' }
}
