// The built-in alerts: what each sees, and what it cannot be made to see.
import { describe, expect, test } from 'vitest'
import {
  approvalWaiting,
  blockBurst,
  BUILT_IN_ALERTS,
  firstBlock,
  killSwitchThrown,
  tamperFound,
  webhookFailing
} from '../../src/alerts/index.ts'
import { anomalyFound } from '../../src/alerts/anomaly_found.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import {
  considerSignal,
  type AlertRule,
  type AnomalySeen,
  type EndpointSeen,
  type PolicyResult,
  type Receipt,
  type Signal
} from '../../src/engine/index.ts'
import { receiptOf } from '../ui/samples.ts'

const NOW = Date.UTC(2026, 10, 28, 12)
const MINUTE = 60_000
const HITL = '01a22160-5fd7-7a7c-a32b-47cb8a9ea6ff'
const denied = (policy: string, reason = 'no'): PolicyResult => ({ policy, passed: false, effect: 'deny', reason })
const allowed = (policy: string): PolicyResult => ({ policy, passed: true, effect: 'allow', reason: 'fine' })
const receipt = (changes: Partial<Receipt>): Signal => ({ kind: 'receipt', receipt: receiptOf(changes) })
const see = (rule: AlertRule, signal: Signal) =>
  considerSignal([rule], signal, nodeHash, (_rule, error) => {
    throw error
  })
const fires = (rule: AlertRule, signal: Signal) => see(rule, signal).filter(({ over }) => over !== true)
const BLOCKED: Partial<Receipt> = {
  decision: 'BLOCK',
  outcome: 'NONE',
  policy_results: [denied('protect_tables', '`users` is protected'), allowed('x')]
}

test('have ids of their own and say what they are', () => {
  expect(new Set(BUILT_IN_ALERTS.map(({ id }) => id)).size).toBe(7)
  for (const { title, description } of BUILT_IN_ALERTS) expect(title.length > 4 && description.endsWith('.')).toBe(true)
})

describe('first_block', () => {
  test('is about each policy that denied, and the agent', () => {
    const seen = fires(firstBlock(), receipt({ ...BLOCKED, policy_results: [denied('a'), denied('b'), denied('b', 'again')] }))
    expect(seen.map(({ subject, severity }) => [subject, severity])).toEqual([
      ['a agent@company.com', 'warning'],
      ['b agent@company.com', 'warning']
    ])
  })
  const none: [string, Partial<Receipt>][] = [
    ['a pass', {}],
    ['a shadow run', { ...BLOCKED, run_mode: 'shadow' }],
    ['a dry run', { ...BLOCKED, run_mode: 'dry_run' }],
    ['a block that no policy made', { ...BLOCKED, policy_results: [allowed('x')] }],
    ['an import, which anybody could have made up', { ...BLOCKED, mode: 'imported' }]
  ]
  test.each(none)('does not see %s', (_what, changes) => {
    expect(fires(firstBlock(), receipt(changes))).toEqual([])
    expect(
      fires(
        blockBurst(),
        receipt({
          ...changes,
          decision: changes.decision === 'BLOCK' && changes.policy_results?.length === 1 ? 'PASS' : (changes.decision ?? 'PASS')
        })
      )
    ).toEqual([])
  })
  test('names the key where no user is named', () => {
    expect(fires(firstBlock(), receipt({ ...BLOCKED, user_email: '' }))[0]!.subject).toBe('protect_tables key k1')
  })
})

describe('kill_switch_thrown', () => {
  const change = (before: unknown, after: unknown, more: Partial<Receipt> = {}): Signal => {
    const made = receiptOf({ workflow: 'fact_changed:kill_switch', payload: { name: 'kill_switch', before, after } as never, ...more })
    const { judged_at: _judged, ...unjudged } = made
    return { kind: 'receipt', receipt: 'judged_at' in more ? made : unjudged }
  }
  test.each([
    ['true', null, true],
    ['a reason', false, 'the agent runs wild'],
    ['a form nobody knows', null, { active: 1, reason: 'x' }]
  ])('fires when it goes on by %s', (_how, before, after) => {
    expect(fires(killSwitchThrown(), change(before, after))).toMatchObject([{ severity: 'critical', subject: '' }])
  })
  test('says why, and who', () => {
    expect(fires(killSwitchThrown(), change(null, 'the agent runs wild'))[0]!.message).toBe(
      'agent@company.com has thrown it: the agent runs wild'
    )
  })
  test('is over when it goes off, and stays as it is when only the reason changes', () => {
    expect(see(killSwitchThrown(), change(true, null))).toMatchObject([{ over: true }])
    expect(see(killSwitchThrown(), change(true, 'for this reason'))).toEqual([])
  })
  const forged: [string, Partial<Receipt>][] = [
    ['a run that was asked for under this name', { judged_at: '2026-11-28T09:00:00.000Z', decision: 'BLOCK' }],
    ['a block without a judgement', { decision: 'BLOCK' }],
    [
      'the receipt of an approval of something of this name',
      { approval: { hitl_id: HITL, decision: 'APPROVED', votes: [], request_digest: 'x' } }
    ],
    ['what another program did', { mode: 'observed' }],
    ['an import', { mode: 'imported' }]
  ]
  test.each(forged)('believes nothing of %s, on or off', (_what, more) => {
    expect(see(killSwitchThrown(), change(null, true, more))).toEqual([])
    expect(see(killSwitchThrown(), change(true, null, more))).toEqual([])
  })
})

