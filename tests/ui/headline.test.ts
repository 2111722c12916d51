// The sentence that heads a receipt, what it was about, why it ended so, and how long it took.
import { describe, expect, it } from 'vitest'
import { changeKind, runName } from '../../src/ui/receipt/call_name.ts'
import { headlineOf } from '../../src/ui/receipt/headline.ts'
import { targetOf } from '../../src/ui/receipt/target.ts'
import { tookMs } from '../../src/ui/receipt/took.ts'
import { isUndoable } from '../../src/ui/receipt/undoable.ts'
import { whyOf } from '../../src/ui/receipt/why.ts'
import type { Receipt } from '../../src/engine/schema.ts'
import { receiptOf, rowsOf, takenOf } from './samples.ts'

const deny = { policy: 'dont_push_to_main', passed: false, effect: 'deny', reason: 'branch `main` is protected' } as const
const allow = { policy: 'code_freeze_active', passed: true, effect: 'allow', reason: 'there is no code freeze' } as const
const ask = { policy: 'require_approval', passed: false, effect: 'ask', reason: 'waits for a person' } as const
const five = takenOf({
  output: rowsOf(
    Array.from({ length: 5 }, (_, i) => ({ id: String(i) })),
    []
  )
})
const pr = (action: string, output: object, payload: object = { repo: 'myorg/app', branch: 'agent/x' }) =>
  receiptOf({
    workflow: 'agent_pr_workflow',
    payload: payload as never,
    actions_taken: [takenOf({ system: 'github', action, output: output as never })]
  })
const vote = { by: 'ops@acme.dev', via: 'api', assurance: 'key', decided_at: '2026-11-28T09:00:00.050Z', reason: null }

