// What is usual, from the days before: mean and spread of the busiest window of a day, on a logarithmic scale, by day of the week once there are enough weeks.
import type { AnomalyBasis } from './anomaly_finding.ts'
import { ANOMALY_WINDOWS, type AnomalyRules, type AnomalyWindow } from './anomaly_rules.ts'

/** History reaches so many days back. */
export const HISTORY_DAYS = 56
/** So many days of the same day of the week must have been seen before it counts for itself. */
const WEEKS_MIN = 4

/** After so many days, twice the record's limit stands for three sigmas in the minute window, where these are more. */
const FAR_DAYS = 28

/** A day's busiest minute, hour and 24 hours; `flags` are bits of the windows in which something was found, and `UNKNOWN_DAY`. */
export type Day = readonly [day: number, minute: number, hour: number, whole: number, flags: number]

/** Set where a cap was passed before there was a history: what that day was like is not learnt. */
export const UNKNOWN_DAY = 8

/** What history says and the first count that is reported; null while there is too little of it. */
export function baselineOf(
  days: readonly Day[],
  today: number,
  window: AnomalyWindow,
  rules: AnomalyRules
): { readonly basis: AnomalyBasis; readonly limit: number } | null {
  const column = (ANOMALY_WINDOWS.indexOf(window) + 1) as 1 | 2 | 3
  const known = days.filter((day) => day[0] < today && day[0] >= today - HISTORY_DAYS && day[column] > 0 && (day[4] & UNKNOWN_DAY) === 0)
  if (known.length < rules.min_history) return null
  const { weekday, mean_log, mean_of, variance, freedom } = levelOf(
    known.map((day) => [weekdayOf(day[0]), Math.log1p(day[column])]),
    weekdayOf(today)
  )
  const expected = Math.expm1(mean_log)
  // A count has at least the spread that chance gives it (Poisson: 1/√n on this scale).
  const sd_log = Math.max(Math.sqrt(variance), rules.spread_min, 1 / Math.sqrt(1 + expected))
  const sigmas = student(rules.sigma, freedom)
  const sigma_limit = whole(Math.expm1(mean_log + sigmas * sd_log * Math.sqrt(1 + 1 / mean_of)))
  const found = 1 << (column - 1)
  const alike = weekday === 'any' ? known : known.filter((day) => weekdayOf(day[0]) === weekday)
  const record = alike.reduce((most, day) => ((day[4] & found) === 0 ? Math.max(most, day[column]) : most), 0)
  const record_limit = whole(record * rules.margin)
  const min_count = rules.min_count[window]
  const basis: AnomalyBasis = {
    weekday,
    days: known.length,
    mean_of,
    mean_log,
    sd_log,
    low: Math.max(0, Math.round(Math.expm1(mean_log - sd_log))),
    high: whole(Math.expm1(mean_log + sd_log)),
    sigmas,
    sigma_limit,
    record,
    record_limit,
    min_count
  }
  // Over a scattered past three sigmas reach very far. How fast an agent can go is bounded, so in a minute a multiple of the record is as unheard of.
  const far = window === '1m' && known.length >= FAR_DAYS ? record_limit * 2 : Infinity
  return { basis, limit: Math.max(Math.min(sigma_limit, far), record_limit, min_count) }
}

interface Level {
  readonly weekday: AnomalyBasis['weekday']
  readonly mean_log: number
  readonly mean_of: number
  readonly variance: number
  readonly freedom: number
}

/** Mean of this day of the week where there are enough of it, with the spread of all days around the means of theirs; else of all days. */
function levelOf(values: readonly (readonly [weekday: number, value: number])[], today: number): Level {
  const groups = new Map<number, number[]>()
  for (const [weekday, value] of values) groups.set(weekday, [...(groups.get(weekday) ?? []), value])
  const own = groups.get(today) ?? []
  if (own.length < WEEKS_MIN) {
    const all = values.map(([, value]) => value)
    const freedom = all.length - 1
    return { weekday: 'any', mean_log: mean(all), mean_of: all.length, variance: varianceOf([all], freedom), freedom }
  }
  const full = [...groups.values()].filter((group) => group.length >= WEEKS_MIN)
  const freedom = full.reduce((sum, group) => sum + group.length - 1, 0)
  const variance = varianceOf(full, freedom)
  return { weekday: today as AnomalyBasis['weekday'], mean_log: mean(own), mean_of: own.length, variance, freedom }
}

/** Days since 1970 began on a Thursday; 0 = Sunday. In UTC, where no day has 23 hours. */
export function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Around each group's own mean; that of the busier half where it is larger: what bursts is lopsided even on this scale. */
function varianceOf(groups: readonly (readonly number[])[], freedom: number): number {
  let all = 0
  let above = 0
  for (const group of groups) {
    const middle = mean(group)
    for (const value of group) {
      const square = (value - middle) ** 2
      all += square
      if (value > middle) above += square
    }
  }
  return Math.max(all, 2 * above) / freedom
}

/** The quantile of Student's distribution that is as rare as `sigmas` of the normal one (Cornish and Fisher's expansion, Abramowitz and Stegun 26.7.5). */
function student(sigmas: number, freedom: number): number {
  const z = sigmas
  return (
    z +
    (z ** 3 + z) / (4 * freedom) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3)
  )
}

/** A count, rounded up. */
function whole(value: number): number {
  return Math.min(Math.ceil(value), Number.MAX_SAFE_INTEGER)
}
