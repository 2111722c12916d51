// What an approval's object answers across the wire.
import {
  approvalOf,
  timeText,
  type ApprovalAnswer,
  type ApprovalConsumed,
  type ApprovalState,
  type FaultCode
} from '../src/engine/index.ts'
import type { KnownApproval } from './approval_store.ts'

/** What `open` answers across the wire, where a thrown fault would lose its code. */
export type ApprovalOpened =
  | { readonly ok: true; readonly asked: string; readonly request_digest: string; readonly expires_at: string }
  | { readonly ok: false; readonly code: FaultCode; readonly detail: string }

/** What was opened, or is open already under this id. */
export function openedOf({ asked }: KnownApproval, { request, subject }: ApprovalState): ApprovalOpened {
  const { request_digest } = subject
  return { ok: true, asked, request_digest, expires_at: timeText(request.expiresAtMs) }
}

/** A run's answer, and what its receipt says of the approval: one that belongs to another run is not its business. */
export function consumedOf(answer: ApprovalAnswer, state: ApprovalState): ApprovalConsumed {
  if (answer.kind === 'consumed') return { kind: 'consumed', approval: answer.approval }
  if (answer.kind !== 'refused') throw new Error(`a run was answered \`${answer.kind}\``)
  if (answer.code === 'approval_pending') return { kind: 'pending', expires_at: timeText(state.request.expiresAtMs) }
  const code = answer.code as Extract<ApprovalConsumed, { kind: 'ended' }>['code']
  const approval = code === 'approval_used' ? null : approvalOf(state)
  return {
    kind: 'ended',
    code,
    detail: answer.detail,
    approval: approval === null || code !== 'approval_stale' ? approval : { ...approval, decision: 'STALE' }
  }
}
