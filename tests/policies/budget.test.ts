// The budget family: what they count of a payload, what they refuse to count, and what they say of a budget's figures.
import { describe, expect, it } from 'vitest'
import { BUDGETS_FACT, budgetVerdict, type JsonObject } from '../../src/engine/index.ts'
import * as budget from '../../src/policies/budget/index.ts'
import { contextOf, testPolicy } from './test_policy.ts'

testPolicy(budget.limitRate, {
  params: { max: 10, window: '60s' },
  allows: [{ payload: {} }, { payload: { anything: [1] } }]
})

const amount = (...values: unknown[]) => values.map((value) => ({ payload: { amount: value } as JsonObject }))

testPolicy(budget.limitTotal, {
  params: { field: 'amount', max: 1_000, window: '24h' },
  allows: [
    ...amount(0, 1, 999, 5_000, [], [{}, {}], ['a'], [1, 2]),
    { params: { decimals: 2 }, payload: { amount: 12.5 }, says: '12.5' },
    { params: { decimals: 2 }, payload: { amount: 0.07 }, says: '0.07' },
    { params: { field: 'data.amount' }, payload: { data: { amount: 3 } }, says: '3' },
    { params: { field: ['to', 'cc', 'bcc'] }, payload: { to: 'a@x.org, B@x.org', cc: ['b@x.org', 'c@x.org'] }, says: '3' },
    { params: { field: 'to' }, payload: { to: '"Lovelace, Ada" <ada@x.org>' }, says: '1' }
  ],
  denies: [
    ...amount(-5, -0.5, 1.5, 1e300, 2 ** 53, '5', '1e3', '', null, true, { amount: 1 }).map((row) => ({ ...row, code: 'policy_error' })),
    { payload: { amount: [[1, 2, 3]] }, code: 'policy_error', why: 'a list in a list holds any number' },
    { payload: { amount: [1, null] }, code: 'policy_error' },
    { params: { decimals: 2 }, payload: { amount: 0.001 }, code: 'policy_error' },
    { params: { decimals: 2 }, payload: { amount: 9e15 }, code: 'policy_error' },
    { params: { field: ['to', 'cc'] }, payload: { to: [['a@x.org', 'b@x.org']] }, code: 'policy_error' },
    { params: { field: ['amount', 'fee'] }, payload: { amount: 1, fee: -1 }, code: 'policy_error' },
    { payload: {}, says: 'there is no `amount`' },
    { payload: { Amount: 5 }, says: 'there is no `amount`' },
    { params: { field: 'data.amount' }, payload: { data: [{ amount: 3 }] }, says: 'there is no' },
    { params: { field: '__proto__' }, payload: {}, says: 'there is no' },
    { params: { field: 'constructor.name' }, payload: {}, says: 'there is no' }
  ]
})

describe('parameters', () => {
  const rate = (window: unknown) => () => budget.limitRate({ max: 1, window } as never)
  it.each(['1s', '60s', '1m', '24h', '7d', '31d', 1, 60, 2_678_400])('take the window %s', (window) => expect(rate(window)).not.toThrow())
  it.each(['0s', '1w', '', '60', '1.5h', '-1m', '32d', '999999999d', ' 1m', 0, -1, 1.5, 2_678_401, null])(
    'refuse the window %s',
    (window) => expect(rate(window)).toThrow('policy `limit_rate`: parameter `window`')
  )
  it.each([
    { max: 1, window: '1m' },
    { max: 1, window: '1m', field: 'a', output: 'b' },
    { max: 0, window: '1m', field: 'a' },
    { max: 1.5, window: '1m', field: 'a' },
    { max: 1, window: '1m', field: 'a', at_most: 3 },
    { max: 1, window: '1m', field: [] },
    { max: 1, window: '1m', field: 'a..b' },
    { max: 1, window: '1m', output: 'affected', decimals: 2 }
  ])('of limit_total that do not go together are refused: %j', (params) =>
    expect(() => budget.limitTotal(params as never, { on: ['delete_row'] })).toThrow('policy `limit_total`')
  )
  it('of an output need an action that has it', () => {
    expect(() => budget.limitTotal({ output: 'affected', max: 1, window: '1m' })).toThrow('`output` is an action')
  })
})

