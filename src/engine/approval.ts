// One approval as a pure machine: who may decide what, once, in time, on exactly what they saw. `now` decides about time, never an alarm.
import { answered, delegate, edit, judged, passStages } from './approval_change.ts'
import { refused, type ApprovalAnswer, type ApprovalEvent, type ApprovalStep, type ApprovalEnding } from './approval_event.ts'
import { approvalOf, endingOf } from './approval_receipt.ts'
import { REASON_LENGTH_MAX, stagesOf, type ApprovalState, type ApprovalVote } from './approval_state.ts'
import { kill } from './approval_token.ts'
import { missingIn, voterOf, type NoVoter } from './approval_voter.ts'
import type { Hash } from './ports.ts'

/**
 * One step. A request whose time is over is EXPIRED before the event is looked at; what is decided stays decided.
 *
 * - An approval needs `needed` different people, each of whom counts once, by whatever channel; one deny ends it.
 * - Nobody decides on what they asked for: not by the key, nor the person behind it, nor one of that person's addresses.
 * - An edit voids every vote and token. It counts only when all policies have judged it again, and then everybody is asked anew.
 * - An approval is consumed by one run, of exactly what was approved; the same run may ask again and gets the same answer.
 */
export function stepApproval(given: ApprovalState, event: ApprovalEvent, now: number, hash: Hash): ApprovalStep {
  const { state, effects } = expire(given, now)
  const step = after(state, event, now, hash)
  const expired = event.type === 'alarm' && effects.length > 0
  const answer: ApprovalAnswer = expired ? { kind: 'decided', ...endingOf(state)! } : step.answer
  return { state: step.state, answer, effects: [...effects, ...step.effects] }
}

/** When something is due next; null once it is decided. */
export function nextApprovalAlarm(state: ApprovalState): number | null {
  if (state.status !== 'PENDING') return null
  const stage = stagesOf(state.request)[state.stage]
  return Math.min(stage?.atMs ?? state.request.expiresAtMs, state.request.expiresAtMs)
}

/** The state as it is at `now`, for whoever only looks: a request whose time is over shows EXPIRED, whether or not the alarm has come. */
export function approvalAt(state: ApprovalState, now: number): ApprovalState {
  return expire(state, now).state
}

/** Whose a token is and whether it offers both choices: for the page that is shown before anything is decided. Looking changes nothing. */
export function examineToken(
  given: ApprovalState,
  token: string,
  now: number,
  hash: Hash
): { readonly person_id: string; readonly canApprove: boolean } | NoVoter {
  const found = voterOf(approvalAt(given, now), { kind: 'token', token, signed_in_as: null }, 'deny', hash)
  return 'kind' in found ? found : { person_id: found.person.person_id, canApprove: found.purpose === 'approve' }
}

function expire(state: ApprovalState, now: number): Pick<ApprovalStep, 'state' | 'effects'> {
  if (state.status !== 'PENDING' || now < state.request.expiresAtMs) return { state, effects: [] }
  return decided(state, 'EXPIRED', state.request.expiresAtMs, null)
}

function after(state: ApprovalState, event: ApprovalEvent, now: number, hash: Hash): ApprovalStep {
  if (event.type === 'consume') return consume(state, event, now)
  if (event.type === 'vote') return vote(state, event, now, hash)
  if (event.type === 'edit') return edit(state, event, now, hash)
  if (event.type === 'delegate') return delegate(state, event, now, hash)
  const ending = endingOf(state)
  if (ending !== null)
    return event.type === 'alarm' ? answered(state, { kind: 'passed' }) : answered(state, { kind: 'already_decided', ...ending })
  return event.type === 'judged' ? judged(state, event, hash) : passStages(state, event.seed, now, hash)
}

function vote(
  state: ApprovalState,
  { choice, credential, reason }: Extract<ApprovalEvent, { type: 'vote' }>,
  now: number,
  hash: Hash
): ApprovalStep {
  const voter = voterOf(state, credential, choice, hash)
  if ('kind' in voter) return answered(state, voter)
  if (reason !== null && reason.length > REASON_LENGTH_MAX)
    return answered(state, refused('invalid', `a reason has at most ${REASON_LENGTH_MAX} characters`))
  const { person, via, assurance, sha256 } = voter
  if (choice === 'approve' && state.votes.some((one) => one.person_id === person.person_id))
    return answered(state, { kind: 'already_voted', missing: missingIn(state) })
  const cast: ApprovalVote = { choice, person_id: person.person_id, by: person.email, via, assurance, atMs: now, reason }
  const next: ApprovalState = {
    ...state,
    votes: [...state.votes, cast],
    history: [...state.history, { what: 'voted', ...cast }],
    tokens: kill(state.tokens, 'used', (record) => record.sha256 === sha256)
  }
  const missing = missingIn(next)
  if (choice === 'approve' && missing > 0) return answered(next, { kind: 'voted', missing })
  const { state: ended, effects } = decided(next, choice === 'deny' ? 'DENIED' : 'APPROVED', now, person.email)
  return { state: ended, effects, answer: { kind: 'decided', ...endingOf(ended)! } }
}

/** Exactly one run, exactly what was approved. Who asks again for the same gets the same, so that a crash between cannot lose it. */
function consume(state: ApprovalState, { run_id, request_digest }: Extract<ApprovalEvent, { type: 'consume' }>, now: number): ApprovalStep {
  const { status, subject, consumed, request, decidedAtMs } = state
  if (status === 'PENDING') return answered(state, refused('approval_pending', 'nobody has decided yet'))
  if (status === 'DENIED') return answered(state, refused('approval_denied', `${state.decided_by} denied it`))
  if (status === 'EXPIRED') return answered(state, refused('approval_expired', 'nobody approved it in time'))
  if (request.run_id !== null && request.run_id !== run_id)
    return answered(state, refused('approval_used', 'this approval belongs to another run'))
  if (consumed !== null && consumed.run_id !== run_id)
    return answered(state, refused('approval_used', 'another run has used this approval'))
  if (request_digest !== subject.request_digest)
    return answered(state, refused('approval_stale', 'what would be done is not what was approved: ask again'))
  if (consumed !== null) return answered(state, { kind: 'consumed', approval: approvalOf(state) })
  if (now >= decidedAtMs! + request.validMs) return answered(state, refused('approval_expired', 'it was approved too long ago: ask again'))
  return answered({ ...state, consumed: { run_id, atMs: now } }, { kind: 'consumed', approval: approvalOf(state) })
}

function decided(
  state: ApprovalState,
  status: ApprovalEnding['decision'],
  atMs: number,
  by: string | null
): Pick<ApprovalStep, 'state' | 'effects'> {
  const next: ApprovalState = { ...state, status, decidedAtMs: atMs, decided_by: by, proposal: null, tokens: kill(state.tokens, 'decided') }
  return { state: next, effects: [{ kind: 'decided', ...endingOf(next)! }] }
}
