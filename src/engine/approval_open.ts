// Putting a request to people: who may be asked, how many it needs, how long it lasts.
import { notified } from './approval_change.ts'
import { requestDigest, shownOf } from './approval_digest.ts'
import type { ApprovalEffect } from './approval_event.ts'
import { isRequester, isSamePerson } from './approval_people.ts'
import { APPROVERS_MAX, type ApprovalRequest, type ApprovalState, type Person, type ApprovalSubject } from './approval_state.ts'
import { fault } from './fault.ts'
import type { Hash } from './ports.ts'

export const APPROVAL_EXPIRES_MS_MIN = 5_000
export const APPROVAL_EXPIRES_MS_MAX = 2_592_000_000
/** How long an approval may be used where nothing else is said. */
export const APPROVAL_VALID_MS = 86_400_000

export interface ApprovalOpening {
  readonly request: ApprovalRequest
  readonly subject: Omit<ApprovalSubject, 'request_digest' | 'shown'>
  /** Registered people, in the order to be asked. */
  readonly approvers: readonly Person[]
}

/**
 * A new request, PENDING, with a notice for every channel of every approver. One person named twice counts once.
 * Throws `approver_unknown` where nobody, or too few, can be asked, `own_request` where the one who asks is among them, `invalid` for a time out of bounds.
 */
export function openApproval(
  { request, subject, approvers }: ApprovalOpening,
  seed: Uint8Array,
  hash: Hash
): { state: ApprovalState; effects: readonly ApprovalEffect[] } {
  const asked = eachOnce(approvers)
  checkPeople(asked, request)
  checkTimes(request)
  const { team_id, workflow } = request
  const request_digest = requestDigest({ team_id, workflow, payload: subject.payload, preview: subject.preview }, hash)
  const state: ApprovalState = {
    request: { ...request, escalation: eachOnce(request.escalation) },
    subject: { ...subject, shown: shownOf(subject.payload, subject.preview), request_digest },
    proposal: null,
    approvers: asked,
    tokens: [],
    votes: [],
    history: [],
    stage: 0,
    status: 'PENDING',
    decidedAtMs: null,
    decided_by: null,
    consumed: null
  }
  const { state: opened, effects } = notified(state, asked, 'asked', seed, hash, { kind: 'passed' })
  return { state: opened, effects }
}

/** INVARIANT: nobody is among the approvers twice under two names, or one person could be two of N. */
function eachOnce(people: readonly Person[]): Person[] {
  return people.filter((person, index) => !people.slice(0, index).some((one) => isSamePerson(one, person)))
}

function checkPeople(asked: readonly Person[], { needed, requester, escalation }: ApprovalRequest): void {
  if (asked.length === 0) throw fault('approver_unknown', 'nobody is registered who could approve this')
  if (asked.length > APPROVERS_MAX || escalation.length > APPROVERS_MAX) throw fault('invalid', `at most ${APPROVERS_MAX} people are asked`)
  for (const person of [...asked, ...escalation]) {
    if (isRequester(person, requester)) throw fault('own_request', `\`${person.email}\` would decide on their own request`)
    if (person.channels.length === 0) throw fault('approver_unknown', `\`${person.email}\` has no channel to be reached by`)
  }
  if (!Number.isInteger(needed) || needed < 1) throw fault('invalid', 'at least one person must approve')
  if (asked.length < needed) throw fault('approver_unknown', `${needed} different people must approve, and ${asked.length} can be asked`)
}

function checkTimes({ createdAtMs, expiresAtMs, validMs }: ApprovalRequest): void {
  const span = expiresAtMs - createdAtMs
  if (!(span >= APPROVAL_EXPIRES_MS_MIN && span <= APPROVAL_EXPIRES_MS_MAX)) throw fault('invalid', 'a request waits 5 seconds to 30 days')
  if (!(validMs > 0 && validMs <= APPROVAL_EXPIRES_MS_MAX)) throw fault('invalid', 'an approval is valid for at most 30 days')
}
