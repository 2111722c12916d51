import { describe, expect, test } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { approvalAt, examineToken, nextApprovalAlarm } from '../../src/engine/approval.ts'
import { requestDigest, type Decided } from '../../src/engine/approval_digest.ts'
import { openApproval } from '../../src/engine/approval_open.ts'
import { foldEmail } from '../../src/engine/approval_people.ts'
import { approvalOf, approvalReceiptDraft, viewApproval } from '../../src/engine/approval_receipt.ts'
import type { ApprovalRequest } from '../../src/engine/approval_state.ts'
import { allows, asks, denies, desk, HOUR, opening, person, T } from './approval_samples.ts'

const refusedWith = (code: string) => expect.objectContaining({ kind: 'refused', code })
const decidedAs = (decision: string, kind = 'decided') => expect.objectContaining({ kind, decision })

describe('deciding', () => {
  test('one approver’s link approves, and says when and who', () => {
    const { approve, state, effects } = desk()
    expect(approve('ann', 60_000)).toEqual({
      kind: 'decided',
      decision: 'APPROVED',
      decided_at: '2026-03-01T04:31:00.000Z',
      decided_by: 'ann@company.com'
    })
    expect(effects.at(-1)).toEqual({
      kind: 'decided',
      decision: 'APPROVED',
      decided_at: '2026-03-01T04:31:00.000Z',
      decided_by: 'ann@company.com'
    })
    expect(viewApproval(state())).toEqual({
      hitl_id: state().request.hitl_id,
      status: 'APPROVED',
      workflow: 'db_delete',
      decided_at: '2026-03-01T04:31:00.000Z',
      decided_by: 'ann@company.com'
    })
  })

  test('the approve page’s token may deny as well', () => {
    const { vote, link, token } = desk()
    expect(vote('deny', link(token('ann')))).toEqual(decidedAs('DENIED'))
  })

  test('a deny token cannot approve, however often it tries', () => {
    const { vote, link, token, state } = desk()
    for (let i = 0; i < 3; i++) expect(vote('approve', link(token('ann', 'deny')))).toEqual(refusedWith('token_invalid'))
    expect(state().status).toBe('PENDING')
  })

  test('the first decision wins: whoever is late is told what was decided', () => {
    const { approve, deny, decisions } = desk({ approvers: [person('ann'), person('bob')] })
    expect(deny('ann')).toEqual(decidedAs('DENIED'))
    expect(approve('bob')).toEqual(decidedAs('DENIED', 'already_decided'))
    expect(deny('ann')).toEqual(decidedAs('DENIED', 'already_decided'))
    expect(decisions()).toHaveLength(1)
  })

  test('two of three: different people, each once, through whatever channel', () => {
    const { approve, vote, link, key, boxes } = desk({
      approvers: [person('ann', ['mail', 'slack']), person('bob'), person('cyd')],
      request: { needed: 2 }
    })
    expect(approve('ann')).toEqual({ kind: 'voted', missing: 1 })
    for (const pair of boxes.get('ann')!) expect(vote('approve', link(pair.approve))).toEqual({ kind: 'already_voted', missing: 1 })
    expect(vote('approve', key('ann'))).toEqual({ kind: 'already_voted', missing: 1 })
    expect(approve('bob')).toEqual(decidedAs('APPROVED'))
  })

  test('one deny ends it, whoever approved before, and even from somebody who had', () => {
    for (const denier of ['ann', 'bob']) {
      const { approve, deny, state } = desk({ approvers: [person('ann'), person('bob')], request: { needed: 2 } })
      approve('ann')
      expect(deny(denier)).toEqual(decidedAs('DENIED'))
      expect(approvalOf(state()).votes.map((one) => one.by)).toEqual([`${denier}@company.com`])
    }
  })

  test('a used approve token is used up: it does not deny either', () => {
    const { approve, vote, link, token } = desk({ approvers: [person('ann'), person('bob')], request: { needed: 2 } })
    approve('ann')
    expect(vote('deny', link(token('ann')))).toEqual(refusedWith('token_invalid'))
  })

  test('a reason is kept with the vote, and bounded', () => {
    const { send, link, token, state } = desk()
    expect(send({ type: 'vote', choice: 'deny', credential: link(token('ann')), reason: 'x'.repeat(2_001) })).toEqual(
      refusedWith('invalid')
    )
    send({ type: 'vote', choice: 'deny', credential: link(token('ann')), reason: 'not on a Friday' })
    expect(approvalOf(state()).votes[0]).toEqual({
      by: 'ann@company.com',
      via: 'mail',
      assurance: 'link',
      decided_at: '2026-03-01T04:30:00.000Z',
      reason: 'not on a Friday'
    })
  })

  test('looking at a link changes nothing, and says what it offers', () => {
    const { state, token, approve } = desk()
    const before = JSON.stringify(state())
    expect(examineToken(state(), token('ann'), T, nodeHash)).toEqual({ person_id: 'ann', canApprove: true })
    expect(examineToken(state(), token('ann', 'deny'), T, nodeHash)).toEqual({ person_id: 'ann', canApprove: false })
    expect(examineToken(state(), 'guess', T, nodeHash)).toEqual(refusedWith('token_invalid'))
    expect(examineToken(state(), token('ann'), T + HOUR, nodeHash)).toEqual(decidedAs('EXPIRED', 'already_decided'))
    expect(JSON.stringify(state())).toBe(before)
    approve('ann')
    expect(examineToken(state(), token('ann'), T, nodeHash)).toEqual(decidedAs('APPROVED', 'already_decided'))
  })
})

