// The demo's own checks: whatever is not as it claims makes it fail, and its text fits a terminal. The real run is tests/slow/demo.test.ts.
import { describe, expect, test } from 'vitest'
import type { Act, Acts, Exhibit } from '../../src/cli/demo/acts.ts'
import { checksOf } from '../../src/cli/demo/checks.ts'
import { CUSTOMERS, EXPIRED, type Customer, type Table } from '../../src/cli/demo/customers.ts'
import type { Proof } from '../../src/cli/demo/evidence.ts'
import { reportOf } from '../../src/cli/demo/report.ts'
import { blockText, closingText, openingText, passText, proofText, rollbackText } from '../../src/cli/demo/show.ts'
import type { ItemResult, Verification } from '../../src/cli/receipts/check.ts'
import type { ActionTaken, Receipt } from '../../src/engine/index.ts'
import { receiptOf, runId } from '../adapters/receipt_samples.ts'

const GONE = new Set([6, 14, 23, 31, 40])
const CHECKS_ALL = { shape: 'ok', hmac: 'not_checked', ed25519: 'ok', leaf: 'ok', proof: 'ok' } as const

const customer = (id: number): Customer => {
  const plan = GONE.has(id) ? EXPIRED : 'team'
  return { id, name: `Name ${id}`, email: `${id}@example.com`, plan, text: `(${id},${plan})` }
}
const table = (customers: readonly Customer[]): Table => ({
  customers,
  rows: customers.length,
  checksum: JSON.stringify(customers).length.toString(16).repeat(16)
})
const ALL = table(Array.from({ length: CUSTOMERS }, (_, i) => customer(i + 1)))
const LEFT = table(ALL.customers.filter(({ id }) => !GONE.has(id)))

function taken(more: Partial<ActionTaken>): ActionTaken {
  const at = '2026-03-01T00:00:00Z'
  return {
    action: 'delete_row',
    system: 'postgres',
    success: true,
    status: 'DONE',
    output: {},
    rollback_data: null,
    resources: [],
    started_at: at,
    finished_at: at,
    error: null,
    ...more
  }
}

function act(name: Act['act'], n: number, before: Table, after: Table, more: Partial<Receipt>): Act {
  const receipt = receiptOf(n, { ledger: { seq: n, leaf: '0'.repeat(64), prev: '0'.repeat(64) }, ...more })
  const { run_id, decision, outcome } = receipt
  const body = { workflow: 'delete_row', user_email: 'agent@company.com', payload: { table: 'customers', where: {} } }
  return {
    act: name,
    asked: { path: '/runs', body },
    answer: { run_id, decision, outcome, receipt },
    before,
    after,
    exhibits: [{ label: name, receipt, proof: null }]
  }
}

/** A demo in which everything went well. */
function good(): { acts: Acts; proof: Proof } {
  const images = ALL.customers.filter(({ id }) => GONE.has(id)).map(({ id, name, email, plan }) => ({ id: String(id), name, email, plan }))
  const denial = {
    policy: 'dont_delete_without_where',
    passed: false,
    effect: 'deny',
    reason: 'DELETE has no WHERE',
    remedy: 'name the rows'
  } as const
  const inverse = { action: 'restore_rows', input: { table: 'customers', rows: images }, expect: {} }
  const block = act('BLOCK', 0, ALL, ALL, { decision: 'BLOCK', outcome: 'NONE', policy_results: [denial] })
  const pass = act('PASS', 1, ALL, LEFT, { actions_taken: [taken({ output: { before: images }, rollback_data: inverse })] })
  const planned = act('ROLLBACK', 2, LEFT, LEFT, {
    outcome: 'NONE',
    actions_taken: [taken({ action: 'restore_rows', status: 'SKIPPED', output: { would: 'REVERTED', input: inverse.input } })]
  })
  const rollback = {
    ...act('ROLLBACK', 3, LEFT, ALL, { actions_taken: [taken({ action: 'restore_rows', status: 'REVERTED' })] }),
    rehearsal: planned
  }
  return { acts: { block, pass, rollback }, proof: { verification: verification(true), changed: verification(false), bytesChanged: 1 } }
}

