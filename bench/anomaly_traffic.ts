// Seeded traffic of a team's agents: working hours, weekends, holidays, growth, Poisson minutes, and bursts with heavy tails. Nothing in it is an attack.
import type { Observation } from '../src/engine/index.ts'

/** What one agent does with one action. Rates are of an ordinary working day at the beginning. */
interface Habit {
  readonly agent: string
  readonly key: string
  readonly action: string
  /** Single acts a day, by chance (Poisson). */
  readonly background: number
  /** Bursts a day, by chance. */
  readonly bursts: number
  readonly tail:
    | { readonly kind: 'pareto'; readonly alpha: number; readonly least: number }
    | { readonly kind: 'lognormal'; readonly mean: number; readonly sigma: number }
  /** Seconds between the acts of a burst, on average. */
  readonly pace: number
  readonly weekend: number
  /** At any hour, or while people work. */
  readonly hours: 'all' | 'work'
  /** A nightly job of about this size; 0 = none. */
  readonly nightly: number
  readonly growth: number
}

/** A seeded source of 0 ≤ x < 1 (mulberry32). */
export function seededRoll(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let word = Math.imul(state ^ (state >>> 15), state | 1)
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61)
    return ((word ^ (word >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** No agent does more in one go. */
const BURST_MAX = 3_000
const DAY = 86_400
/** A Monday. */
export const FIRST_DAY = Date.UTC(2026, 0, 5) / 1000 / DAY

const ACTIONS = [
  'postgres.insert_row',
  'postgres.update_row',
  'postgres.delete_row',
  'github.create_branch',
  'github.create_pr',
  'agent.shell',
  'agent.edit_file',
  'agent.read_file',
  'slack.post_message',
  'filesystem.write_file'
]

/** The days of a team of `agents`, one after the other, for ever; the same for the same seed. */
export function* teamDays(seed: number, agents = 20): Generator<{ readonly day: number; readonly observations: Observation[] }> {
  const roll = seededRoll(seed)
  const habits = habitsOf(agents, roll)
  let seq = 0
  for (let n = 0; ; n++) {
    const day = FIRST_DAY + n
    const acts = habits.flatMap((habit) => timesOf(habit, n, roll).map((second) => ({ habit, at: day * DAY + second })))
    acts.sort((a, b) => a.at - b.at)
    const observations = acts.map(({ habit: { agent, key, action }, at }) => ({
      agent,
      key,
      action,
      at,
      count: 1,
      blocked: 0,
      run_id: `run-${seq}`,
      seq: seq++
    }))
    yield { day, observations }
  }
}

function habitsOf(agents: number, roll: () => number): Habit[] {
  return Array.from({ length: agents }, (_, n) => {
    const hours = roll() < 0.6 ? ('work' as const) : ('all' as const)
    const weekend = hours === 'work' ? 0.15 * roll() : 0.4 + 0.6 * roll()
    const growth = roll() < 0.5 ? 0.03 * roll() : 0
    const nightly = n % 7 === 3
    const actions = ACTIONS.filter(() => roll() < 0.55)
    return actions.map((action, i) => ({
      agent: `agent-${n}@company.com`,
      key: `key-${n % 6}`,
      action,
      background: Math.exp(normal(roll) * 1.2 + 2.5),
      bursts: Math.exp(normal(roll) * 0.8 + 0.7),
      tail:
        roll() < 0.5
          ? { kind: 'pareto' as const, alpha: 1.4 + roll(), least: 2 + Math.floor(roll() * 6) }
          : { kind: 'lognormal' as const, mean: 1.5 + roll() * 1.5, sigma: 0.7 + roll() * 0.6 },
      pace: 0.5 + roll() * 4,
      weekend,
      hours,
      nightly: nightly && i === 0 ? 100 + Math.floor(roll() * 400) : 0,
      growth
    }))
  }).flat()
}

/** Public holidays, and two weeks in which hardly anybody works. */
function isHoliday(n: number): boolean {
  return n % 37 === 17 || (n % 182 > 100 && n % 182 < 114)
}

function timesOf(habit: Habit, n: number, roll: () => number): number[] {
  const weekday = n % 7
  const rest = weekday >= 5 ? habit.weekend : isHoliday(n) ? Math.max(0.05, habit.weekend / 2) : 1
  const level = rest * Math.exp(habit.growth * (n / 7)) * Math.exp(normal(roll) * 0.35)
  const times: number[] = []
  for (let i = poisson(habit.background * level, roll); i > 0; i--) times.push(hourOf(habit, roll))
  for (let i = poisson(habit.bursts * level, roll); i > 0; i--)
    burst(hourOf(habit, roll), sizeOf(habit.tail, roll), habit.pace, roll, times)
  if (habit.nightly > 0)
    burst(2 * 3_600 + roll() * 2_400, habit.nightly * Math.exp(normal(roll) * 0.25 + (habit.growth * n) / 7), 0.7, roll, times)
  return times.map(Math.floor).filter((second) => second < DAY)
}

function burst(start: number, size: number, pace: number, roll: () => number, times: number[]): void {
  let at = start
  for (let i = 0; i < size; i++) {
    times.push(at)
    at += -Math.log(1 - roll()) * pace
  }
}

function sizeOf(tail: Habit['tail'], roll: () => number): number {
  const size = tail.kind === 'pareto' ? tail.least * (1 - roll()) ** (-1 / tail.alpha) : Math.exp(tail.mean + tail.sigma * normal(roll))
  return Math.min(BURST_MAX, Math.round(size))
}

/** A second of the day: any, or around eleven and three. */
function hourOf({ hours }: Habit, roll: () => number): number {
  if (hours === 'all') return roll() * DAY
  const hour = (roll() < 0.5 ? 10.5 : 15) + normal(roll) * 1.6
  return Math.min(DAY - 1, Math.max(0, hour * 3_600))
}

function normal(roll: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - roll())) * Math.cos(2 * Math.PI * roll())
}

function poisson(mean: number, roll: () => number): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(roll)))
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = roll(); product > limit; product *= roll()) count++
  return count
}