describe('time', () => {
  test('the last millisecond counts, the deadline does not', () => {
    expect(desk().approve('ann', HOUR - 1)).toEqual(decidedAs('APPROVED'))
    expect(desk().approve('ann', HOUR)).toEqual(decidedAs('EXPIRED', 'already_decided'))
  })

  test('without an alarm it is over all the same, dated at its deadline, and said once', () => {
    const { approve, alarm, state, decisions } = desk()
    expect(approvalAt(state(), T + HOUR).status).toBe('EXPIRED')
    approve('ann', 5 * HOUR)
    alarm(6 * HOUR)
    expect(decisions()).toEqual([{ kind: 'decided', decision: 'EXPIRED', decided_at: '2026-03-01T05:30:00.000Z', decided_by: null }])
  })

  test('a reminder at half and at nine tenths, escalation at three quarters, each once however late the alarm', () => {
    const { alarm, effects, state } = desk({ approvers: [person('ann')], request: { escalation: [person('boss'), person('ann')] } })
    const sent = (from: number) =>
      effects.slice(from).map((effect) => (effect.kind === 'notify' ? `${effect.why} ${effect.person.person_id}` : effect.kind))
    const steps: [number, string[]][] = [
      [HOUR / 2 - 1, []],
      [HOUR / 2, ['reminded ann']],
      [HOUR / 2, []],
      [0.75 * HOUR, ['escalated boss']],
      [0.9 * HOUR, ['reminded ann', 'reminded boss']],
      [0.95 * HOUR, []]
    ]
    expect(nextApprovalAlarm(state())).toBe(T + HOUR / 2)
    for (const [at, wanted] of steps) {
      const from = effects.length
      alarm(at)
      expect(sent(from)).toEqual(wanted)
    }
    expect(nextApprovalAlarm(state())).toBe(T + HOUR)
    alarm(HOUR)
    expect(nextApprovalAlarm(state())).toBeNull()
  })

  test('one late alarm does at once what three punctual ones would have', () => {
    const { alarm, effects, approve } = desk({ request: { escalation: [person('boss')] } })
    alarm(0.95 * HOUR)
    expect(effects.slice(1).map((effect) => effect.kind === 'notify' && [effect.why, effect.person.person_id])).toEqual([
      ['reminded', 'ann'],
      ['escalated', 'boss']
    ])
    expect(approve('boss', 0.96 * HOUR)).toEqual(decidedAs('APPROVED'))
  })

  test('the first link still works after a reminder', () => {
    const { alarm, vote, link, token } = desk()
    alarm(HOUR / 2)
    expect(vote('approve', link(token('ann', 'approve', 0)), HOUR / 2)).toEqual(decidedAs('APPROVED'))
  })

  test('a request of five seconds is not reminded of', () => {
    expect(nextApprovalAlarm(desk({ request: { expiresAtMs: T + 5_000 } }).state())).toBe(T + 5_000)
  })
})

