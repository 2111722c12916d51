// What may be shown of an approval: everything that will be done, redacted, and nothing that could decide it.
import { endingOf, entryText } from './approval_receipt.ts'
import type { ApprovalState, ApprovalStatus } from './approval_state.ts'
import { missingIn } from './approval_voter.ts'
import { timeText } from './plain.ts'
import type { JsonObject, PolicyResult } from './schema.ts'

/** An approval as people and agents see it. INVARIANT: holds no token, no digest of one, and nothing that redaction takes out. */
export interface ApprovalSight {
  readonly hitl_id: string
  readonly team_id: string
  readonly workflow: string
  readonly run_id: string | null
  readonly status: ApprovalStatus
  readonly decided_at: string | null
  readonly decided_by: string | null
  readonly user_email: string
  readonly api_key_id: string
  readonly payload: JsonObject
  readonly preview: JsonObject
  readonly policy_results: readonly PolicyResult[]
  readonly request_digest: string
  readonly needed: number
  /** How many more people must approve. */
  readonly missing: number
  readonly approvers: readonly string[]
  /** Those that count for the request as it is. */
  readonly votes: readonly JsonObject[]
  readonly history: readonly JsonObject[]
  readonly created_at: string
  readonly expires_at: string
  /** What runs is not what was asked for at first. */
  readonly is_edited: boolean
  /** Policies have not judged an edit yet: nobody can decide. */
  readonly is_judging: boolean
  /** Secrets were taken out of what is shown, so that it cannot be edited as it stands. */
  readonly is_redacted: boolean
}

/** Give it `approvalAt(state, now)`, so that a request whose time is over says so. */
export function sightOf(state: ApprovalState): ApprovalSight {
  const { request, subject, history } = state
  const ending = endingOf(state)
  return {
    hitl_id: request.hitl_id,
    team_id: request.team_id,
    workflow: request.workflow,
    run_id: request.run_id,
    status: state.status,
    decided_at: ending?.decided_at ?? null,
    decided_by: ending?.decided_by ?? null,
    user_email: request.requester.user_email,
    api_key_id: request.requester.api_key_id,
    ...subject.shown,
    policy_results: subject.policy_results,
    request_digest: subject.request_digest,
    needed: request.needed,
    missing: missingIn(state),
    approvers: state.approvers.map((person) => person.email),
    votes: state.votes.map(({ choice, by, via, assurance, atMs, reason }) => ({
      choice,
      by,
      via,
      assurance,
      decided_at: timeText(atMs),
      reason
    })),
    history: history.map(entryText),
    created_at: timeText(request.createdAtMs),
    expires_at: timeText(request.expiresAtMs),
    is_edited: history.some((entry) => entry.what === 'edited' && entry.accepted === true),
    is_judging: state.proposal !== null,
    is_redacted: JSON.stringify(subject.payload) !== JSON.stringify(subject.shown.payload)
  }
}
