// What was found unusual, with every number that it takes to find it again by hand, and its sentence.
import { quoted } from './quoted.ts'
import type { AnomalyCap, AnomalyWindow } from './anomaly_rules.ts'

/** What history says of one window. Counts are of the busiest such window of a day. */
export interface AnomalyBasis {
  /** `any` = of all days, else of this day of the week alone (0 = Sunday). */
  readonly weekday: 'any' | 0 | 1 | 2 | 3 | 4 | 5 | 6
  /** Days on which the agent did this, and how many of them gave the mean. */
  readonly days: number
  readonly mean_of: number
  /** Mean and standard deviation of ln(1 + count). */
  readonly mean_log: number
  readonly sd_log: number
  /** One standard deviation below and above the mean, as counts. */
  readonly low: number
  readonly high: number
  /** The sigmas asked for, widened (Student) because a few days tell a spread only roughly. */
  readonly sigmas: number
  /** exp(mean_log + sigmas · sd_log · √(1 + 1/mean_of)) − 1, rounded up. */
  readonly sigma_limit: number
  /** The most in any such window of these days on which nothing was found. */
  readonly record: number
  /** record × margin, rounded up. */
  readonly record_limit: number
  readonly min_count: number
}

/** One agent did one thing more often than it should have. */
export interface AnomalyFinding {
  /** The same when the same is found again. */
  readonly id: string
  /** The claimed user, or `key:<id>` where only the key's users together stand out. */
  readonly agent: string
  readonly action: string
  readonly window: AnomalyWindow | 'cap'
  readonly window_seconds: number
  /** When the limit was passed, by the receipts' own times; milliseconds since 1970. */
  readonly at: number
  /** How often by then, within the window. */
  readonly count: number
  /** How many of these were not done: blocked. */
  readonly blocked: number
  /** What the busiest window of a day usually has; null of a cap. */
  readonly expected: number | null
  /** How far one standard deviation above that is; null of a cap. */
  readonly sigma: number | null
  /** From this count on it is reported. */
  readonly limit: number
  readonly message: string
  /** The run that passed the limit. */
  readonly run_id: string
  readonly basis: AnomalyBasis | null
  readonly cap: AnomalyCap | null
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const
const WITHIN: Readonly<Record<AnomalyWindow, readonly [last: string, busiest: string]>> = {
  '1m': ['the last minute', 'the busiest minute'],
  '1h': ['the last hour', 'the busiest hour'],
  '1d': ['the last 24 hours', 'the busiest 24 hours']
}

/** One sentence for people: what came, what was expected, its spread, the limit. What an agent chose stands in backticks. */
export function anomalyMessage(found: Omit<AnomalyFinding, 'message' | 'id'>): string {
  const { agent, action, window, window_seconds, count, blocked, limit, basis } = found
  const who = agent.startsWith('key:') ? `the users of key ${quoted(agent.slice(4))} together` : quoted(agent)
  const did = blocked === count ? `were refused` : 'did'
  const tried = blocked > 0 && blocked < count ? ` (${blocked} of them refused)` : ''
  const verb = blocked === count && !agent.startsWith('key:') ? 'was refused' : did
  const span = window === 'cap' ? lengthText(window_seconds) : WITHIN[window][0]
  const head = `${who} ${verb} ${quoted(action)} ${times(count)}${tried} in ${span}`
  if (window === 'cap' || basis === null) return `${head}; the cap is ${limit}`
  const of = basis.weekday === 'any' ? 'a day' : `a ${WEEKDAYS[basis.weekday]}`
  const usual = `usual for ${WITHIN[window][1]} of ${of} is ${found.expected} (${basis.low} to ${basis.high}), three-sigma limit ${basis.sigma_limit}`
  const why =
    limit === basis.sigma_limit
      ? ''
      : limit === basis.min_count
        ? `, fewer than ${limit} are never reported`
        : `, reported from ${limit} on since the record is ${basis.record}`
  return `${head}; ${usual}${why}`
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}

function lengthText(seconds: number): string {
  if (seconds % 3_600 === 0) return seconds === 3_600 ? 'an hour' : `${seconds / 3_600} hours`
  return seconds === 60 ? '60 seconds' : seconds === 1 ? 'a second' : `${seconds} seconds`
}