describe('consuming', () => {
  test('exactly one run, which may ask again after a crash', () => {
    const { approve, consume, state } = desk()
    approve('ann')
    const first = consume('run-1')
    expect(first).toMatchObject({ kind: 'consumed', approval: { decision: 'APPROVED', votes: [{ by: 'ann@company.com' }] } })
    expect(consume('run-1', 48 * HOUR)).toEqual(first)
    expect(consume('run-2')).toEqual(refusedWith('approval_used'))
    expect(state().consumed?.run_id).toBe('run-1')
  })

  test.each<[string, (at: ReturnType<typeof desk>) => unknown, string]>([
    ['nobody has decided', ({ consume }) => consume('run-1'), 'approval_pending'],
    ['it was denied', ({ deny, consume }) => (deny('ann'), consume('run-1')), 'approval_denied'],
    ['nobody answered in time', ({ consume }) => consume('run-1', HOUR), 'approval_expired'],
    [
      'it was approved too long ago',
      ({ approve, consume }) => (approve('ann', 1_000), consume('run-1', 1_000 + 24 * HOUR)),
      'approval_expired'
    ],
    [
      'something else would be done',
      ({ approve, consume }) => (approve('ann'), consume('run-1', 0, `sha256:${'f'.repeat(64)}`)),
      'approval_stale'
    ],
    [
      'the same run would now do something else',
      ({ approve, consume }) => (approve('ann'), consume('run-1'), consume('run-1', 0, 'sha256:other')),
      'approval_stale'
    ]
  ])('refused where %s', (_why, act, code) => {
    expect(act(desk())).toEqual(refusedWith(code))
  })

  test('an approval asked for by a run is that run’s alone', () => {
    const { approve, consume } = desk({ request: { run_id: 'run-1' } })
    approve('ann')
    expect(consume('run-2')).toEqual(refusedWith('approval_used'))
    expect(consume('run-1').kind).toBe('consumed')
  })

  test('the digest tells apart whatever differs in team, workflow, payload or preview', () => {
    const base = { team_id: 'acme', workflow: 'w', payload: { a: 1 }, preview: { count: 5 } }
    const others: Decided[] = [
      base,
      { ...base, team_id: 'other' },
      { ...base, workflow: 'v' },
      { ...base, payload: { a: 2 } },
      { ...base, payload: { a: '1' } },
      { ...base, preview: { count: 6 } },
      { ...base, payload: { count: 5 }, preview: { a: 1 } }
    ]
    expect(new Set(others.map((one) => requestDigest(one, nodeHash))).size).toBe(others.length)
    expect(requestDigest({ preview: { count: 5 }, payload: { a: 1 }, workflow: 'w', team_id: 'acme' }, nodeHash)).toBe(
      requestDigest(base, nodeHash)
    )
  })
})

