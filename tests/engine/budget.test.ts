// The machine of budgets: exact sliding windows, whatever order things come in.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BUDGET_ENTRIES_MAX,
  reserveBudgets,
  settleBudgets,
  type BudgetChange,
  type BudgetEntry,
  type BudgetRequest,
  type BudgetWant
} from '../../src/engine/index.ts'
import { seeded } from './seeded.ts'

const WINDOW = 60_000
const want = (more: Partial<BudgetWant> = {}): BudgetWant => ({
  budget: 'b',
  scope: 's',
  amount: 1,
  max: 10,
  windowMs: WINDOW,
  isBinding: true,
  ...more
})

/** Storage that follows the machine. */
function newStore() {
  let entries: BudgetEntry[] = []
  const keyOf = ({ budget, scope, run_id, ordinal }: BudgetEntry) => JSON.stringify([budget, scope, run_id, ordinal])
  const follow = ({ removed, written }: BudgetChange) => {
    const gone = new Set(removed.map(keyOf))
    entries = [...entries.filter((entry) => !gone.has(keyOf(entry))), ...written]
    expect(new Set(entries.map(keyOf)).size, 'one entry a call and bucket').toBe(entries.length)
  }
  return {
    entries: () => entries,
    reserve(run_id: string, now: number, wants: BudgetWant[] = [want()], more: Partial<BudgetRequest> = {}) {
      const step = reserveBudgets(entries, { run_id, ordinal: -1, holdMs: 0, wants, ...more }, now)
      follow(step)
      return step.answer
    },
    settle(run_id: string, now: number, isKept: boolean, amounts: Record<string, number> = {}, ordinal = -1) {
      follow(settleBudgets(entries, { run_id, settled: [{ ordinal, isKept, amounts }] }, now))
    },
    live: (now: number) => entries.filter(({ untilMs }) => untilMs > now)
  }
}

describe('a reservation', () => {
  it('is granted up to the maximum and not once more, and says how things stand', () => {
    const store = newStore()
    for (let i = 0; i < 10; i++) expect(store.reserve(`r${i}`, i * 1_000).granted).toBe(true)
    store.settle('r0', 9_000, true)
    expect(store.reserve('r10', 10_000)).toEqual({
      granted: false,
      figures: [{ budget: 'b', scope: 's', amount: 1, used: 1, inFlight: 9, freesAtMs: 61_000 }]
    })
  })

  it('counts for its whole window from the moment when its call was over, and not a millisecond longer', () => {
    const store = newStore()
    const one = [want({ max: 1 })]
    store.reserve('r1', 0, one)
    store.settle('r1', 20_000, true)
    expect(store.reserve('r2', 79_999, one).granted).toBe(false)
    expect(store.reserve('r2', 80_000, one).granted).toBe(true)
  })

  it('that is never settled counts until its window is over, or as long as it is held', () => {
    const store = newStore()
    const one = [want({ max: 1 })]
    store.reserve('r1', 0, one)
    expect([store.reserve('r2', 59_999, one).granted, store.reserve('r2', 60_000, one).granted]).toEqual([false, true])
    store.settle('r2', 60_001, false)
    store.reserve('r3', 70_000, one, { holdMs: 300_000 })
    expect([store.reserve('r4', 369_999, one).granted, store.reserve('r4', 370_000, one).granted]).toEqual([false, true])
  })

  it('that is given back leaves everything as it was', () => {
    const store = newStore()
    store.reserve('r1', 0)
    const before = store.entries()
    store.reserve('r2', 5, [want({ amount: 9 })])
    store.settle('r2', 6, false)
    expect(store.entries()).toEqual(before)
  })

  it('that is asked for again is the same: it does not stand in its own way and counts once', () => {
    const store = newStore()
    const all = [want({ amount: 10 })]
    for (let i = 0; i < 3; i++) expect(store.reserve('r1', i, all).granted).toBe(true)
    expect(store.live(3)).toHaveLength(1)
    expect(store.reserve('r1', 4, [want({ amount: 11 })]).granted).toBe(false)
    expect(store.live(4)).toMatchObject([{ amount: 10 }])
    expect(store.reserve('r1', 5, [want({ amount: 4 })]).granted).toBe(true)
    expect(store.live(5)).toMatchObject([{ amount: 4 }])
    store.settle('r1', 6, true)
    expect(store.reserve('r1', 7, all)).toMatchObject({ granted: true, figures: [{ amount: 4, used: 0 }] })
    expect(store.live(7)).toMatchObject([{ amount: 4, isUsed: true }])
  })

  it('of several budgets is all or nothing', () => {
    const store = newStore()
    const both = [want(), want({ budget: 'small', max: 1 })]
    expect(store.reserve('r1', 0, both).granted).toBe(true)
    expect(store.reserve('r2', 0, both).granted).toBe(false)
    expect(store.live(0)).toHaveLength(2)
    store.reserve('r3', 0, [want(), want({ budget: 'small', max: 1, isBinding: false })])
    expect(store.live(0).filter(({ run_id }) => run_id === 'r3')).toMatchObject([{ budget: 'b' }])
  })

  it('of nothing takes nothing, and one larger than the whole budget never fits', () => {
    const store = newStore()
    expect(store.reserve('r1', 0, [want({ amount: 0 })]).granted).toBe(true)
    expect(store.entries()).toEqual([])
    expect(store.reserve('r2', 0, [want({ amount: 11 })])).toMatchObject({ granted: false, figures: [{ freesAtMs: null }] })
  })

  it('of other scopes, budgets, calls and runs is another', () => {
    const store = newStore()
    const one = { max: 1 }
    expect(store.reserve('r1', 0, [want(one)]).granted).toBe(true)
    expect(store.reserve('r1', 0, [want({ ...one, scope: 't' })]).granted).toBe(true)
    expect(store.reserve('r1', 0, [want({ ...one, budget: 'c' })]).granted).toBe(true)
    expect(store.reserve('r1', 0, [want(one)], { ordinal: 0 }).granted).toBe(false)
    expect(store.reserve('r2', 0, [want(one)]).granted).toBe(false)
  })
})

