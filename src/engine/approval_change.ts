// What changes a request that nobody has decided: edits and their judgement, delegation, reminders and escalation.
import { requestDigest, shownOf } from './approval_digest.ts'
import { refused, type ApprovalAnswer, type ApprovalEffect, type ApprovalEvent, type ApprovalStep } from './approval_event.ts'
import { isRequester, isSamePerson } from './approval_people.ts'
import { DELEGATIONS_MAX, EDITS_MAX, stagesOf, type ApprovalState, type HistoryEntry, type Person } from './approval_state.ts'
import { kill, mintPair } from './approval_token.ts'
import { voterOf } from './approval_voter.ts'
import type { Hash } from './ports.ts'

/** Puts other words in the place of the payload: nobody can decide until all policies have judged them. */
export function edit(state: ApprovalState, event: Extract<ApprovalEvent, { type: 'edit' }>, now: number, hash: Hash): ApprovalStep {
  const voter = voterOf(state, event.credential, 'approve', hash)
  if ('kind' in voter) return answered(state, voter)
  const { payload, preview } = event
  const { team_id, workflow } = state.request
  const request_digest = requestDigest({ team_id, workflow, payload, preview }, hash)
  const from_digest = state.subject.request_digest
  if (request_digest === from_digest) return answered(state, refused('invalid', 'the edit changes nothing'))
  if (state.history.filter((one) => one.what === 'edited').length >= EDITS_MAX)
    return answered(state, refused('invalid', `a request is edited at most ${EDITS_MAX} times`))
  const by = voter.person.email
  const next: ApprovalState = {
    ...state,
    proposal: { payload, preview, shown: shownOf(payload, preview), request_digest, by },
    votes: [],
    tokens: kill(state.tokens, 'changed'),
    history: [...state.history, { what: 'edited', by, atMs: now, from_digest, to_digest: request_digest, accepted: null }]
  }
  const withdraw: ApprovalEffect = { kind: 'withdraw', why: 'changed', person_ids: state.approvers.map((one) => one.person_id) }
  return { state: next, answer: { kind: 'proposed', request_digest }, effects: [withdraw, judgement(next)!] }
}

/** The policies' word on an edit: what they deny (or nobody judged) is dropped, and the request stands as it was. Either way everybody is asked anew. */
export function judged(state: ApprovalState, event: Extract<ApprovalEvent, { type: 'judged' }>, hash: Hash): ApprovalStep {
  const { proposal } = state
  if (proposal === null || proposal.request_digest !== event.request_digest)
    return answered(state, refused('request_changed', 'this edit is not the one being judged'))
  const { policy_results } = event
  const isAccepted = policy_results.length > 0 && policy_results.every((result) => result.effect !== 'deny')
  const { by: _by, ...edited } = proposal
  const next: ApprovalState = {
    ...state,
    subject: isAccepted ? { ...edited, policy_results } : state.subject,
    proposal: null,
    history: state.history.map((one) => (one.what === 'edited' && one.accepted === null ? { ...one, accepted: isAccepted } : one))
  }
  const answer: ApprovalAnswer = isAccepted
    ? { kind: 'edited', request_digest: edited.request_digest }
    : { kind: 'edit_refused', policy_results }
  return notified(next, next.approvers, 'changed', event.seed, hash, answer)
}

/** Hands the request on: the one who does is out, with every token. */
export function delegate(
  state: ApprovalState,
  { credential, to, seed }: Extract<ApprovalEvent, { type: 'delegate' }>,
  now: number,
  hash: Hash
): ApprovalStep {
  const voter = voterOf(state, credential, 'approve', hash)
  if ('kind' in voter) return answered(state, voter)
  const { person } = voter
  const before = state.history.filter((one) => one.what === 'delegated')
  if (state.votes.some((one) => one.person_id === person.person_id))
    return answered(state, refused('invalid', 'who has voted does not hand on'))
  if (isRequester(to, state.request.requester))
    return answered(state, refused('own_request', 'nobody decides on what they asked for themselves'))
  if (to.channels.length === 0) return answered(state, refused('approver_unknown', 'this approver has no channel to be reached by'))
  if (state.approvers.some((one) => isSamePerson(one, to)) || before.some((one) => one.person_id === to.person_id))
    return answered(state, refused('invalid', 'this person was asked already'))
  if (before.length >= DELEGATIONS_MAX)
    return answered(state, refused('invalid', `a request is handed on at most ${DELEGATIONS_MAX} times`))
  const entry: HistoryEntry = { what: 'delegated', person_id: person.person_id, by: person.email, to: to.email, atMs: now }
  const next: ApprovalState = {
    ...state,
    approvers: state.approvers.map((one) => (one.person_id === person.person_id ? to : one)),
    tokens: kill(state.tokens, 'delegated', (record) => record.person_id === person.person_id),
    history: [...state.history, entry]
  }
  const step = notified(next, [to], 'delegated', seed, hash, { kind: 'delegated', to: to.email })
  return { ...step, effects: [{ kind: 'withdraw', why: 'delegated', person_ids: [person.person_id] }, ...step.effects] }
}

/** Reminds and escalates what is due, each stage once however late the alarm is. While an edit is judged nobody is written to: all will be anyway. */
export function passStages(state: ApprovalState, seed: Uint8Array, now: number, hash: Hash): ApprovalStep {
  const due = stagesOf(state.request)
    .slice(state.stage)
    .filter((stage) => stage.atMs <= now)
  const { approvers, request, votes } = state
  const isNew = (person: Person) => !approvers.some((one) => isSamePerson(one, person)) && !isRequester(person, request.requester)
  const added = due.some((stage) => stage.what === 'escalated') ? request.escalation.filter(isNew) : []
  const silent = due.some((stage) => stage.what === 'reminded')
    ? approvers.filter((one) => !votes.some((cast) => cast.person_id === one.person_id))
    : []
  const entries = due.map((stage): HistoryEntry => ({ what: stage.what, atMs: now }))
  const next: ApprovalState = {
    ...state,
    stage: state.stage + due.length,
    approvers: [...approvers, ...added],
    history: [...state.history, ...entries]
  }
  const judge = judgement(next)
  if (judge !== null) return { state: next, answer: { kind: 'passed' }, effects: [judge] }
  const first = notified(next, silent, 'reminded', seed, hash, { kind: 'passed' })
  const second = notified(first.state, added, 'escalated', seed, hash, { kind: 'passed' })
  return { ...second, effects: [...first.effects, ...second.effects] }
}

/** Makes tokens for these people and hands each pair to the notice that carries it. */
export function notified(
  state: ApprovalState,
  people: readonly Person[],
  why: Extract<ApprovalEffect, { kind: 'notify' }>['why'],
  seed: Uint8Array,
  hash: Hash,
  answer: ApprovalAnswer
): ApprovalStep {
  const effects: ApprovalEffect[] = []
  const tokens = [...state.tokens]
  for (const person of people) {
    for (const channel of person.channels) {
      const pair = mintPair(seed, state, person, channel, hash)
      tokens.push(...pair.records)
      effects.push({ kind: 'notify', why, person, channel, tokens: pair.tokens })
    }
  }
  return { state: { ...state, tokens }, answer, effects }
}

/** A step that changes nothing, or only what it is given. */
export function answered(state: ApprovalState, answer: ApprovalAnswer): ApprovalStep {
  return { state, answer, effects: [] }
}

function judgement({ proposal }: ApprovalState): ApprovalEffect | null {
  return proposal === null
    ? null
    : { kind: 'judge', request_digest: proposal.request_digest, payload: proposal.payload, preview: proposal.preview }
}