describe('edits', () => {
  test('an edit voids votes and links, is judged by all policies, and then everybody is asked anew', () => {
    const { approve, edit, judge, vote, link, token, effects, consume, state } = desk({
      approvers: [person('ann'), person('bob')],
      request: { needed: 2 }
    })
    const before = state().subject.request_digest
    approve('ann')
    expect(edit('bob', { rows: 3 })).toMatchObject({ kind: 'proposed' })
    expect(effects.at(-1)).toMatchObject({ kind: 'judge', payload: { rows: 3 } })
    for (const name of ['ann', 'bob']) expect(vote('approve', link(token(name)))).toEqual(refusedWith('request_changed'))
    const from = effects.length
    expect(judge([allows, asks])).toMatchObject({ kind: 'edited' })
    expect(effects.slice(from).map((effect) => effect.kind === 'notify' && [effect.why, effect.person.person_id])).toEqual([
      ['changed', 'ann'],
      ['changed', 'bob']
    ])
    expect(approve('bob')).toEqual({ kind: 'voted', missing: 1 })
    expect(approve('ann')).toEqual(decidedAs('APPROVED'))
    expect(consume('run-1', 0, before)).toEqual(refusedWith('approval_stale'))
    expect(consume('run-1').kind).toBe('consumed')
  })

  test.each([
    ['denied by a policy', [allows, denies]],
    ['judged by no policy', []]
  ])('an edit %s is dropped: the request stands as it was, with new links', (_what, results) => {
    const { edit, judge, approve, vote, link, token, state } = desk()
    const { request_digest } = state().subject
    const old = token('ann')
    edit('ann', { rows: 40 })
    expect(judge(results)).toEqual({ kind: 'edit_refused', policy_results: results })
    expect(state().subject).toMatchObject({ payload: { rows: 5 }, request_digest })
    expect(vote('approve', link(old))).toEqual(refusedWith('request_changed'))
    expect(approve('ann')).toEqual(decidedAs('APPROVED'))
  })

  test('while an edit is judged nobody can vote, delegate or edit, by link or by key', () => {
    const { edit, vote, key, link, token, delegate, deny } = desk()
    edit('ann', { rows: 3 })
    expect(vote('approve', key('ann'))).toEqual(refusedWith('request_changed'))
    expect(vote('approve', link(token('ann')))).toEqual(refusedWith('request_changed'))
    expect(edit('ann', { rows: 2 })).toEqual(refusedWith('request_changed'))
    expect(delegate('ann', person('bob'))).toEqual(refusedWith('request_changed'))
    expect(deny('ann')).toEqual(refusedWith('request_changed'))
  })

  test('a verdict on another edit, or on none, changes nothing', () => {
    const { edit, judge, state } = desk()
    expect(judge([allows], 0, 'sha256:none')).toEqual(refusedWith('request_changed'))
    edit('ann', { rows: 3 })
    expect(judge([allows], 0, 'sha256:other')).toEqual(refusedWith('request_changed'))
    expect(state().proposal).not.toBeNull()
  })

  test('a verdict that comes after the deadline changes nothing', () => {
    const { edit, judge, state } = desk()
    edit('ann', { rows: 3 })
    expect(judge([allows], HOUR)).toEqual(decidedAs('EXPIRED', 'already_decided'))
    expect(state()).toMatchObject({ status: 'EXPIRED', subject: { payload: { rows: 5 } } })
  })

  test('an edit after the approval is late', () => {
    const { approve, edit, consume } = desk()
    approve('ann')
    expect(edit('ann', { rows: 47 })).toEqual(decidedAs('APPROVED', 'already_decided'))
    expect(consume('run-1').kind).toBe('consumed')
  })

  test('an edit that changes nothing, or the ninth, is refused', () => {
    const { edit, judge } = desk()
    expect(edit('ann', { rows: 5 })).toEqual(refusedWith('invalid'))
    for (let rows = 10; rows < 18; rows++) {
      edit('ann', { rows })
      judge([allows])
    }
    expect(edit('ann', { rows: 99 })).toEqual(refusedWith('invalid'))
  })

  test('an alarm while an edit is judged asks for the judgement again, and writes to nobody', () => {
    const { edit, alarm, effects } = desk()
    edit('ann', { rows: 3 })
    const from = effects.length
    alarm(HOUR / 2)
    expect(effects.slice(from).map((effect) => effect.kind)).toEqual(['judge'])
  })
})

