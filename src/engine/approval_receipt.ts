// How an approval ended, for callers and for receipts: the same words for APPROVED, DENIED and EXPIRED.
import type { ApprovalEnding } from './approval_event.ts'
import type { ApprovalState, HistoryEntry } from './approval_state.ts'
import type { Draft } from './issue.ts'
import { timeText } from './plain.ts'
import type { Approval, JsonObject } from './schema.ts'
import { ENGINE_VERSION } from './version.ts'

/** The decision; null while there is none. */
export function endingOf({ status, decidedAtMs, decided_by }: ApprovalState): ApprovalEnding | null {
  return status === 'PENDING' ? null : { decision: status, decided_at: timeText(decidedAtMs!), decided_by }
}

/** `GET /hitl/{id}`. Give it `approvalAt(state, now)`, so that a request whose time is over says so. */
export function viewApproval(state: ApprovalState) {
  const ending = endingOf(state)
  const { hitl_id, workflow } = state.request
  return { hitl_id, status: state.status, workflow, decided_at: ending?.decided_at ?? null, decided_by: ending?.decided_by ?? null }
}

/** What a receipt says of a decided approval: the votes are those that made the decision. Throws while it is pending. */
export function approvalOf({ request, subject, status, votes }: ApprovalState): Approval {
  if (status === 'PENDING') throw new Error('a pending approval has no receipt')
  const counted = votes.filter((one) => one.choice === (status === 'DENIED' ? 'deny' : 'approve'))
  return {
    hitl_id: request.hitl_id,
    decision: status,
    votes: counted.map(({ by, via, assurance, atMs, reason }) => ({ by, via, assurance, decided_at: timeText(atMs), reason })),
    request_digest: subject.request_digest
  }
}

/**
 * The approval's own receipt, for every ending: `run_id` is the `hitl_id`, the payload is all that was asked and all that happened.
 * Redaction and signing are `issueReceipt`'s business. Throws while it is pending.
 */
export function approvalReceiptDraft(state: ApprovalState): Draft {
  const approval = approvalOf(state)
  const { request, subject, approvers, history, decidedAtMs } = state
  const { requester } = request
  return {
    run_id: request.hitl_id,
    revision: 0,
    team_id: request.team_id,
    mode: 'mediated',
    run_mode: 'enforce',
    workflow: `approval:${request.workflow}`,
    user_email: requester.user_email,
    user_attributes: {},
    actor: { api_key_id: requester.api_key_id, session_id: null },
    payload: {
      workflow: request.workflow,
      run_id: request.run_id,
      payload: subject.payload,
      preview: subject.preview,
      needed: request.needed,
      approvers: approvers.map((person) => person.email),
      created_at: timeText(request.createdAtMs),
      expires_at: timeText(request.expiresAtMs),
      history: history.map(entryText)
    },
    policy_results: [...subject.policy_results],
    facts: {},
    decision: approval.decision === 'APPROVED' ? 'PASS' : 'BLOCK',
    outcome: 'NONE',
    actions_taken: [],
    approval,
    locks: [],
    links: {},
    config_digest: request.config_digest,
    engine_version: ENGINE_VERSION,
    timestamp: timeText(decidedAtMs!)
  }
}

/** An entry as it is shown and signed. */
export function entryText({ atMs, ...entry }: HistoryEntry): JsonObject {
  return { at: timeText(atMs), ...entry }
}