describe('the headline', () => {
  it.each<[string, Receipt]>([
    ['Deleted 5 rows from customers', receiptOf({ actions_taken: [five] })],
    ['Deleted 1 row from customers', receiptOf({ actions_taken: [takenOf({ output: rowsOf([{ id: '1' }], []) })] })],
    [
      'Changed 1 row of billing.invoices',
      receiptOf({ actions_taken: [takenOf({ action: 'update_row', output: rowsOf([{ id: '1' }], [{ id: '1' }], 'billing.invoices') })] })
    ],
    [
      'Inserted 1 row into customers',
      receiptOf({ actions_taken: [takenOf({ action: 'postgres.insert_row', output: rowsOf([], [{ id: '1' }]) })] })
    ],
    [
      'Inserted 25 rows into customers',
      receiptOf({
        workflow: 'db_bulk_import_workflow',
        actions_taken: [10, 10, 5].map((affected) => takenOf({ action: 'insert_rows', output: { table: 'public.customers', affected } }))
      })
    ],
    [
      'Inserted 10 rows into customers, then stopped',
      receiptOf({
        workflow: 'db_bulk_import_workflow',
        outcome: 'PARTIAL',
        actions_taken: [
          takenOf({ action: 'insert_rows', output: { table: 'public.customers', affected: 10 } }),
          takenOf({ action: 'insert_rows', success: false, status: 'FAILED', output: {} })
        ]
      })
    ],
    [
      'Found it done already: deleted 0 rows from customers',
      receiptOf({ actions_taken: [takenOf({ status: 'ALREADY', output: { table: 'customers', affected: 0 } })] })
    ],
    ['Blocked: delete_row on customers', receiptOf({ decision: 'BLOCK', outcome: 'NONE', policy_results: [deny] })],
    ['Stopped midway: delete_row on customers · 5 rows', receiptOf({ decision: 'BLOCK', outcome: 'PARTIAL', actions_taken: [five] })],
    ['Opened pull request #12 in myorg/app', pr('create_pr', { pr_number: 12 })],
    ['Merged pull request #3 in myorg/app', pr('merge_pr', {}, { repo: 'myorg/app', pr_number: 3, base: 'main' })],
    ['Deleted branch agent/x of myorg/app', pr('delete_branch', { branch: 'agent/x' })],
    [
      'Failed: agent_pr_workflow on myorg/app → agent/x',
      receiptOf({ workflow: 'agent_pr_workflow', payload: { repo: 'myorg/app', branch: 'agent/x' }, outcome: 'FAILED' })
    ],
    ['Not known whether it took effect: delete_row on customers', receiptOf({ outcome: 'UNKNOWN' })],
    ['Dry run of delete_row on customers', receiptOf({ run_mode: 'dry_run', outcome: 'NONE' })],
    [
      'Rolled back agent_pr_workflow',
      receiptOf({ workflow: 'rollback:agent_pr_workflow', payload: {}, actions_taken: [takenOf({ status: 'REVERTED' })] })
    ],
    [
      'Rolled back agent_pr_workflow in part: 1 step of 2 could not be undone',
      receiptOf({
        workflow: 'rollback:agent_pr_workflow',
        payload: {},
        decision: 'PARTIAL',
        actions_taken: [takenOf({ status: 'REVERTED' }), takenOf({ status: 'CONFLICT', success: false })]
      })
    ],
    ['Blocked: rolling back delete_row', receiptOf({ workflow: 'rollback:delete_row', payload: {}, decision: 'BLOCK', outcome: 'NONE' })],
    ['Looked at what rolling back delete_row would do', receiptOf({ workflow: 'rollback:delete_row', payload: {}, run_mode: 'dry_run' })],
    [
      'Approved: update_row on customers',
      receiptOf({
        workflow: 'approval:update_row',
        payload: { payload: { table: 'customers' } },
        outcome: 'NONE',
        approval: { hitl_id: 'h', decision: 'APPROVED', votes: [vote], request_digest: '' }
      })
    ],
    [
      'Set fact code_freeze',
      receiptOf({ workflow: 'fact_changed:code_freeze', payload: { name: 'code_freeze', before: null, after: true } })
    ],
    [
      'Removed fact code_freeze',
      receiptOf({ workflow: 'fact_changed:code_freeze', payload: { name: 'code_freeze', before: true, after: null } })
    ],
    ['Changed person', receiptOf({ workflow: 'person_changed', payload: { name: 'p', before: {}, after: {} } })],
    ['Shared: receipt 01a', receiptOf({ workflow: 'receipt_shared:01a', payload: { name: 's', before: null, after: {} } })],
    ['myorg.tool, as its SDK reported it', receiptOf({ workflow: 'myorg.tool', mode: 'imported', payload: {} })],
    // Of what is hidden in a shared receipt nothing is claimed.
    ['Changed rows of a table', receiptOf({ payload: {}, actions_taken: [takenOf({ action: 'update_row' })] })],
    // A workflow of one's own may have a colon.
    ['Ran team:deploy', receiptOf({ workflow: 'team:deploy', payload: {} })]
  ])('is “%s”', (sentence, receipt) => expect(headlineOf(receipt)).toBe(sentence))
})

describe('the target', () => {
  it.each<[string, Partial<Receipt>]>([
    ['customers · 5 rows', { actions_taken: [five] }],
    ['myorg/app → main', { payload: { repo: 'myorg/app', branch: 'main' } }],
    ['myorg/app #482', { payload: { repo: 'myorg/app', branch: 'x' }, actions_taken: [takenOf({ output: { pr_number: 482 } })] }],
    ['rm -rf ~/', { payload: { command: 'rm -rf ~/' } }],
    ['rm -rf ~/', { payload: { input: { command: 'rm -rf ~/' } } }],
    ['#incidents', { payload: { channel: '#incidents' } }],
    ['bucket/a b and 1 more', { payload: {}, actions_taken: [takenOf({ resources: ['fs/bucket/a%20b', 'fs/c'] })] }],
    ['%E0%A4%A', { payload: {}, actions_taken: [takenOf({ resources: ['%E0%A4%A'] })] }],
    [
      'customers · 2 rows',
      {
        workflow: 'rollback:delete_row',
        payload: {},
        actions_taken: [takenOf({ status: 'SKIPPED', output: { input: { table: 'public.customers', rows: [{}, {}] } } })]
      }
    ],
    ['code_freeze', { workflow: 'fact_changed:code_freeze', payload: { name: 'code_freeze' } }],
    ['—', { payload: {} }],
    ['—', { payload: { table: 7, repo: null, command: {} } as never }]
  ])('is “%s”', (target, changes) => expect(targetOf(receiptOf(changes))).toBe(target))
})

