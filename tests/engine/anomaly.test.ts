// Unusual activity: found within a minute, explained by numbers that recompute, silent over steady heavy-tailed weeks, and of a size that no agent can grow.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FIRST_DAY, teamDays } from '../../bench/anomaly_traffic.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import {
  AnomalyRules,
  KEY_PROFILES_MAX,
  memoryActivity,
  observeActivity,
  PROFILES_MAX,
  WINDOW_SECONDS,
  type ActivityBook,
  type AnomalyFinding,
  type AnomalyRulesInput,
  type Observation,
  type Profile
} from '../../src/engine/index.ts'
import { baselineOf, type Day } from '../../src/engine/anomaly_baseline.ts'

const DAY = 86_400
const START = FIRST_DAY * DAY
let seq = 0

function act(at: number, more: Partial<Observation> = {}): Observation {
  const place = more.seq ?? seq++
  const who = { agent: 'agent@x.com', key: 'k1', action: 'postgres.delete_row' }
  return { ...who, at, count: 1, blocked: 0, run_id: `run-${place}`, seq: place, ...more }
}

/** `count` acts, evenly within `seconds`. */
function evenly(start: number, count: number, seconds: number, more: Partial<Observation> = {}): Observation[] {
  return Array.from({ length: count }, (_, i) => act(Math.floor(start + (i * seconds) / count), more))
}

function watching(rules: AnomalyRulesInput = {}, book: ActivityBook = memoryActivity()) {
  const parsed = AnomalyRules.parse(rules)
  return { book, tell: (observations: readonly Observation[]) => observeActivity(book, observations, parsed, nodeHash) }
}

/** Thirty days on each of which the agent deletes four rows around noon, one a minute; 2 to 6 of them, so that there is a spread. */
function steady(days = 30, more: Partial<Observation> = {}): Observation[] {
  return Array.from({ length: days }, (_, n) => evenly(START + n * DAY + 43_200, 2 + (n % 5), 600, more)).flat()
}

describe('a burst of 400 deletes in 60 s', () => {
  it('of an agent that was never seen is found by the cap within the 60 s', () => {
    const { tell } = watching()
    const burst = evenly(START + 7.4, 400, 60)
    const found = burst.flatMap((one) => tell([one]))
    expect(found).toMatchObject([{ agent: 'agent@x.com', action: 'postgres.delete_row', window: 'cap', count: 200, limit: 200 }])
    expect(found[0]!.at).toBeLessThanOrEqual((START + 68) * 1000)
    expect(found[0]!.message).toBe('`agent@x.com` did `postgres.delete_row` 200 times in 60 seconds; the cap is 200')
  })

  it.each([0, 0.25, 0.5, 0.99])('is found wherever in a second it begins (%s), by a cap of exactly 400', (offset) => {
    const { tell } = watching({ caps: [{ action: 'delete_row', max: 400, window_seconds: 60 }] })
    expect(tell(evenly(START + offset, 400, 60))).toMatchObject([{ window: 'cap', count: 400 }])
  })

  it('of a known agent is found sooner, in the minute window, with what was usual, once', () => {
    const { tell } = watching()
    expect(tell(steady())).toEqual([])
    const at = START + 30 * DAY + 50_000
    const found = tell(evenly(at, 400, 60))
    expect(found.map(({ window, count }) => [window, count])).toEqual([
      ['1m', 100],
      ['cap', 200]
    ])
    const [first] = found as [AnomalyFinding]
    expect(first.at).toBeLessThan((at + 20) * 1000)
    expect(first.message).toMatch(
      /^`agent@x\.com` did `postgres\.delete_row` 100 times in the last minute; usual for the busiest minute of a Wednesday is 1 \(\d to \d\), three-sigma limit \d+, fewer than 100 are never reported$/
    )
  })

  it('that is refused is found as well', () => {
    const { tell } = watching()
    const [found] = tell(evenly(START, 400, 60).map((one) => ({ ...one, blocked: 1 })))
    expect(found).toMatchObject({ window: 'cap', count: 200, blocked: 200 })
    expect(found!.message).toContain('`agent@x.com` was refused `postgres.delete_row` 200 times')
  })

  it('of an agent that claims another user each time is found by its key', () => {
    const { tell } = watching()
    const found = tell(evenly(START, 400, 60).map((one, i) => ({ ...one, agent: `user-${i}@x.com` })))
    expect(found).toMatchObject([{ agent: 'key:k1', window: 'cap', count: 200 }])
    expect(found[0]!.message).toContain('the users of key `k1` together did')
  })

  it('is found where it hides among 10,000 invented users and actions', () => {
    const { tell } = watching()
    const noise = (i: number) => act(START + Math.floor(i / 200), { agent: `ghost-${i}@x.com`, action: `made.up_${i}` })
    const all = evenly(START, 400, 50).flatMap((one, i) => [one, ...Array.from({ length: 25 }, (_, j) => noise(i * 25 + j))])
    expect(tell(all.map((one, i) => ({ ...one, seq: i + 1_000_000 }))).map(({ agent, action }) => [agent, action])).toContainEqual([
      'agent@x.com',
      'postgres.delete_row'
    ])
    seq = 2_000_000
  })
})