describe('a settlement', () => {
  it('says what it really came to, more or less than was reserved', () => {
    const store = newStore()
    store.reserve('r1', 0, [want({ amount: 8 })])
    store.settle('r1', 1, true, { b: 3, other: 9 })
    expect(store.reserve('r2', 2, [want({ amount: 7 })]).granted).toBe(true)
    store.settle('r2', 3, true, { b: 0 })
    expect(store.live(3)).toMatchObject([{ run_id: 'r1', amount: 3 }])
    store.reserve('r3', 4, [want({ amount: 1 })])
    store.settle('r3', 5, true, { b: 50 })
    expect(store.reserve('r4', 6)).toMatchObject({ granted: false, figures: [{ used: 53 }] })
  })

  it('counts once: what was kept is not given back, and what is over does not come back', () => {
    const store = newStore()
    store.reserve('r1', 0)
    store.settle('r1', 1, true)
    store.settle('r1', 2, false)
    store.settle('r1', 3, true)
    expect(store.entries()).toMatchObject([{ isUsed: true, untilMs: 1 + WINDOW }])
    store.reserve('late', 0)
    store.settle('late', WINDOW, true)
    expect(store.live(WINDOW).map(({ run_id }) => run_id)).toEqual(['r1'])
    store.settle('nobody', 5, true)
  })
})

describe('a bucket with very many entries', () => {
  it('counts the oldest together, for longer rather than shorter, and loses nothing', () => {
    const max = BUDGET_ENTRIES_MAX * 3
    let entries: BudgetEntry[] = Array.from({ length: BUDGET_ENTRIES_MAX }, (_, i) => {
      return { budget: 'b', scope: 's', run_id: `r${i}`, ordinal: -1, amount: 1, isUsed: true, windowMs: WINDOW, untilMs: 1_000 + i }
    })
    const step = reserveBudgets(entries, { run_id: 'new', ordinal: -1, holdMs: 0, wants: [want({ max })] }, 0)
    entries = [...entries.filter((entry) => !step.removed.includes(entry)), ...step.written]
    expect(entries.length).toBeLessThan(BUDGET_ENTRIES_MAX * 0.8)
    expect(entries.reduce((sum, { amount }) => sum + amount, 0)).toBe(BUDGET_ENTRIES_MAX + 1)
    for (let now = 1_000; now < 12_000; now += 997) {
      const counted = entries.filter(({ untilMs }) => untilMs > now).reduce((sum, { amount }) => sum + amount, 0)
      const exact = 1 + Math.min(BUDGET_ENTRIES_MAX, Math.max(0, BUDGET_ENTRIES_MAX - 1 - (now - 1_000)))
      expect([counted - exact, now]).toEqual([counted - exact >= 0 && counted - exact <= 1 ? counted - exact : 'too few or too many', now])
    }
  })
})

