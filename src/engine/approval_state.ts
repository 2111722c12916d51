// What an approval is made of: who asks, who may answer, what exactly is answered, and everything that happened since. JSON, never changed in place.
import type { JsonObject, PolicyResult } from './schema.ts'

/** Bounds that keep one approval small enough to store and to read. */
export const APPROVERS_MAX = 16
export const EDITS_MAX = 8
export const DELEGATIONS_MAX = 16
export const REASON_LENGTH_MAX = 2_000

/** Where a person is reached. The kind is what a vote through it is recorded as. */
export interface Channel {
  readonly kind: 'mail' | 'slack'
  readonly address: string
}

/** A registered person: the host takes it from the people facts, never from a request. */
export interface Person {
  readonly person_id: string
  readonly email: string
  readonly channels: readonly Channel[]
}

/** Who asks. `user_email` is what the agent claims, and decides nothing; the rest is what its key is registered with. */
export interface Requester {
  readonly api_key_id: string
  readonly user_email: string
  readonly key_email: string | null
  readonly person_id: string | null
}

/** What is decided on. `payload` and `preview` are what will run, and must be stored sealed; `shown` is both redacted, for every eye. */
export interface ApprovalSubject {
  readonly payload: JsonObject
  readonly preview: JsonObject
  readonly shown: { readonly payload: JsonObject; readonly preview: JsonObject }
  /** Of team, workflow, payload and preview, see `requestDigest`. */
  readonly request_digest: string
  /** Why a person is asked. */
  readonly policy_results: readonly PolicyResult[]
}

export interface ApprovalRequest {
  readonly hitl_id: string
  readonly team_id: string
  readonly workflow: string
  /** The run that waits; null for an approval that is redeemed later. */
  readonly run_id: string | null
  readonly requester: Requester
  /** How many different people must approve. */
  readonly needed: number
  /** Asked as well when three quarters of the time are gone. */
  readonly escalation: readonly Person[]
  readonly createdAtMs: number
  readonly expiresAtMs: number
  /** How long an approval may be used after it was given. */
  readonly validMs: number
  readonly callback_url: string | null
  readonly config_digest: string
}

/** An approver's token offers both choices, a denier's only one. */
export type TokenPurpose = 'approve' | 'deny'

/** All that is kept of a token. `dead` says what it died of; a dead one is still told from a forged one. */
export interface TokenRecord {
  readonly sha256: string
  readonly purpose: TokenPurpose
  readonly person_id: string
  readonly via: Channel['kind']
  readonly request_digest: string
  readonly dead: null | 'used' | 'changed' | 'delegated' | 'decided'
}

/** `link`: whoever held the person's token. `signed_in`: the person, known to the host beside the token, or signed in to the UI. `key`: the person's own API key. */
export type Assurance = 'link' | 'signed_in' | 'key'

export interface ApprovalVote {
  readonly choice: 'approve' | 'deny'
  readonly person_id: string
  /** The person's registered address. */
  readonly by: string
  readonly via: Channel['kind'] | 'api' | 'ui'
  readonly assurance: Assurance
  readonly atMs: number
  readonly reason: string | null
}

/** Everything that happened to the request, oldest first: it stands in the approval's receipt. */
export type HistoryEntry =
  | ({ readonly what: 'voted' } & ApprovalVote)
  | {
      readonly what: 'edited'
      readonly by: string
      readonly atMs: number
      readonly from_digest: string
      readonly to_digest: string
      readonly accepted: boolean | null
    }
  | { readonly what: 'delegated'; readonly person_id: string; readonly by: string; readonly to: string; readonly atMs: number }
  | { readonly what: 'reminded' | 'escalated'; readonly atMs: number }

export type ApprovalStatus = 'PENDING' | 'APPROVED' | 'DENIED' | 'EXPIRED'

export interface ApprovalState {
  readonly request: ApprovalRequest
  readonly subject: ApprovalSubject
  /** An edit that policies have not judged yet. While there is one, nobody can vote: there are no live tokens. */
  readonly proposal: (Omit<ApprovalSubject, 'policy_results'> & { readonly by: string }) | null
  readonly approvers: readonly Person[]
  readonly tokens: readonly TokenRecord[]
  /** Those that count for the subject as it is. */
  readonly votes: readonly ApprovalVote[]
  readonly history: readonly HistoryEntry[]
  /** How many of `stagesOf` are behind. */
  readonly stage: number
  readonly status: ApprovalStatus
  readonly decidedAtMs: number | null
  readonly decided_by: string | null
  readonly consumed: { readonly run_id: string; readonly atMs: number } | null
}

interface Stage {
  readonly atMs: number
  readonly what: 'reminded' | 'escalated'
}

/** Shorter requests are not reminded of: whoever has seen the first notice has just seen it. */
const REMINDED_FROM_MS = 600_000

/** What is due before the deadline: a reminder at half and at nine tenths of the time, escalation at three quarters. */
export function stagesOf({ createdAtMs, expiresAtMs, escalation }: ApprovalRequest): Stage[] {
  const span = expiresAtMs - createdAtMs
  const at = (fraction: number) => createdAtMs + Math.floor(span * fraction)
  const stages: Stage[] = []
  if (span >= REMINDED_FROM_MS) stages.push({ atMs: at(0.5), what: 'reminded' })
  if (escalation.length > 0) stages.push({ atMs: at(0.75), what: 'escalated' })
  if (span >= REMINDED_FROM_MS) stages.push({ atMs: at(0.9), what: 'reminded' })
  return stages
}