describe('a slow burn', () => {
  it('of ten times the daily volume, evenly, is found in the hour or day window within the day', () => {
    const { tell } = watching()
    const busy = { action: 'postgres.insert_row' }
    expect(tell(Array.from({ length: 30 }, (_, n) => evenly(START + n * DAY + 28_800, 540 + (n % 7) * 20, 36_000, busy)).flat())).toEqual(
      []
    )
    const found = tell(evenly(START + 30 * DAY, 6_000, DAY - 1, busy))
    expect(found).toMatchObject([{ window: '1d', agent: 'agent@x.com' }])
    expect(found[0]!.at / 1000 - (START + 30 * DAY)).toBeLessThan(12 * 3_600)
  })
})

describe('steady traffic', () => {
  // bench/anomaly prints the same over many months and teams.
  it('of twenty agents with heavy-tailed bursts gives no alert in a week, and at most one a month', () => {
    const { tell } = watching()
    let fifthWeek = 0
    let all = 0
    for (const { day, observations } of teamDays(1)) {
      const found = tell(observations).length
      all += found
      if (day >= FIRST_DAY + 28 && day < FIRST_DAY + 35) fifthWeek += found
      if (day === FIRST_DAY + 59) break
    }
    expect([fifthWeek, all <= 2]).toEqual([0, true])
  }, 60_000)

  it('of an agent that does five times as much on Mondays is told of on a Tuesday alone', () => {
    const monday = (n: number) => n % 7 === 0
    const days = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => i + from).flatMap((n) =>
        evenly(START + n * DAY + 30_000, (monday(n) ? 1_500 : 300) + (n % 3) * 10, 7_000, { action: 'a.b' })
      )
    const { tell } = watching({ margin: 1, min_count: { '1d': 100 } })
    expect(tell(days(0, 49))).toEqual([])
    expect(tell(days(49, 50))).toEqual([])
    const tuesday = evenly(START + 51 * DAY + 30_000, 1_500, 7_000, { action: 'a.b' })
    expect(tell(tuesday).length).toBeGreaterThan(0)
  })
})

describe('what is learnt', () => {
  const at = (n: number) => START + n * DAY + 43_200
  it('does not come from an attack: the day after, the same attack is found again at the same limit', () => {
    const { tell } = watching({ caps: [] })
    tell(steady())
    const limits = [30, 31, 32].map((n) => tell(evenly(at(n), 400, 60)).find(({ window }) => window === '1m')!.limit)
    expect(limits).toEqual([100, 100, 100])
    const profile = knownOf(watching({ caps: [] }), steady().concat(evenly(at(30), 4_000, 60)))
    expect(profile.days.at(-1)![1]).toBeLessThan(40)
  })

  it('nor from a day on which a cap was passed before there was a history', () => {
    const lesson = (n: number) => [...evenly(at(n), 3, 300), ...(n === 4 ? evenly(at(n) + 900, 900, 60) : [])]
    const days = Array.from({ length: 20 }, (_, n) => lesson(n)).flat()
    const { tell } = watching()
    expect(tell(days)).toMatchObject([{ window: 'cap' }])
    expect(tell(evenly(at(20), 150, 50))).toMatchObject([{ window: '1m', limit: 100 }])
  })

  it('comes through in the end where a change lasts', () => {
    const { tell } = watching({ caps: [], min_count: { '1m': 5, '1h': 20, '1d': 20 } })
    tell(steady())
    const alerts = Array.from({ length: 40 }, (_, i) => tell(evenly(at(30 + i), 30 + (i % 5), 600)).length)
    expect(alerts[0]).toBeGreaterThan(0)
    expect(alerts.slice(-10).reduce((sum, one) => sum + one, 0)).toBe(0)
  })

  it('is nothing at all before so many days, whatever happens', () => {
    const { tell } = watching({ caps: [], min_history: 10 })
    expect(tell([...steady(9), ...evenly(at(9), 900, 60)])).toEqual([])
  })
})

