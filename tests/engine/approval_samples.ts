// One approval with everything real around it: people, mail boxes and a clock that the test moves.
import { expect } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { stepApproval } from '../../src/engine/approval.ts'
import type { ApprovalAnswer, ApprovalEffect, ApprovalEvent, Credential } from '../../src/engine/approval_event.ts'
import { openApproval, type ApprovalOpening } from '../../src/engine/approval_open.ts'
import type { ApprovalRequest, ApprovalState, Person } from '../../src/engine/approval_state.ts'
import type { TokenPair } from '../../src/engine/approval_token.ts'
import type { JsonObject, PolicyResult } from '../../src/engine/schema.ts'
import { seeded } from './seeded.ts'

export const T = Date.parse('2026-03-01T04:30:00Z')
export const HOUR = 3_600_000

export function person(name: string, channels: readonly ('mail' | 'slack')[] = ['mail']): Person {
  const email = `${name}@company.com`
  return { person_id: name, email, channels: channels.map((kind) => ({ kind, address: kind === 'mail' ? email : `U-${name}` })) }
}

export const asks: PolicyResult = {
  policy: 'require_human_for_deletes',
  passed: false,
  effect: 'ask',
  reason: 'five rows would be deleted'
}
export const allows: PolicyResult = { policy: 'no_unfiltered_delete', passed: true, effect: 'allow', reason: 'filtered' }
export const denies: PolicyResult = { policy: 'no_unfiltered_delete', passed: false, effect: 'deny', reason: 'without WHERE' }

interface Given {
  readonly approvers?: readonly Person[]
  readonly request?: Partial<ApprovalRequest>
  readonly payload?: JsonObject
  readonly seed?: number
}

export function opening({ approvers = [person('ann')], request = {}, payload = { rows: 5 } }: Given = {}): ApprovalOpening {
  return {
    request: {
      hitl_id: '01980000-0000-7000-8000-000000000001',
      team_id: 'acme',
      workflow: 'db_delete',
      run_id: null,
      requester: { api_key_id: 'agent-key', user_email: 'agent@company.com', key_email: 'bot-owner@company.com', person_id: 'owner' },
      needed: 1,
      escalation: [],
      createdAtMs: T,
      expiresAtMs: T + HOUR,
      validMs: 24 * HOUR,
      callback_url: null,
      config_digest: `sha256:${'0'.repeat(64)}`,
      ...request
    },
    subject: { payload, preview: { count: 5 }, policy_results: [asks] },
    approvers
  }
}

/** An approval that is open, and what its people got. */
export function desk(given: Given = {}) {
  const dice = seeded(given.seed ?? 1)
  const opened = openApproval(opening(given), dice.bytes(32), nodeHash)
  let state: ApprovalState = opened.state
  const effects: ApprovalEffect[] = []
  const boxes = new Map<string, TokenPair[]>()
  const deliver = (made: readonly ApprovalEffect[]) => {
    effects.push(...made)
    for (const effect of made)
      if (effect.kind === 'notify') boxes.set(effect.person.person_id, [...(boxes.get(effect.person.person_id) ?? []), effect.tokens])
  }
  deliver(opened.effects)
  const send = (event: ApprovalEvent, at = 0): ApprovalAnswer => {
    const step = stepApproval(state, event, T + at, nodeHash)
    state = step.state
    deliver(step.effects)
    return step.answer
  }
  const token = (name: string, purpose: keyof TokenPair = 'approve', index = -1): string => boxes.get(name)!.at(index)![purpose]
  const link = (text: string, signed_in_as: string | null = null): Credential => ({ kind: 'token', token: text, signed_in_as })
  const key = (name: string, more: Partial<Extract<Credential, { kind: 'key' }>> = {}): Credential => ({
    kind: 'key',
    api_key_id: `key-of-${name}`,
    scopes: ['approve', 'read'],
    person_id: name,
    request_digest: state.subject.request_digest,
    via: 'api',
    ...more
  })
  return {
    send,
    effects,
    token,
    link,
    key,
    boxes,
    state: () => state,
    restore: (text: string) => (state = JSON.parse(text) as ApprovalState),
    approve: (name: string, at = 0) => send({ type: 'vote', choice: 'approve', credential: link(token(name)), reason: null }, at),
    deny: (name: string, at = 0) => send({ type: 'vote', choice: 'deny', credential: link(token(name, 'deny')), reason: null }, at),
    vote: (choice: 'approve' | 'deny', credential: Credential, at = 0) => send({ type: 'vote', choice, credential, reason: null }, at),
    edit: (name: string, payload: JsonObject, at = 0) =>
      send({ type: 'edit', credential: link(token(name)), payload, preview: { count: 5 } }, at),
    judge: (policy_results: readonly PolicyResult[], at = 0, request_digest = state.proposal?.request_digest ?? 'none') =>
      send({ type: 'judged', request_digest, policy_results, seed: dice.bytes(32) }, at),
    delegate: (name: string, to: Person, at = 0) => send({ type: 'delegate', credential: link(token(name)), to, seed: dice.bytes(32) }, at),
    alarm: (at: number) => send({ type: 'alarm', seed: dice.bytes(32) }, at),
    consume: (run_id: string, at = 0, request_digest = state.subject.request_digest) =>
      send({ type: 'consume', run_id, request_digest }, at),
    decisions: () => effects.filter((effect) => effect.kind === 'decided')
  }
}

/** What an answer must be, for `toEqual`. */
export const refusedWith = (code: string): unknown => expect.objectContaining({ kind: 'refused', code })
export const decidedAs = (decision: string, kind = 'decided'): unknown => expect.objectContaining({ kind, decision })
