// What a receipt counts as, receipt by receipt; and the words in which caps are written.
import { describe, expect, it, test } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import {
  AnomalyRules,
  capText,
  checkAnomalyRules,
  install,
  isCapped,
  NOT_LISTED,
  observationsOf,
  parseCap,
  TOOL_ACTIONS,
  toolSystem,
  type ActionTaken,
  type PolicyResult,
  type Receipt,
  type TeamConfig
} from '../../src/engine/index.ts'
import { codingAgentPack } from '../../src/packs/index.ts'
import { receiptOf } from '../adapters/receipt_samples.ts'

const AT = '2026-03-01T12:00:00.400Z'
const place = { seq: 7, leaf: '', prev: '' }
const run = (more: Partial<Receipt>): Receipt =>
  receiptOf(1, { mode: 'mediated', judged_at: AT, timestamp: AT, actor: { api_key_id: 'k1', session_id: null }, ledger: place, ...more })
const taken = (action: string, more: Partial<ActionTaken> = {}): ActionTaken => ({
  action,
  system: 'postgres',
  success: true,
  status: 'DONE',
  output: {},
  rollback_data: 'irreversible',
  resources: [],
  started_at: AT,
  finished_at: AT,
  error: null,
  ...more
})
const denied = (more: Partial<PolicyResult> = {}): PolicyResult => ({ policy: 'p', passed: false, effect: 'deny', reason: 'no', ...more })
const counted = (receipt: Receipt) =>
  observationsOf(receipt, (id) => (id === 'delete_row' ? 'postgres.delete_row' : id)).map((one) => [one.action, one.count, one.blocked])

describe('a receipt', () => {
  const block = { decision: 'BLOCK' as const, outcome: 'NONE' as const }
  const cases: [string, Partial<Receipt>, unknown[]][] = [
    ['of two deletions', { actions_taken: [taken('delete_row'), taken('delete_row')] }, [['postgres.delete_row', 2, 0]]],
    ['of a read', { actions_taken: [taken('select_rows', { rollback_data: null })] }, []],
    ['of what was there already', { actions_taken: [taken('insert_row', { status: 'ALREADY', rollback_data: null })] }, []],
    ['of what failed', { actions_taken: [taken('insert_row', { status: 'FAILED', rollback_data: null })] }, []],
    [
      'of what nobody knows the end of',
      { actions_taken: [taken('insert_row', { status: 'UNKNOWN', rollback_data: null })] },
      [['postgres.insert_row', 1, 0]]
    ],
    [
      'of a rollback',
      { workflow: 'rollback:x', actions_taken: [taken('delete_row', { status: 'REVERTED' }), taken('delete_row', { status: 'CONFLICT' })] },
      [['postgres.delete_row', 1, 0]]
    ],
    ['of a refused action', { ...block, workflow: 'delete_row', policy_results: [denied()] }, [['postgres.delete_row', 1, 1]]],
    ['of a refused workflow', { ...block, workflow: 'agent_pr_workflow', policy_results: [denied()] }, [['agent_pr_workflow', 1, 1]]],
    [
      'of an invented action',
      { ...block, workflow: 'x'.repeat(99), policy_results: [denied({ policy: 'allow_list', code: 'not_allowed' })] },
      [[NOT_LISTED, 1, 1]]
    ],
    [
      'of a workflow stopped at its second call',
      {
        ...block,
        outcome: 'PARTIAL',
        actions_taken: [taken('insert_row'), taken('delete_row', { status: 'SKIPPED', rollback_data: null })]
      },
      [
        ['postgres.insert_row', 1, 0],
        ['postgres.delete_row', 1, 1]
      ]
    ],
    [
      'of an observed read',
      { mode: 'observed', actions_taken: [taken('select_rows', { status: 'UNKNOWN', rollback_data: null })] },
      [['postgres.select_rows', 1, 0]]
    ],
    ['that was imported', { mode: 'imported', actions_taken: [taken('delete_row')] }, []],
    ['of a dry run', { run_mode: 'dry_run', actions_taken: [taken('delete_row')] }, []],
    ['of a shadow', { run_mode: 'shadow', actions_taken: [taken('delete_row')] }, []],
    ['of a later revision', { revision: 1, actions_taken: [taken('delete_row')] }, []]
  ]
  it.each(cases)('%s', (_name, more, expected) => expect(counted(run(more))).toEqual(expected))

  it('of what no run was judged for, or without a place in the ledger, counts nothing', () => {
    const { judged_at: _judged, ...unjudged } = run({ actions_taken: [taken('delete_row')] })
    const { ledger: _ledger, ...unplaced } = run({ actions_taken: [taken('delete_row')] })
    expect([counted(unjudged), counted(unplaced)]).toEqual([[], []])
  })

  it('is of the user however it spells itself, never of a key, and when each act was done', () => {
    const spelt = run({
      user_email: ' Agent+7@Company.com ',
      actions_taken: [taken('a'), taken('a', { finished_at: '2026-03-01T12:00:09Z' })]
    })
    expect(observationsOf(spelt).map(({ agent, at }) => [agent, new Date(at * 1000).toISOString()])).toEqual([
      ['agent@company.com', '2026-03-01T12:00:00.000Z'],
      ['agent@company.com', '2026-03-01T12:00:09.000Z']
    ])
    expect(observationsOf(run({ user_email: 'key:k1', actions_taken: [taken('a')] }))[0]!.agent).toBe('key;k1')
  })

  it('of very many acts is counted by the minute, and loses none', () => {
    const acts = Array.from({ length: 9_000 }, (_, i) => taken('a', { finished_at: new Date(Date.parse(AT) + i * 100).toISOString() }))
    const observations = observationsOf(run({ actions_taken: acts }))
    expect([observations.length, observations.reduce((sum, { count }) => sum + count, 0)]).toEqual([16, 9_000])
  })
})

