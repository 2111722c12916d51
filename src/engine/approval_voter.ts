// Who may decide on a request: tokens and keys, and why each that may not is turned away.
import { refused, type Credential, type ApprovalEnding, type Refused } from './approval_event.ts'
import { isRequester } from './approval_people.ts'
import { endingOf } from './approval_receipt.ts'
import type { ApprovalState, ApprovalVote, Assurance, Person } from './approval_state.ts'
import { recordOf } from './approval_token.ts'
import type { Hash } from './ports.ts'

/** Somebody who may decide. `sha256` names the token that showed it. */
export interface Voter {
  readonly person: Person
  readonly via: ApprovalVote['via']
  readonly assurance: Assurance
  readonly purpose: 'approve' | 'deny'
  readonly sha256: string | null
}

/** What somebody who may not decide is told. */
export type NoVoter =
  | Refused
  | ({ readonly kind: 'already_decided' } & ApprovalEnding)
  | { readonly kind: 'already_voted'; readonly missing: number }

/** Who shows this credential and may do what is `wanted`; otherwise what they are told. A forged token learns nothing, not even that it is late. */
export function voterOf(state: ApprovalState, credential: Credential, wanted: 'approve' | 'deny', hash: Hash): Voter | NoVoter {
  const found = credential.kind === 'token' ? voterByToken(state, credential, wanted, hash) : voterByKey(state, credential)
  if ('kind' in found) return found
  return isRequester(found.person, state.request.requester)
    ? refused('own_request', 'nobody decides on what they asked for themselves')
    : found
}

function voterByToken(
  state: ApprovalState,
  { token, signed_in_as }: Extract<Credential, { kind: 'token' }>,
  wanted: 'approve' | 'deny',
  hash: Hash
): Voter | NoVoter {
  const record = recordOf(state.tokens, token, hash)
  if (record === undefined) return refused('token_invalid', 'this link is not one of this request')
  const { person_id, via, purpose, sha256 } = record
  if (signed_in_as !== null && signed_in_as !== person_id) return refused('token_invalid', 'this link was sent to somebody else')
  const ending = endingOf(state)
  if (ending !== null) return { kind: 'already_decided', ...ending }
  if (record.dead === 'changed') return refused('request_changed', 'the request was changed after this link was made: use the newer one')
  if (record.dead === 'used' && wanted === 'approve') return { kind: 'already_voted', missing: missingIn(state) }
  if (record.dead !== null)
    return refused('token_invalid', record.dead === 'used' ? 'this link was used before' : 'this request was handed on to somebody else')
  if (purpose === 'deny' && wanted === 'approve') return refused('token_invalid', 'this link can only deny')
  const person = state.approvers.find((one) => one.person_id === person_id)
  if (person === undefined || record.request_digest !== state.subject.request_digest)
    return refused('token_invalid', 'this link is not one of this request')
  return { person, via, assurance: signed_in_as === null ? 'link' : 'signed_in', purpose, sha256 }
}

function voterByKey(
  state: ApprovalState,
  { api_key_id, scopes, person_id, request_digest, via }: Extract<Credential, { kind: 'key' }>
): Voter | NoVoter {
  if (api_key_id === state.request.requester.api_key_id) return refused('own_request', 'the key that asks does not decide')
  if (!scopes.includes('approve') || scopes.includes('run') || scopes.includes('admin'))
    return refused('forbidden', 'an agent’s key does not decide: use a key with scope `approve` alone')
  const person = state.approvers.find((one) => one.person_id === person_id)
  if (person === undefined) return refused('forbidden', 'this request was not put to you')
  const ending = endingOf(state)
  if (ending !== null) return { kind: 'already_decided', ...ending }
  // INVARIANT: nobody decides on anything but what they were shown, though an edit may come between the look and the answer.
  if (state.proposal !== null || request_digest !== state.subject.request_digest)
    return refused('request_changed', 'the request is not what you were shown: look again')
  return { person, via, assurance: via === 'ui' ? 'signed_in' : 'key', purpose: 'approve', sha256: null }
}

/** How many more people must approve. */
export function missingIn({ votes, request }: ApprovalState): number {
  return request.needed - votes.filter((one) => one.choice === 'approve').length
}