describe('a budget', () => {
  const idOf = (params: object, on?: string[], policy: 'limitRate' | 'limitTotal' = 'limitRate') =>
    (policy === 'limitRate' ? budget.limitRate : budget.limitTotal)(params as never, on === undefined ? {} : { on }).budget!.id
  it('has an id of what it counts, whatever it is written like and however much it allows', () => {
    expect(idOf({ max: 10, window: '1m' })).toBe('limit_rate 60s per key')
    expect(idOf({ max: 99, window: 60 })).toBe('limit_rate 60s per key')
    const ids = [
      idOf({ max: 10, window: '1m' }),
      idOf({ max: 10, window: '1h' }),
      idOf({ max: 10, window: '1m', per: 'team' }),
      idOf({ max: 10, window: '1m' }, ['delete_row']),
      idOf({ max: 10, window: '1m' }, ['delete_row', 'update_row']),
      idOf({ max: 10, window: '1m', field: 'amount' }, undefined, 'limitTotal'),
      idOf({ max: 10, window: '1m', field: 'fee' }, undefined, 'limitTotal'),
      idOf({ max: 10, window: '1m', output: 'amount' }, ['delete_row'], 'limitTotal')
    ]
    expect(new Set(ids).size).toBe(ids.length)
    expect(idOf({ max: 10, window: '1m' }, ['b', 'a'])).toBe(idOf({ max: 10, window: '1m' }, ['a', 'b']))
  })

  const fact = (more: object) => ({ scope: 'k1', amount: 1, used: 0, in_flight: 0, max: 10, window_seconds: 60, frees_at: null, ...more })
  const judged = (policy: ReturnType<typeof budget.limitRate>, figures: object, payload: JsonObject = {}) =>
    policy.judge(contextOf({ payload, facts: { [BUDGETS_FACT]: [{ ...fact(figures), budget: policy.budget!.id }] } }))
  const rows = budget.limitRate({ max: 10, window: '60s' }, { on: ['delete_row'] })

  it('says who used how much of it, what is in flight, and when it frees', () => {
    const frees_at = '2026-03-01T04:30:00.000Z'
    expect(judged(rows, { used: 8, in_flight: 2, frees_at })).toEqual({
      effect: 'deny',
      code: 'budget_exhausted',
      reason: '10 of 10 `delete_row` in the last 60 s by key `k1`, 2 of them in flight; the next is free at 2026-03-01T04:30:00.000Z',
      remedy: 'ask again at 2026-03-01T04:30:00.000Z'
    })
    expect(judged(rows, { used: 9 })).toEqual({ effect: 'allow', reason: '10 of 10 `delete_row` in the last 60 s by key `k1`' })
    const money = budget.limitTotal({ field: 'amount', max: 100.5, window: '7d', per: 'user', decimals: 2 })
    expect(judged(money, { scope: 'a@x.org', used: 99.9, amount: 0.7, frees_at }, { amount: 0.7 })).toMatchObject({
      reason: '99.9 of 100.5 `amount` in the last 7 d by user `a@x.org`, and this is 0.7 more; there is room at 2026-03-01T04:30:00.000Z'
    })
    expect(judged(money, { scope: 'a@x.org', used: 99.9, amount: 0.6 }, { amount: 0.6 }).effect).toBe('allow')
    expect(judged(money, { amount: 101 }, { amount: 101 })).toMatchObject({
      reason: '101 `amount` at once, at most 100.5 in 7 d are allowed',
      remedy: 'ask for less at once'
    })
  })

  it('shows hidden characters of a user, and speaks of another budget’s figures not at all', () => {
    const one = budget.limitRate({ max: 1, window: '1m', per: 'user' })
    expect(judged(one, { scope: 'a\u202e@x.org', used: 1 }).reason).toContain('user `a⟨U+202E⟩@x.org`')
    const figures = [{ ...fact({ used: 10 }), budget: 'limit_rate 3600s per key' }]
    expect(rows.judge(contextOf({ facts: { [BUDGETS_FACT]: figures } })).effect).toBe('allow')
    expect(budgetVerdict(rows.budget!, { ...fact({ used: 10 }), budget: 'x' } as never).effect).toBe('deny')
  })

  it('denies what it cannot read even where figures would let it pass', () => {
    const total = budget.limitTotal({ field: 'amount', max: 10, window: '1m' })
    expect(judged(total, { used: 0, amount: 0 }, { amount: -5 })).toMatchObject({ effect: 'deny', code: 'policy_error' })
  })
})