describe('a cap', () => {
  test.each([
    ['delete_row:400/60s', { action: 'delete_row', max: 400, window_seconds: 60 }],
    ['postgres.*:10/2h', { action: 'postgres.*', max: 10, window_seconds: 7_200 }],
    ['*:5/1d', { action: '*', max: 5, window_seconds: 86_400 }],
    ['delete_row', null],
    ['delete_row:0/60s', null],
    ['delete_row:5/0s', null],
    ['delete_row:5/2d', null],
    [':5/60s', null]
  ])('%s', (text, cap) => expect(parseCap(text)).toEqual(cap))

  test.each([
    ['delete_row', 'postgres.delete_row', true],
    ['delete_*', 'postgres.delete_row', true],
    ['postgres.*', 'postgres.delete_row', true],
    ['*', 'anything', true],
    ['p*.d*w', 'postgres.delete_row', true],
    ['delete_row', 'postgres.delete_rows', false],
    ['postgres.*', 'mysql.postgres', false],
    ['ab*ba', 'aba', false],
    ['*row*row', 'postgres.row', false]
  ])('%s speaks of %s: %s', (action, name, expected) =>
    expect(isCapped({ action, max: 1, window_seconds: 1 }, 'a@x.com', name)).toBe(expected)
  )

  it('may speak of one agent alone', () => {
    const cap = { action: '*', max: 1, window_seconds: 60, agent: '*@Contractor.example' }
    expect([isCapped(cap, 'a@contractor.example', 'x'), isCapped(cap, 'a@x.com', 'x')]).toEqual([true, false])
    expect(capText(cap)).toBe('*:1/60s of *@Contractor.example')
  })
})

test('thresholds that make no sense refuse to start, naming the place', () => {
  expect(() => checkAnomalyRules({ sigma: 0 })).toThrow(/`anomaly\.sigma`/)
  expect(() => checkAnomalyRules({ caps: [{ action: 'x', max: 1, window_seconds: 100_000 }] })).toThrow(
    /`anomaly\.caps\.0\.window_seconds`/
  )
  expect(checkAnomalyRules(undefined)).toEqual(AnomalyRules.parse({}))
})

test('thresholds change no verdict: the digest of a configuration is the same with and without them', () => {
  const team: TeamConfig = { connectors: [toolSystem()], policies: codingAgentPack(), workflows: [], actions: TOOL_ACTIONS }
  const plain = install(team, nodeHash)
  const tuned = install({ ...team, anomaly: { sigma: 5, caps: [] } }, nodeHash)
  expect(tuned.digest).toBe(plain.digest)
  expect([plain.anomaly.sigma, tuned.anomaly.sigma, tuned.anomaly.caps]).toEqual([3, 5, []])
})