describe('approval_waiting', () => {
  const waits = (minutes: number, life = 60): Signal => ({
    kind: 'approval',
    waiting: {
      hitl_id: HITL,
      workflow: 'refund_customer',
      run_id: null,
      user_email: 'agent@company.com',
      asked_at: NOW,
      expires_at: NOW + life * MINUTE,
      at: NOW + minutes * MINUTE
    }
  })
  test.each([
    [9.9, 60, []],
    [10, 60, ['waits']],
    [54.9, 60, ['waits']],
    [55, 60, ['last']],
    [60, 60, []],
    [1.9, 4, []],
    [2, 4, ['waits']],
    [3.3, 4, ['last']]
  ])('after %s min of %s it says %j', (minutes, life, keys) => {
    expect(fires(approvalWaiting(), waits(minutes, life)).map(({ key }) => key.split(' ')[1])).toEqual(keys)
  })
  test('is over with the approval’s own receipt, and with no other', () => {
    const approval: Receipt['approval'] = { hitl_id: HITL, decision: 'DENIED', votes: [], request_digest: 'x' }
    const [waiting] = fires(approvalWaiting(), waits(20))
    const [over] = see(approvalWaiting(), receipt({ run_id: HITL, workflow: 'approval:refund_customer', approval }))
    expect(over).toMatchObject({ over: true, track: waiting!.track })
    expect(see(approvalWaiting(), receipt({ workflow: 'approval:refund_customer', approval }))).toEqual([])
    expect(see(approvalWaiting(), receipt({ run_id: HITL, workflow: 'approval:refund_customer', approval, mode: 'imported' }))).toEqual([])
  })
})

describe('webhook_failing', () => {
  const endpoint = (changes: Partial<EndpointSeen>): Signal => ({
    kind: 'endpoint',
    endpoint: {
      endpoint_id: 'e',
      host: 'hooks.example.com',
      state: 'failing',
      delivery_id: 'd',
      attempt: 3,
      error: 'status 500',
      at: NOW,
      ...changes
    }
  })
  test.each([
    [{ attempt: 2 }, []],
    [{ attempt: 3 }, ['hooks.example.com does not answer (status 500)']],
    [{ attempt: 10, state: 'given_up' }, ['hooks.example.com did not answer: an event was given up (status 500)']],
    [{ attempt: 1, state: 'gone' }, ['hooks.example.com answered 410 and was switched off (status 500)']]
  ] as const)('%j says %j', (changes, messages) => {
    expect(fires(webhookFailing(), endpoint(changes)).map(({ message }) => message)).toEqual(messages)
  })
  test('is over when something arrives', () => {
    expect(see(webhookFailing(), endpoint({ state: 'recovered' }))).toMatchObject([{ over: true }])
  })
})

describe('tamper_found', () => {
  test.each([
    ['ledger_damaged', false, 'critical'],
    ['signature_invalid', false, 'critical'],
    ['differs', true, 'critical'],
    ['surplus', true, 'critical'],
    ['missing', true, 'warning'],
    ['missing', false, 'critical']
  ] as const)('%s, repaired: %s, is %s', (kind, repaired, severity) => {
    const seen = fires(tamperFound(), { kind: 'tamper', finding: { run_id: HITL, kind, repaired, at: NOW } })
    expect(seen).toMatchObject([{ severity, subject: kind, run_id: HITL }])
  })
  test('what stays damaged is one finding a day', () => {
    const key = (at: number) =>
      fires(tamperFound(), { kind: 'tamper', finding: { run_id: HITL, kind: 'ledger_damaged', repaired: false, at } })[0]!.key
    expect(key(NOW)).toBe(key(NOW + 5 * MINUTE))
    expect(key(NOW)).not.toBe(key(NOW + 86_400_000))
  })
})

test('anomaly_found: what passes a cap is critical', () => {
  const finding: AnomalySeen = {
    id: 'f',
    agent: 'a@b.c',
    action: 'delete_row',
    window: '1h',
    at: NOW,
    count: 9,
    expected: 1,
    sigma: 1,
    limit: 5,
    message: 'm',
    run_id: HITL
  }
  expect(fires(anomalyFound(), { kind: 'anomaly', finding })).toMatchObject([
    { severity: 'warning', key: 'f', subject: 'a@b.c delete_row' }
  ])
  expect(fires(anomalyFound(), { kind: 'anomaly', finding: { ...finding, window: 'cap' } })).toMatchObject([{ severity: 'critical' }])
})