describe('why', () => {
  it.each<[string, string | null, Partial<Receipt>]>([
    ['branch `main` is protected', 'dont_push_to_main', { decision: 'BLOCK', policy_results: [ask, deny] }],
    ['2 of 2 policies', null, { policy_results: [allow, { ...allow, policy: 'other' }, { ...allow, call: 0 }] }],
    ['1 of 1 policy', null, { policy_results: [allow] }],
    ['no policy judges this', null, {}],
    [
      'approved by ops@acme.dev',
      null,
      { policy_results: [ask], approval: { hitl_id: 'h', decision: 'APPROVED', votes: [vote], request_digest: '' } }
    ],
    [
      'denied by ops@acme.dev',
      null,
      { decision: 'BLOCK', policy_results: [ask], approval: { hitl_id: 'h', decision: 'DENIED', votes: [vote], request_digest: '' } }
    ],
    [
      'nobody answered in time',
      null,
      { decision: 'BLOCK', policy_results: [ask], approval: { hitl_id: 'h', decision: 'EXPIRED', votes: [], request_digest: '' } }
    ],
    [
      'no such row',
      null,
      {
        outcome: 'FAILED',
        policy_results: [allow],
        actions_taken: [takenOf({ success: false, status: 'FAILED', error: { code: 'x', message: 'no such row' } })]
      }
    ],
    [
      '1 of 2 calls undone',
      null,
      { workflow: 'rollback:x', actions_taken: [takenOf({ status: 'REVERTED' }), takenOf({ status: 'IRREVERSIBLE' })] }
    ],
    ['by an admin', null, { workflow: 'settings_changed' }]
  ])('is “%s”', (text, policy, changes) => expect(whyOf(receiptOf(changes))).toEqual({ policy, text }))
})

describe('how long it took', () => {
  it.each<[number | null, Partial<Receipt>]>([
    [400, { actions_taken: [five] }],
    [500, {}],
    [300, { judged_at: undefined as never, actions_taken: [five] }],
    [null, { judged_at: undefined as never }],
    [0, { judged_at: '2026-11-28T09:00:01.000Z', actions_taken: [] }]
  ])('is %s ms', (ms, changes) => expect(tookMs(receiptOf(changes))).toBe(ms))
})

describe('whether it can be taken back', () => {
  const inverse = { action: 'restore_rows', input: {}, expect: {} }
  it.each<[boolean, Partial<Receipt>]>([
    [true, { actions_taken: [takenOf({ rollback_data: inverse })] }],
    [true, { actions_taken: [takenOf({ status: 'UNKNOWN' })] }],
    [false, { actions_taken: [takenOf({ rollback_data: null })] }],
    [false, { actions_taken: [takenOf({ rollback_data: inverse })], mode: 'observed' }],
    [false, { actions_taken: [takenOf({ rollback_data: inverse })], run_mode: 'shadow' }],
    [false, { actions_taken: [takenOf({ rollback_data: inverse })], workflow: 'rollback:x' }]
  ])('%s', (can, changes) => expect(isUndoable(receiptOf(changes))).toBe(can))
})

it('the name of a single action has its system, and no workflow of one’s own is taken for a change', () => {
  expect(runName(receiptOf({ actions_taken: [five] }))).toBe('postgres.delete_row')
  expect(changeKind('team:deploy')).toBeNull()
  expect(changeKind('fact_changed:a:b')).toEqual({ kind: 'fact_changed', of: 'a:b' })
})
