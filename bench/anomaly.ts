// How often alerts on unusual activity are false, and how soon they are right: `npx node bench/anomaly.ts [months] [teams]` (6 months of 4 teams). See docs/guide/anomalies.md.
import { nodeHash } from '../src/adapters/hash/index.ts'
import {
  ANOMALY_DEFAULTS,
  memoryActivity,
  observeActivity,
  type AnomalyFinding,
  type AnomalyRules,
  type Observation
} from '../src/engine/index.ts'
import { median } from './measure.ts'
import { FIRST_DAY, teamDays } from './anomaly_traffic.ts'

const DAY = 86_400
const MONTH_DAYS = 30
/** Attacks are tried on teams that have been watched for so long. */
const LEARNT_DAYS = 60

/** What one team's steady months gave. */
export interface SteadyMonths {
  readonly days: number
  readonly acts: number
  readonly findings: readonly AnomalyFinding[]
  /** What plain three sigma over the counts of minutes, hours and days would have alerted, by the same cool-down. */
  readonly naive: number
  readonly nanoseconds: number
}

/** A team without attacks. Everything that is found is a false alarm. */
export function steadyMonths(seed: number, days: number, rules: AnomalyRules = ANOMALY_DEFAULTS): SteadyMonths {
  const book = memoryActivity()
  const findings: AnomalyFinding[] = []
  const plain = plainThreeSigma()
  let acts = 0
  let took = 0n
  for (const { day, observations } of teamDays(seed)) {
    if (day >= FIRST_DAY + days) break
    acts += observations.length
    const started = process.hrtime.bigint()
    findings.push(...observeActivity(book, observations, rules, nodeHash))
    took += process.hrtime.bigint() - started
    plain.tell(observations)
  }
  return { days, acts, findings, naive: plain.alarms(), nanoseconds: Number(took) }
}

/** The textbook: mean and standard deviation of the counts of all minutes so far (Welford), alert above three of them, an hour's silence. */
function plainThreeSigma() {
  const known = new Map<string, { n: number; mean: number; squares: number; minute: number; count: number; since: number; quiet: number }>()
  let alarms = 0
  const close = (one: { n: number; mean: number; squares: number }, count: number, minutes: number) => {
    for (const [value, times] of [
      [count, 1],
      [0, minutes - 1]
    ] as const) {
      if (times <= 0) continue
      const total = one.n + times
      const delta = value - one.mean
      one.squares += delta * delta * ((one.n * times) / total)
      one.mean += (delta * times) / total
      one.n = total
    }
  }
  return {
    alarms: () => alarms,
    tell(observations: readonly Observation[]) {
      for (const { agent, action, at } of observations) {
        const id = `${agent} ${action}`
        const minute = Math.floor(at / 60)
        const one = known.get(id) ?? { n: 0, mean: 0, squares: 0, minute, count: 0, since: minute, quiet: 0 }
        known.set(id, one)
        if (minute > one.minute) {
          close(one, one.count, minute - one.minute)
          one.minute = minute
          one.count = 0
        }
        one.count++
        const limit = one.mean + 3 * Math.sqrt(one.squares / Math.max(1, one.n))
        if (minute - one.since > 10 * 1_440 && one.count > limit && minute >= one.quiet) {
          alarms++
          one.quiet = minute + 60
        }
      }
    }
  }
}

/** What became of attacks on a team that was watched before: one of every kind on each habit, each on a team of its own as it was then. */
export function attacks(
  seed: number,
  rules: AnomalyRules = ANOMALY_DEFAULTS
): { readonly burst: Attacked; readonly strange: Attacked; readonly slow: Attacked } {
  const history: Observation[] = []
  for (const { day, observations } of teamDays(seed)) {
    if (day >= FIRST_DAY + LEARNT_DAYS) break
    history.push(...observations)
  }
  const volumes = new Map<string, { agent: string; action: string; key: string | null; daily: number[] }>()
  for (const { agent, action, key, at } of history) {
    const one = volumes.get(`${agent} ${action}`) ?? { agent, action, key, daily: Array.from({ length: LEARNT_DAYS }, () => 0) }
    one.daily[Math.floor(at / DAY) - FIRST_DAY]!++
    volumes.set(`${agent} ${action}`, one)
  }
  const start = (FIRST_DAY + LEARNT_DAYS) * DAY
  const burst = newAttacked()
  const strange = newAttacked()
  const slow = newAttacked()
  for (const { agent, action, key, daily } of volumes.values()) {
    const own = history.filter((one) => one.agent === agent && one.action === action)
    const who = { agent, key, action }
    const usual = daily.filter((count) => count > 0)
    note(burst, own, spread(who, start + 7, 400, 60), rules)
    note(slow, own, spread(who, start, Math.round(10 * median(usual)), DAY - 1), rules)
  }
  for (let n = 0; n < 20; n++)
    note(
      strange,
      [],
      spread({ agent: `new-${n}@company.com`, key: 'key-0', action: 'postgres.delete_row' }, start + n * 0.05, 400, 60),
      rules
    )
  return { burst, strange, slow }
}