function knownOf({ book, tell }: ReturnType<typeof watching>, observations: readonly Observation[]): Profile {
  tell(observations)
  return book.load({ agent: 'agent@x.com', action: 'postgres.delete_row' })!
}

describe('a finding', () => {
  it('can be recomputed by hand from what it carries', () => {
    const { tell } = watching({ caps: [] })
    tell(steady())
    const [{ basis, limit, expected, sigma }] = tell(evenly(START + 30 * DAY + 43_200, 150, 60)) as [AnomalyFinding]
    const { mean_log, sd_log, sigmas, mean_of, record, sigma_limit, record_limit, min_count } = basis!
    expect(sigma_limit).toBe(Math.ceil(Math.exp(mean_log + sigmas * sd_log * Math.sqrt(1 + 1 / mean_of)) - 1))
    expect(record_limit).toBe(2 * record)
    expect(limit).toBe(Math.max(sigma_limit, record_limit, min_count))
    expect(expected).toBe(Math.round(Math.exp(mean_log) - 1))
    expect(sigma).toBe(Math.ceil(Math.exp(mean_log + sd_log) - 1) - expected!)
    expect(sigmas).toBeGreaterThan(3)
  })

  it('is one while it goes on, and is told again after a day', () => {
    const { tell } = watching({ caps: [{ action: 'a.b', max: 20, window_seconds: 60 }] })
    const found = tell(evenly(START, 30 * 1_440, 30 * 3_600, { action: 'a.b' }))
    expect(found.map(({ at }) => Math.round((at / 1000 - START) / 3_600))).toEqual([0, 24])
  })

  it('is told of the user alone where one user explains it', () => {
    const { tell } = watching({ caps: [] })
    tell(steady())
    expect(tell(evenly(START + 30 * DAY, 500, 60)).map(({ agent }) => agent)).toEqual(['agent@x.com'])
  })
})

const Acts = fc.array(
  fc.record({
    at: fc.integer({ min: START, max: START + 40 * DAY }),
    count: fc.integer({ min: 1, max: 300 }),
    agent: fc.nat(3),
    action: fc.nat(2)
  }),
  { maxLength: 60 }
)
const observed = (acts: readonly { at: number; count: number; agent: number; action: number }[]) =>
  acts.map(({ agent, action, ...rest }, i) => act(rest.at, { ...rest, agent: `a${agent}@x.com`, action: `s.x${action}`, seq: i }))

describe('whatever is told', () => {
  const rules: AnomalyRulesInput = {
    min_history: 5,
    min_count: { '1m': 5, '1h': 5, '1d': 5 },
    margin: 1.1,
    caps: [{ action: '*', max: 250, window_seconds: 3_600 }]
  }

  it('counts once, however often it is told', () =>
    fc.assert(
      fc.property(Acts, fc.nat(60), (acts, cut) => {
        const all = observed(acts)
        const once = watching(rules)
        once.tell(all.slice(0, cut))
        once.tell(all)
        const again = once.tell(all)
        const book = JSON.stringify(stateOf(once.book, all))
        expect(again).toEqual([])
        const twice = watching(rules)
        twice.tell(all.slice(0, cut))
        twice.tell(all.slice(0, cut))
        twice.tell(all.slice(cut))
        expect(JSON.stringify(stateOf(twice.book, all))).toBe(book)
      }),
      { seed: 61, numRuns: 150 }
    ))

  it('counts the same in any order within a telling', () =>
    fc.assert(
      fc.property(Acts, fc.integer(), (acts, seed) => {
        const all = observed(acts)
        const shuffled = all.toSorted((a, b) => (Math.imul(a.seq + 1, seed | 1) % 97) - (Math.imul(b.seq + 1, seed | 1) % 97))
        const [one, other] = [watching(rules), watching(rules)]
        expect(other.tell(shuffled)).toEqual(one.tell(all))
        expect(stateOf(other.book, all)).toEqual(stateOf(one.book, all))
      }),
      { seed: 62, numRuns: 150 }
    ))

  it('is found the same whether it is told at once or one by one, where it comes in order', () =>
    fc.assert(
      fc.property(Acts, (acts) => {
        const all = observed(acts.toSorted((a, b) => a.at - b.at))
        const [one, other] = [watching(rules), watching(rules)]
        expect(all.flatMap((each) => other.tell([each]))).toEqual(one.tell(all))
      }),
      { seed: 63, numRuns: 100 }
    ))

  it('gives numbers: never NaN, never a limit that is not one', () =>
    fc.assert(
      fc.property(
        Acts,
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.string({ unit: 'binary', maxLength: 300 }),
        (acts, agent, action) => {
          const { tell } = watching({ ...rules, min_history: 5 })
          const days = Array.from({ length: 12 }, (_, n) => act(START + n * DAY, { agent, action, seq: n }))
          const found = tell([
            ...days,
            ...observed(acts).map((one) => ({ ...one, agent, action, seq: one.seq + 20, at: one.at + 12 * DAY }))
          ])
          for (const each of found) {
            const numbers = [each.at, each.count, each.limit, each.expected ?? 0, each.sigma ?? 0, ...Object.values(each.basis ?? {})]
            expect(numbers.every((one) => one === 'any' || Number.isFinite(one))).toBe(true)
            expect(Number.isSafeInteger(each.limit) && each.limit > 0 && each.count >= each.limit).toBe(true)
          }
        }
      ),
      { seed: 64, numRuns: 150 }
    ))

  it('late by less than its window still counts for it; what makes no sense counts nothing', () => {
    const { tell } = watching({ caps: [{ action: '*', max: 10, window_seconds: 60 }] })
    expect(tell(evenly(START + 60, 5, 5))).toEqual([])
    expect(tell(evenly(START + 20, 5, 5))).toMatchObject([{ window: 'cap', count: 10 }])
    expect(tell([act(Number.NaN, { count: 99 }), act(START, { count: -1 }), act(Infinity, { count: 99 })])).toEqual([])
  })
})

