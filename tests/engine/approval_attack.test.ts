// Every way round an approval that we could think of, each as a test that it is closed.
import { describe, expect, test } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { openApproval } from '../../src/engine/approval_open.ts'
import { foldEmail } from '../../src/engine/approval_people.ts'
import { approvalOf } from '../../src/engine/approval_receipt.ts'
import type { ApprovalRequest } from '../../src/engine/approval_state.ts'
import { allows, decidedAs, desk, HOUR, opening, person, refusedWith, T } from './approval_samples.ts'

describe('attacks', () => {
  test('a token of another approval, even of the same people and payload, decides nothing here', () => {
    const here = desk({ seed: 1 })
    const there = desk({ seed: 2 })
    expect(here.vote('approve', here.link(there.token('ann')))).toEqual(refusedWith('token_invalid'))
  })

  test('the same seed in two approvals gives two sets of tokens', () => {
    const here = desk({ seed: 1 })
    const there = desk({ seed: 1, request: { hitl_id: '01980000-0000-7000-8000-000000000002' } })
    expect(there.token('ann')).not.toBe(here.token('ann'))
    expect(there.vote('approve', there.link(here.token('ann')))).toEqual(refusedWith('token_invalid'))
  })

  test('no token stands in the state, nor in any answer', () => {
    const { approve, state, token } = desk({ approvers: [person('ann', ['mail', 'slack']), person('bob')], request: { needed: 2 } })
    const answers = JSON.stringify([approve('ann'), approve('bob')])
    for (const text of [token('ann'), token('ann', 'deny', 0), token('bob')]) expect(JSON.stringify(state()) + answers).not.toContain(text)
    expect(token('bob')).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  test.each(['', 'x', 'a'.repeat(10_000), '\ud800', '__proto__'])(
    'a forged token `%s` learns nothing, not even that it is late',
    (text) => {
      const { vote, link, approve } = desk()
      const early = vote('approve', link(text))
      approve('ann')
      expect(vote('approve', link(text))).toEqual(early)
      expect(early).toEqual(refusedWith('token_invalid'))
    }
  )

  test('a digest from the stored state is no token', () => {
    const { vote, link, state } = desk()
    for (const record of state().tokens) expect(vote('approve', link(record.sha256))).toEqual(refusedWith('token_invalid'))
  })

  test('a link pressed by somebody else who is signed in decides nothing', () => {
    const { vote, link, token } = desk({ approvers: [person('ann', ['slack'])] })
    expect(vote('approve', link(token('ann'), 'mallory'))).toEqual(refusedWith('token_invalid'))
    expect(vote('approve', link(token('ann'), 'ann'))).toEqual(decidedAs('APPROVED'))
  })

  test.each<[string, Parameters<ReturnType<typeof desk>['key']>, string]>([
    ['the key that asks', ['ann', { api_key_id: 'agent-key' }], 'own_request'],
    ['a key that can also run', ['ann', { scopes: ['approve', 'run'] }], 'forbidden'],
    ['an admin’s key', ['ann', { scopes: ['approve', 'admin'] }], 'forbidden'],
    ['a key that cannot approve', ['ann', { scopes: ['read'] }], 'forbidden'],
    ['the key of somebody who was not asked', ['mallory'], 'forbidden'],
    ['a key whose owner saw something else', ['ann', { request_digest: 'sha256:old' }], 'request_changed']
  ])('%s does not decide', (_what, [name, more], code) => {
    const { vote, key } = desk()
    // The same with the key in the request and with a session that it began.
    for (const via of ['api', 'ui'] as const) {
      expect(vote('approve', key(name, { ...more, via }))).toEqual(refusedWith(code))
      expect(vote('deny', key(name, { ...more, via }))).toEqual(refusedWith(code))
    }
  })

  test('an approver’s own key decides', () => {
    const { vote, key, state } = desk()
    expect(vote('approve', key('ann'))).toEqual(decidedAs('APPROVED'))
    expect(approvalOf(state()).votes[0]).toMatchObject({ via: 'api', assurance: 'key' })
    const signedIn = desk()
    expect(signedIn.vote('approve', signedIn.key('ann', { via: 'ui' }))).toEqual(decidedAs('APPROVED'))
    expect(approvalOf(signedIn.state()).votes[0]).toMatchObject({ via: 'ui', assurance: 'signed_in', by: 'ann@company.com' })
  })

  test.each([
    ['the person behind the key', person('owner')],
    ['the key’s address in another spelling', { ...person('x'), email: ' Bot-Owner@COMPANY.com' }],
    ['the key’s address with a tag', { ...person('x'), email: 'bot-owner+approvals@company.com' }],
    ['one of the person’s channels', { ...person('x'), channels: [{ kind: 'mail' as const, address: 'BOT-OWNER@company.com' }] }]
  ])('nobody approves their own request: not as %s, asked, delegated to or escalated to', (_what, owner) => {
    const opened = (more: Partial<ReturnType<typeof opening>> & { escalation?: ApprovalRequest['escalation'] }) => () =>
      openApproval(
        { ...opening({ request: { escalation: more.escalation ?? [] } }), ...(more.approvers ? { approvers: more.approvers } : {}) },
        new Uint8Array(32),
        nodeHash
      )
    expect(opened({ approvers: [owner] })).toThrow(expect.objectContaining({ code: 'own_request' }))
    expect(opened({ escalation: [owner] })).toThrow(expect.objectContaining({ code: 'own_request' }))
    expect(desk().delegate('ann', owner)).toEqual(refusedWith('own_request'))
  })

  test('a claimed address neither opens nor closes anything: the agent may claim the approver’s', () => {
    const { approve } = desk({
      request: { requester: { api_key_id: 'agent-key', user_email: 'ann@company.com', key_email: null, person_id: null } }
    })
    expect(approve('ann')).toEqual(decidedAs('APPROVED'))
  })

  test('one person under two ids and one mail address counts once', () => {
    const twice = [person('ann'), { ...person('ann'), person_id: 'ann-2' }]
    expect(() => openApproval(opening({ approvers: twice, request: { needed: 2 } }), new Uint8Array(32), nodeHash)).toThrow(
      expect.objectContaining({ code: 'approver_unknown' })
    )
  })

  test('nor does one who is escalated to under two ids', () => {
    const boss = { ...person('boss'), person_id: 'boss-2' }
    const { alarm, approve, state } = desk({
      approvers: [person('ann'), person('bob')],
      request: { needed: 2, escalation: [person('boss'), boss] }
    })
    alarm(0.75 * HOUR)
    expect(approve('boss', 0.8 * HOUR)).toEqual({ kind: 'voted', missing: 1 })
    expect(state().approvers.map((one) => one.person_id)).toEqual(['ann', 'bob', 'boss'])
  })

  test('what people are shown is the payload itself without its secrets, of an edit too', () => {
    const { state, edit, judge } = desk({ payload: { rows: 5, token: 'ghp_0123456789abcdefghijklmnopqrstuvwxyz' } })
    expect(state().subject.shown.payload.rows).toBe(5)
    expect(JSON.stringify(state().subject.shown)).not.toContain('ghp_0123')
    edit('ann', { rows: 3, token: 'ghp_9876543210abcdefghijklmnopqrstuvwxyz' })
    judge([allows])
    expect(state().subject.shown.payload.rows).toBe(3)
    expect(JSON.stringify(state().subject.shown)).not.toContain('ghp_9876')
  })

  test.each<[string, Parameters<typeof opening>[0], string]>([
    ['nobody to ask', { approvers: [] }, 'approver_unknown'],
    ['more needed than asked', { request: { needed: 2 } }, 'approver_unknown'],
    ['nobody needed', { request: { needed: 0 } }, 'invalid'],
    ['half a person needed', { request: { needed: 0.5 } }, 'invalid'],
    ['an approver without a channel', { approvers: [person('ann', [])] }, 'approver_unknown'],
    ['too many approvers', { approvers: Array.from({ length: 17 }, (_, i) => person(`p${i}`)) }, 'invalid'],
    ['four seconds', { request: { expiresAtMs: T + 4_999 } }, 'invalid'],
    ['more than thirty days', { request: { expiresAtMs: T + 2_592_000_001 } }, 'invalid'],
    ['no time at all', { request: { expiresAtMs: Number.NaN } }, 'invalid'],
    ['validity without end', { request: { validMs: Number.POSITIVE_INFINITY } }, 'invalid']
  ])('a request with %s is refused', (_what, given, code) => {
    expect(() => openApproval(opening(given), new Uint8Array(32), nodeHash)).toThrow(expect.objectContaining({ code }))
  })

  test('a seed that is too short makes no token', () => {
    expect(() => openApproval(opening(), new Uint8Array(16), nodeHash)).toThrow('32 bytes')
  })
})

test.each([
  ['Ann@Company.com', 'ann@company.com'],
  [' ann@company.com ', 'ann@company.com'],
  ['ann+x+y@company.com', 'ann@company.com'],
  ['ａｎｎ@company.com', 'ann@company.com'],
  ['+ann@company.com', '+ann@company.com'],
  ['no address', 'no address']
])('`%s` is the mailbox `%s`', (given, wanted) => {
  expect(foldEmail(given)).toBe(wanted)
})
