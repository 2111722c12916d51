// The doors of approvals for installations that serve many teams: asking, looking, deciding, listing; and what the object behind them needs done.
import type { ApprovalAnswer, ApprovalEvent } from './approval_event.ts'
import type { ApprovalSight } from './approval_sight.ts'
import type { Person } from './approval_state.ts'
import type { Approvals } from './ports.ts'
import type { JsonObject, PolicyResult } from './schema.ts'
import type { NoVoter } from './approval_voter.ts'

/** `POST /hitl/request`: an approval that somebody redeems later. */
export interface HitlAsk {
  readonly team_id: string
  readonly hitl_id: string
  readonly workflow: string
  readonly payload: JsonObject
  /** What policies say of it now; empty where Enact does not carry it out and none can. */
  readonly policy_results: readonly PolicyResult[]
  readonly notify: Person
  readonly needed: number
  readonly user_email: string
  readonly key_email: string | null
  readonly api_key_id: string
  readonly expires_in_seconds: number
  readonly callback_url: string | null
  readonly config_digest: string
  /** Where this installation is reached, for the links. */
  readonly origin: string
}

/** One row of the team's list. */
export interface ApprovalRow {
  readonly hitl_id: string
  readonly workflow: string
  readonly run_id: string | null
  readonly status: ApprovalSight['status']
  readonly user_email: string
  readonly created_at: string
  readonly expires_at: string
  readonly decided_at: string | null
  readonly decided_by: string | null
}

export interface ApprovalList {
  /** Newest first, only those with an id below `before`; at `now`, what is over is EXPIRED. */
  list(teamId: string, status: ApprovalSight['status'] | null, before: string | null, limit: number, now: number): Promise<ApprovalRow[]>
  /** Of all teams: those that are over and do not say so yet, longest first. */
  overdue(now: number, limit: number): Promise<{ readonly team_id: string; readonly hitl_id: string }[]>
  /** Idempotent; a decided row never becomes PENDING again. */
  put(teamId: string, row: ApprovalRow): Promise<void>
}

/** What people and programs decide; the host adds randomness and time. */
export type DecidingEvent = Unseeded<Extract<ApprovalEvent, { type: 'vote' | 'edit' | 'delegate' }>>
export type Unseeded<E> = E extends { seed: Uint8Array } ? Omit<E, 'seed'> : E

/** What a token shows, before anything is decided. */
export interface TokenSight {
  readonly found: { readonly person_id: string; readonly canApprove: boolean } | NoVoter
  readonly sight: ApprovalSight
}

export interface ApprovalDoor extends Approvals {
  /** Asks people. Throws `approver_unknown`, `own_request`, `invalid`, and `idempotency_key_reused` where the id has another question. */
  open(ask: HitlAsk): Promise<{ readonly hitl_id: string; readonly expires_at: string }>
  /** Null for an approval that this team does not have. Waits for its end, but not longer than `waitMs`. */
  look(teamId: string, hitlId: string, waitMs: number): Promise<ApprovalSight | null>
  /** Looking changes nothing. */
  examine(teamId: string, hitlId: string, token: string): Promise<TokenSight | null>
  decide(teamId: string, hitlId: string, event: DecidingEvent): Promise<ApprovalAnswer | null>
}

/** Wakes the run that waits for an approval. Resolves once the run knows; it does not wait for what the run does then. */
export interface RunWake {
  wake(teamId: string, runId: string, hitlId: string): Promise<void>
}

/** Requests that come from Slack: whether one is really Slack's, and for the first time. */
export interface SlackDoor {
  /** False for a wrong signature, one older than five minutes, and one that was here before. */
  admit(body: string, timestamp: string | null, signature: string | null): Promise<boolean>
}

/** What was sent in development instead of mail, newest first. */
export interface Outbox {
  list(limit: number): Promise<OutboxMail[]>
}

export interface OutboxMail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly links: { readonly approve: string | null; readonly deny: string | null }
  readonly at: string
}