function verification(ok: boolean): Verification {
  const item = (n: number): ItemResult => ({
    label: `${n}`,
    run_id: runId(n),
    revision: 0,
    team_id: 'demo',
    ok: true,
    checks: CHECKS_ALL,
    problems: []
  })
  const receipts = [0, 1, 2, 3].map((n) =>
    ok || n !== 1
      ? item(n)
      : { ...item(n), ok: false, checks: { ...CHECKS_ALL, ed25519: 'failed' as const }, problems: ['the Ed25519 signature is not valid'] }
  )
  const ledger = { team_id: 'demo', from: 0, to: 3, chain: 'ok', complete: 'ok', problems: [], notes: [] } as const
  return { ok, receipts, ledgers: [ledger], problems: [], notes: [] }
}

type Demo = ReturnType<typeof good>
type Change = (demo: Demo) => Demo
const withAct =
  (name: keyof Acts, change: (each: Act) => Partial<Act>): Change =>
  (demo) => ({ ...demo, acts: { ...demo.acts, [name]: { ...demo.acts[name], ...change(demo.acts[name]) } } })
const answer = (name: keyof Acts, more: Partial<Act['answer']>): Change =>
  withAct(name, (each) => ({ answer: { ...each.answer, ...more } }))
const receipt = (name: keyof Acts, change: (receipt: Receipt) => Partial<Receipt>): Change =>
  withAct(name, (each) => ({ answer: { ...each.answer, receipt: { ...each.answer.receipt, ...change(each.answer.receipt) } } }))
const proof =
  (change: (proof: Proof) => Partial<Proof>): Change =>
  (demo) => ({ ...demo, proof: { ...demo.proof, ...change(demo.proof) } })
const without = (from: Table, id: number) => table(from.customers.filter((each) => each.id !== id))
const changedRow = (from: Table, id: number) =>
  table(from.customers.map((each) => (each.id === id ? { ...each, text: `${each.text} changed` } : each)))
const rehearsal =
  (change: (each: Pick<Act, 'answer' | 'after' | 'asked'>) => object): Change =>
  (demo) => ({
    ...demo,
    acts: {
      ...demo.acts,
      rollback: { ...demo.acts.rollback, rehearsal: { ...demo.acts.rollback.rehearsal, ...change(demo.acts.rollback.rehearsal) } }
    }
  })

