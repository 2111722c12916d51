// What can happen to an approval, what is answered, and what the host then has to do.
import type { Approval, JsonObject, PolicyResult } from './schema.ts'
import type { ApprovalState, ApprovalStatus, Channel, Person } from './approval_state.ts'
import type { TokenPair } from './approval_token.ts'

/**
 * What shows who decides. A token came by that person's channel; `signed_in_as` is the person the host knows beside it (Slack's signed
 * user id), null where it knows none. A key is the person's own, be it that it came with the request (`api`) or began the session that did
 * (`ui`, also for whom Cloudflare Access vouches); `request_digest` is what the person was shown.
 */
export type Credential =
  | { readonly kind: 'token'; readonly token: string; readonly signed_in_as: string | null }
  | {
      readonly kind: 'key'
      readonly api_key_id: string
      readonly scopes: readonly string[]
      readonly person_id: string
      readonly request_digest: string
      readonly via: 'api' | 'ui'
    }

/** `seed` is fresh random bytes (`SEED_BYTES`), in the events that may make tokens. */
export type ApprovalEvent =
  | { readonly type: 'vote'; readonly choice: 'approve' | 'deny'; readonly credential: Credential; readonly reason: string | null }
  | {
      readonly type: 'edit'
      readonly credential: Credential
      readonly payload: JsonObject
      readonly preview: JsonObject
    }
  /** The verdict of all policies on an edit, asked for by the effect `judge`. */
  | {
      readonly type: 'judged'
      readonly request_digest: string
      readonly policy_results: readonly PolicyResult[]
      readonly seed: Uint8Array
    }
  /** `to` is a registered approver: the host has looked. */
  | { readonly type: 'delegate'; readonly credential: Credential; readonly to: Person; readonly seed: Uint8Array }
  | { readonly type: 'alarm'; readonly seed: Uint8Array }
  /** The run is about to have its first effect. */
  | { readonly type: 'consume'; readonly run_id: string; readonly request_digest: string }

/** How it ended. `decided_by` is null where nobody answered in time. */
export interface ApprovalEnding {
  readonly decision: Exclude<ApprovalStatus, 'PENDING'>
  readonly decided_at: string
  readonly decided_by: string | null
}

/** Why somebody may not decide: codes of the fault table. */
export type DecidingRefusal = 'approver_unknown' | 'forbidden' | 'invalid' | 'own_request' | 'request_changed' | 'token_invalid'
/** Why a run may not go on: the code of its BLOCK. */
export type ConsumingRefusal = 'approval_pending' | 'approval_denied' | 'approval_expired' | 'approval_stale' | 'approval_used'

export interface Refused {
  readonly kind: 'refused'
  readonly code: DecidingRefusal | ConsumingRefusal
  readonly detail: string
}

/** `missing` is how many more people must approve. `already_decided` is what every late vote gets, with the decision. */
export type ApprovalAnswer =
  | { readonly kind: 'voted' | 'already_voted'; readonly missing: number }
  | ({ readonly kind: 'decided' | 'already_decided' } & ApprovalEnding)
  | { readonly kind: 'proposed' | 'edited'; readonly request_digest: string }
  | { readonly kind: 'edit_refused'; readonly policy_results: readonly PolicyResult[] }
  | { readonly kind: 'delegated'; readonly to: string }
  | { readonly kind: 'consumed'; readonly approval: Approval }
  | { readonly kind: 'passed' }
  | Refused

/**
 * What the host must do, once the state is stored. INVARIANT: a `notify` holds tokens in plain; it goes to that person by that channel,
 * and never into an answer, a log or a receipt.
 */
export type ApprovalEffect =
  | {
      readonly kind: 'notify'
      readonly why: 'asked' | 'reminded' | 'escalated' | 'delegated' | 'changed'
      readonly person: Person
      readonly channel: Channel
      readonly tokens: TokenPair
    }
  /** What was sent to these people before cannot decide any more: their messages should say so. */
  | { readonly kind: 'withdraw'; readonly why: 'changed' | 'delegated'; readonly person_ids: readonly string[] }
  | { readonly kind: 'judge'; readonly request_digest: string; readonly payload: JsonObject; readonly preview: JsonObject }
  /** Issue the approval's receipt, tell whoever waits, change the messages in place. */
  | ({ readonly kind: 'decided' } & ApprovalEnding)

/** What a step gives. Store the state, then do the effects. */
export interface ApprovalStep {
  readonly state: ApprovalState
  readonly answer: ApprovalAnswer
  readonly effects: readonly ApprovalEffect[]
}

export function refused(code: Refused['code'], detail: string): Refused {
  return { kind: 'refused', code, detail }
}