describe('delegation', () => {
  test('who hands on is out, with every link; the other decides', () => {
    const { delegate, vote, link, boxes, approve, effects } = desk({ approvers: [person('ann', ['mail', 'slack'])] })
    expect(delegate('ann', person('bob'))).toEqual({ kind: 'delegated', to: 'bob@company.com' })
    expect(effects).toContainEqual({ kind: 'withdraw', why: 'delegated', person_ids: ['ann'] })
    for (const pair of boxes.get('ann')!) {
      expect(vote('approve', link(pair.approve))).toEqual(refusedWith('token_invalid'))
      expect(vote('deny', link(pair.deny))).toEqual(refusedWith('token_invalid'))
    }
    expect(approve('bob')).toEqual(decidedAs('APPROVED'))
  })

  test.each<[string, (at: ReturnType<typeof desk>) => unknown, string]>([
    ['to somebody asked already', ({ delegate }) => delegate('ann', person('bob')), 'invalid'],
    ['to the same person under another id', ({ delegate }) => delegate('ann', { ...person('bob'), person_id: 'bob-2' }), 'invalid'],
    ['back to who handed it on', ({ delegate }) => (delegate('ann', person('cyd')), delegate('cyd', person('ann'))), 'invalid'],
    ['to who cannot be reached', ({ delegate }) => delegate('ann', person('cyd', [])), 'approver_unknown'],
    [
      'by who has voted',
      ({ approve, delegate, boxes }) => (approve('ann'), boxes.set('ann', boxes.get('ann')!.slice(0, 1)), delegate('ann', person('cyd'))),
      'invalid'
    ]
  ])('refused %s', (_what, act, code) => {
    const two = desk({ approvers: [person('ann', ['slack', 'mail']), person('bob')], request: { needed: 2 } })
    expect(act(two)).toEqual(refusedWith(code))
  })

  test('a chain of delegations ends', () => {
    const { delegate } = desk()
    for (let i = 0; i < 16; i++) expect(delegate(i === 0 ? 'ann' : `p${i - 1}`, person(`p${i}`)).kind).toBe('delegated')
    expect(delegate('p15', person('p16'))).toEqual(refusedWith('invalid'))
  })
})

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
    expect(vote('approve', key(name, more))).toEqual(refusedWith(code))
    expect(vote('deny', key(name, more))).toEqual(refusedWith(code))
  })

  test('an approver’s own key decides', () => {
    const { vote, key, state } = desk()
    expect(vote('approve', key('ann'))).toEqual(decidedAs('APPROVED'))
    expect(approvalOf(state()).votes[0]).toMatchObject({ via: 'api', assurance: 'key' })
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

describe('the receipt', () => {
  test.each<[string, (at: ReturnType<typeof desk>) => unknown, string, string, number]>([
    ['APPROVED', ({ approve }) => approve('ann', 1_000), 'PASS', '2026-03-01T04:30:01.000Z', 1],
    ['DENIED', ({ deny }) => deny('ann', 2_000), 'BLOCK', '2026-03-01T04:30:02.000Z', 1],
    ['EXPIRED', ({ alarm }) => alarm(HOUR), 'BLOCK', '2026-03-01T05:30:00.000Z', 0]
  ])('%s has one, with all that was asked and all that happened', (status, act, decision, timestamp, votes) => {
    const at = desk()
    act(at)
    const draft = approvalReceiptDraft(at.state())
    expect(draft).toMatchObject({
      run_id: at.state().request.hitl_id,
      workflow: 'approval:db_delete',
      decision,
      outcome: 'NONE',
      timestamp,
      approval: { decision: status },
      policy_results: [asks],
      payload: { payload: { rows: 5 }, preview: { count: 5 }, approvers: ['ann@company.com'] }
    })
    expect(draft.approval?.votes).toHaveLength(votes)
    expect((draft.payload.history as unknown[]).length).toBe(votes)
  })

  test('a pending one has none', () => {
    expect(() => approvalReceiptDraft(desk().state())).toThrow('pending')
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