/** What goes wrong, and the claims that must not hold then. */
const LIES: readonly [string, Change, readonly RegExp[]][] = [
  ['the DELETE without WHERE passes', answer('block', { decision: 'PASS' }), [/is a BLOCK/]],
  ['it is blocked, but something was done', receipt('block', () => ({ actions_taken: [taken({})] })), [/has done nothing/]],
  [
    'it is blocked without a remedy',
    receipt('block', ({ policy_results }) => ({
      policy_results: policy_results.map(({ policy, passed, effect, reason }) => ({ policy, passed, effect, reason }))
    })),
    [/a reason and a remedy/]
  ],
  ['a blocked DELETE takes a row', withAct('block', () => ({ after: without(ALL, 7) })), [/same rows as before/]],
  ['the table is not the one that is shown', withAct('block', () => ({ before: LEFT, after: LEFT })), [/47 rows/]],
  ['the DELETE of five rows fails', answer('pass', { outcome: 'FAILED' }), [/five rows is a PASS/]],
  [
    'it takes a sixth row',
    withAct('pass', () => ({ after: without(LEFT, 7) })),
    [/exactly the five/, /before-image|as they were/, /that were gone/]
  ],
  [
    'it changes a row that it leaves',
    withAct('pass', () => ({ after: changedRow(LEFT, 7) })),
    [/exactly the five/, /every other row/, /as they were/, /that were gone/]
  ],
  [
    'the receipt has four of five rows',
    receipt('pass', ({ actions_taken: [one] }) => ({
      actions_taken: [{ ...one!, output: { before: (one!.output.before as object[]).slice(1) as never } }]
    })),
    [/as they were/]
  ],
  [
    'the receipt has no inverse',
    receipt('pass', ({ actions_taken: [one] }) => ({ actions_taken: [{ ...one!, rollback_data: 'irreversible' }] })),
    [/how to bring them back/]
  ],
  ['the dry run does something', rehearsal(() => ({ after: ALL })), [/dry run has changed nothing/]],
  [
    'the dry run does not know',
    rehearsal(({ answer: one }) => ({
      answer: { ...one, receipt: { ...one.receipt, actions_taken: [taken({ status: 'SKIPPED', output: { would: 'UNKNOWN' } })] } }
    })),
    [/dry run says/]
  ],
  ['the rollback is partial', answer('rollback', { decision: 'PARTIAL', outcome: 'PARTIAL' }), [/rollback is a PASS/]],
  ['one row stays away', withAct('rollback', () => ({ after: without(ALL, 6) })), [/gone are back/, /checksum/]],
  ['one row comes back changed', withAct('rollback', () => ({ after: changedRow(ALL, 6) })), [/gone are back/, /checksum/]],
  ['a receipt does not verify', proof(() => ({ verification: verification(false) })), [/every receipt verifies/]],
  [
    'a receipt was not checked against published keys',
    proof(({ verification: one }) => ({
      verification: { ...one, receipts: one.receipts.map((each) => ({ ...each, checks: { ...each.checks, ed25519: 'not_checked' } })) }
    })),
    [/every receipt verifies/]
  ],
  [
    'the last receipts are missing',
    proof(({ verification: one }) => ({ verification: { ...one, ledgers: one.ledgers.map((each) => ({ ...each, complete: 'failed' })) } })),
    [/complete by its signed checkpoint/]
  ],
  ['there is no ledger', proof(({ verification: one }) => ({ verification: { ...one, ledgers: [] } })), [/chain is whole/]],
  ['the changed copy passes', proof(() => ({ changed: verification(true) })), [/one byte changed/]],
  ['the copy was not changed, or by more than a byte', proof(() => ({ bytesChanged: 0 })), [/one byte changed/]]
]

describe('the demo', () => {
  test('holds where everything is as it claims', () => {
    const { acts, proof: proven } = good()
    const checks = checksOf(acts, proven)
    expect(checks.filter(({ held }) => !held)).toEqual([])
    expect(reportOf(acts, proven, { checks, seconds: 1.23, kept: null, running: null })).toMatchObject({ ok: true, seconds: 1.2 })
  })

  test.each(LIES)('fails where %s', (_what, change, claims) => {
    const { acts, proof: proven } = change(good())
    const checks = checksOf(acts, proven)
    const failed = checks.filter(({ held }) => !held).map(({ claim }) => claim)
    for (const claim of claims) expect(failed).toContainEqual(expect.stringMatching(claim))
    expect(failed).toHaveLength(claims.length)
    expect(reportOf(acts, proven, { checks, seconds: 1, kept: null, running: null }).ok).toBe(false)
    expect(closingText({ checks, seconds: 1, kept: null, running: null })).toContain(`${claims.length} of ${checks.length} checks FAILED`)
  })

  test('fits 80 columns, and shows nothing that could move the cursor', () => {
    const { acts, proof: proven } = receipt('block', ({ policy_results: [one] }) => ({
      policy_results: [{ ...one!, reason: `\u001b[2J${'long '.repeat(40)}` }]
    }))(good())
    const exhibits: readonly Exhibit[] = [...acts.block.exhibits, ...acts.pass.exhibits, ...acts.rollback.exhibits]
    const checks = checksOf(acts, proven)
    const text = [
      openingText(),
      blockText(acts.block),
      passText(acts.pass),
      rollbackText(acts.rollback, acts.pass),
      proofText(proven, exhibits, true),
      closingText({ checks, seconds: 9.99, kept: null, running: null })
    ].join('\n')
    expect(text.split('\n').filter((line) => [...line].length > 80)).toEqual([])
    expect(text).not.toContain('\u001b')
    expect(text).toContain('\\u{1b}')
  })
})