function stateOf(book: ActivityBook, observations: readonly Observation[]): unknown[] {
  return observations.map(({ agent, action }) => [book.load({ agent, action }), book.load({ agent: 'key:k1', action })])
}

describe('the book', () => {
  it('does not grow with invented names, and gives up nothing that is known of others', () => {
    const { tell, book } = watching()
    tell(steady(30, { key: 'victim' }))
    tell(steady(30, { agent: 'known@x.com', key: 'k1' }))
    const before = book.load({ agent: 'agent@x.com', action: 'postgres.delete_row' })
    for (let i = 0; i < 10; i++)
      tell(
        Array.from({ length: 1_000 }, (_, j) =>
          act(START + 31 * DAY + i * 1_000 + j, { agent: `g-${i}-${j}@x.com`, action: `made.up_${i}_${j}` })
        )
      )
    expect([book.countOf('users of k1'), book.countOf('key:k1')]).toEqual([PROFILES_MAX, KEY_PROFILES_MAX])
    expect(book.load({ agent: 'agent@x.com', action: 'postgres.delete_row' })).toEqual(before)
    expect(book.load({ agent: 'known@x.com', action: 'postgres.delete_row' })?.days).toHaveLength(30)
    expect(book.load({ agent: 'key:k1', action: 'postgres.delete_row' })?.days).toHaveLength(30)
  })

  it('keeps a profile below 12 KB, however busy it was for how long', () => {
    const { tell, book } = watching({ caps: Array.from({ length: 50 }, (_, n) => ({ action: '*', max: 1 + n, window_seconds: 60 })) })
    for (let n = 0; n < 58; n++) tell(evenly(START + n * DAY, 100, DAY))
    tell(evenly(START + 58 * DAY, 3_000, 9_000))
    expect(JSON.stringify(book.load({ agent: 'agent@x.com', action: 'postgres.delete_row' })).length).toBeLessThan(12_000)
  })
})

describe('the baseline', () => {
  it('has at least the spread of chance, and widens where days are few', () => {
    const rules = AnomalyRules.parse({ spread_min: 0 })
    const days = (count: number): Day[] => Array.from({ length: count }, (_, n) => [n, 8, 8, 8, 0])
    const few = baselineOf(days(10), 10, '1m', rules)!.basis
    const many = baselineOf(days(56), 56, '1m', rules)!.basis
    expect(few.sd_log).toBeCloseTo(1 / 3)
    expect(few.sigmas).toBeGreaterThan(many.sigmas)
    expect(few.sigmas).toBeCloseTo(4.09, 1)
    expect([few.weekday, many.weekday]).toEqual(['any', (56 + 4) % 7])
    expect(Object.keys(WINDOW_SECONDS)).toEqual(['1m', '1h', '1d'])
  })
})