/** Delays in seconds, of those that were found. */
export interface Attacked {
  tried: number
  readonly delays: number[]
  /** Of slow ones: those that came to fewer than are ever reported. */
  small: number
}

function newAttacked(): Attacked {
  return { tried: 0, delays: [], small: 0 }
}

function spread(who: Pick<Observation, 'agent' | 'key' | 'action'>, start: number, count: number, seconds: number): Observation[] {
  return Array.from({ length: count }, (_, i) => ({
    ...who,
    at: Math.floor(start + (i * seconds) / count),
    count: 1,
    blocked: 0,
    run_id: `attack-${i}`,
    seq: 1e9 + i
  }))
}

function note(attacked: Attacked, own: readonly Observation[], attack: readonly Observation[], rules: AnomalyRules): void {
  const book = memoryActivity()
  observeActivity(book, own, rules, nodeHash)
  const [first] = observeActivity(book, attack, rules, nodeHash)
  attacked.tried++
  if (first !== undefined) attacked.delays.push(first.at / 1000 - attack[0]!.at)
  else if (attack.length < rules.min_count['1d']) attacked.small++
}

/** Everything as lines. */
export function report(months: number, teams: number): string[] {
  const all = Array.from({ length: teams }, (_, n) => steadyMonths(n + 1, months * MONTH_DAYS))
  const total = months * teams
  const found = all.flatMap(({ findings }) => findings)
  const acts = all.reduce((sum, one) => sum + one.acts, 0)
  const per = (count: number) => (count / total).toFixed(2)
  const windows = (['1m', '1h', '1d', 'cap'] as const).map(
    (window) => `${window} ${per(found.filter((one) => one.window === window).length)}`
  )
  const { burst, strange, slow } = attacks(1)
  const slowest = (delays: readonly number[]) => Math.max(...delays)
  return [
    `steady traffic: ${teams} teams of 20 agents, ${months} months of 30 days each, ${Math.round(acts / total / MONTH_DAYS)} acts a day a team`,
    `  false alarms a month a team: ${per(found.length)} (${windows.join(', ')}); plain three sigma over minutes: ${per(all.reduce((sum, one) => sum + one.naive, 0))}`,
    `  by team: ${all.map(({ findings }) => findings.length).join(', ')} in ${months} months`,
    `400 in 60 s, on each of ${burst.tried} habits after ${LEARNT_DAYS} days: ${burst.delays.length} found, after ${median(burst.delays)} s (median), ${slowest(burst.delays)} s at most`,
    `400 deletes in 60 s by agents never seen: ${strange.delays.length} of ${strange.tried} found, after ${slowest(strange.delays)} s at most`,
    `ten times the daily volume, spread over a day: ${slow.delays.length} of ${slow.tried - slow.small} found, after ${(median(slow.delays) / 3_600).toFixed(1)} h (median); ${slow.small} more came to fewer than ${ANOMALY_DEFAULTS.min_count['1d']}, which is never reported`,
    `cost: ${(all.reduce((sum, one) => sum + one.nanoseconds, 0) / acts / 1_000).toFixed(1)} µs an act, counted for the user and for the key`
  ]
}

if (process.argv[1] === import.meta.filename) {
  const [months = 6, teams = 4] = process.argv.slice(2).map(Number)
  for (const line of report(months, teams)) console.log(line)
}