/** One history: calls that take time, of which some fail, some are never heard of, some ask twice; the effects that they had, with their moments. */
function play(seed: number) {
  const dice = seeded(seed)
  const store = newStore()
  const max = 1 + dice.upTo(12)
  const windowMs = 1_000 * (1 + dice.upTo(20))
  const effects: { at: number; amount: number }[] = []
  const open: { run_id: string; amount: number; askedAt: number; endsAt: number }[] = []
  let refusals = 0
  for (let step = 0, now = 0; step < 120; step++) {
    now += dice.upTo(3) === 0 ? dice.upTo(windowMs) : dice.upTo(300)
    for (const call of open.filter(({ endsAt }) => endsAt <= now)) {
      open.splice(open.indexOf(call), 1)
      const fate = dice.upTo(5)
      const held = store.live(now).some(({ run_id }) => run_id === call.run_id)
      // Whoever acts later than it was held for is outside the promise; the engine's own calls never are.
      if (!held) continue
      if (fate === 0) store.settle(call.run_id, now, false)
      else {
        const real = fate === 1 ? dice.upTo(call.amount + 1) : call.amount
        // Of a call that nobody speaks of again it is only known when it was asked for.
        effects.push({ at: fate === 2 ? call.askedAt : now, amount: real })
        if (fate !== 2) store.settle(call.run_id, now, true, { b: real })
        if (fate !== 2 && dice.chance(0.3)) store.settle(call.run_id, now, dice.chance(0.5))
      }
    }
    const amount = dice.upTo(4)
    const run_id = dice.chance(0.1) && open.length > 0 ? dice.oneOf(open).run_id : `r${step}`
    const again = open.find((one) => one.run_id === run_id)
    const asked = [want({ amount: again?.amount ?? amount, max, windowMs })]
    const { granted, figures } = store.reserve(run_id, now, asked)
    if (!granted) {
      refusals++
      // Never refused without cause, and there is room when it says so.
      const { used, inFlight, freesAtMs } = figures[0]!
      expect(used + inFlight + asked[0]!.amount).toBeGreaterThan(max)
      if (freesAtMs !== null)
        expect(reserveBudgets(store.entries(), { run_id: 'probe', ordinal: -1, holdMs: 0, wants: asked }, freesAtMs).answer.granted).toBe(
          true
        )
      if (freesAtMs !== null)
        expect(
          reserveBudgets(store.entries(), { run_id: 'probe', ordinal: -1, holdMs: 0, wants: asked }, freesAtMs - 1).answer.granted
        ).toBe(false)
    } else if (again === undefined && amount > 0) open.push({ run_id, amount, askedAt: now, endsAt: now + 1 + dice.upTo(400) })
    else if (again !== undefined) again.askedAt = now
    const live = store.live(now).reduce((sum, entry) => sum + entry.amount, 0)
    expect(live, 'what counts never exceeds the maximum').toBeLessThanOrEqual(max)
  }
  return { effects, max, windowMs, refusals }
}

describe('a history', () => {
  it('has no window in which more took effect than is allowed', () => {
    let refusals = 0
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { effects, max, windowMs, ...history } = play(seed)
        refusals += history.refusals
        for (const { at } of effects) {
          const inWindow = effects.filter((one) => one.at <= at && one.at > at - windowMs).reduce((sum, { amount }) => sum + amount, 0)
          expect(inWindow).toBeLessThanOrEqual(max)
        }
      }),
      { seed: 6, numRuns: 400 }
    )
    expect(refusals).toBeGreaterThan(1_000)
  })
})
