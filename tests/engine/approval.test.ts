import { describe, expect, test } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { memorySealed } from '../../src/adapters/sealed/index.ts'
import { webcryptoKeys } from '../../src/adapters/keys/index.ts'
import { approvalAt, examineToken, nextApprovalAlarm } from '../../src/engine/approval.ts'
import { requestDigest, type ApprovalQuestion } from '../../src/engine/approval_digest.ts'
import { approvalOf, approvalReceiptDraft, viewApproval } from '../../src/engine/approval_receipt.ts'
import { issueReceipt } from '../../src/engine/issue.ts'
import { signingBytes } from '../../src/engine/receipt.ts'
import { Receipt } from '../../src/engine/schema.ts'
import { asks, decidedAs, desk, HOUR, person, refusedWith, T } from './approval_samples.ts'

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
    const others: ApprovalQuestion[] = [
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

  test('issued, it is a receipt like any other: it verifies, and shows no secret of the payload', async () => {
    const at = desk({ payload: { rows: 5, note: 'token ghp_0123456789abcdefghijklmnopqrstuvwxyz' } })
    at.approve('ann')
    const ports = {
      hash: nodeHash,
      keys: webcryptoKeys({ secret: 'a secret of more than 32 characters, for tests' }),
      sealed: memorySealed()
    }
    const receipt = await issueReceipt(approvalReceiptDraft(at.state()), ports)
    expect(Receipt.parse(receipt)).toEqual(receipt)
    expect(JSON.stringify(receipt)).not.toContain('ghp_0123456789')
    const { signatures, ...body } = receipt
    const checks = await (await ports.keys.team('acme')).verify(signingBytes(body, nodeHash), signatures)
    expect(checks.map((check) => check.status)).toEqual(['valid', 'valid'])
  })

  test('a pending one has none', () => {
    expect(() => approvalReceiptDraft(desk().state())).toThrow('pending')
  })
})
