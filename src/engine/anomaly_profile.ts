// One agent doing one thing: what it did lately and on the days before. Rolling windows are compared with history and with caps as each act comes in.
import { baselineOf, HISTORY_DAYS, UNKNOWN_DAY, type Day } from './anomaly_baseline.ts'
import { addTo, endsFrom, RING_SHAPES, ringFor, sumOf, type Ring } from './anomaly_ring.ts'
import { ANOMALY_WINDOWS, capText, WINDOW_SECONDS, type AnomalyCap, type AnomalyRules, type AnomalyWindow } from './anomaly_rules.ts'
import type { AnomalyBasis } from './anomaly_finding.ts'

/** JSON as it is, and of bounded size: three rings, 57 days, one time for each rule. Times are in seconds. */
export interface Profile {
  /** The newest act. */
  seen: number
  readonly rings: readonly [Ring, Ring, Ring]
  days: Day[]
  /** Rule → since when and until when it says nothing again. */
  quiet: Record<string, readonly [since: number, until: number]>
}

/** What goes on without a pause is told again after this many seconds. */
const REMINDED_AFTER = 86_400

/** Something done at once, or refused. `at` is in seconds. */
export interface Act {
  readonly at: number
  readonly count: number
  readonly blocked: number
}

/** A rule whose limit was passed. */
export interface Passed {
  /** The name under which it stays quiet. */
  readonly rule: string
  readonly window: AnomalyWindow | 'cap'
  readonly window_seconds: number
  readonly at: number
  readonly count: number
  readonly blocked: number
  readonly limit: number
  readonly basis: AnomalyBasis | null
  readonly cap: AnomalyCap | null
}

export function newProfile(): Profile {
  return { seen: 0, rings: [[], [], []], days: [], quiet: {} }
}

/** On so many days it is worth more than a stranger's. */
export function isFirm({ days }: Profile, rules: AnomalyRules): boolean {
  return days.length >= rules.min_history
}

/**
 * Adds an act to `profile`, which it changes, and gives the rules that it passed; a rule in its cool-down is silent. `caps` are those that
 * speak of this agent and action. Acts may come late by the length of the window and still count for it; later, only longer windows see them.
 */
export function watch(profile: Profile, act: Act, caps: readonly AnomalyCap[], rules: AnomalyRules): Passed[] {
  const kept = RING_SHAPES.map((shape, i) =>
    addTo(profile.rings[i]!, Math.floor(act.at / shape.bucketSeconds), act.count, act.blocked, shape)
  )
  profile.seen = Math.max(profile.seen, act.at)
  const passed: Passed[] = []
  for (const window of ANOMALY_WINDOWS) if (kept[ringFor(WINDOW_SECONDS[window])]) compare(profile, act, window, rules, passed)
  for (const cap of caps) if (kept[ringFor(cap.window_seconds)]) weigh(profile, act, cap, rules, passed)
  return passed
}

/** The fullest windows that this act is in, against history; and history, with them. */
function compare(profile: Profile, act: Act, window: AnomalyWindow, rules: AnomalyRules, passed: Passed[]): void {
  const index = ANOMALY_WINDOWS.indexOf(window)
  for (const { at, count, blocked } of windowsOf(profile, act, WINDOW_SECONDS[window])) {
    const day = Math.floor(at / 86_400)
    const baseline = count < rules.min_count[window] ? null : baselineOf(profile.days, day, window, rules)
    const isOver = baseline !== null && count >= baseline.limit
    // INVARIANT: what is over the limit is learnt as three sigmas: an attack does not teach its own size, a lasting change comes through in days.
    remember(profile, day, index, isOver ? Math.min(baseline.limit, baseline.basis.sigma_limit) : count, isOver ? 1 << index : 0)
    if (!isOver || !rules.windows.includes(window)) continue
    const isNew = !isQuiet(profile, window, at)
    // The longer windows hold the same acts: they would say the same again.
    for (const longer of ANOMALY_WINDOWS.slice(index)) hush(profile, longer, at, WINDOW_SECONDS[longer], rules)
    if (!isNew) continue
    const { limit, basis } = baseline
    passed.push({ rule: window, window, window_seconds: WINDOW_SECONDS[window], at, count, blocked, limit, basis, cap: null })
  }
}

function weigh(profile: Profile, act: Act, cap: AnomalyCap, rules: AnomalyRules, passed: Passed[]): void {
  const rule = `cap ${capText(cap)}`
  for (const { at, count, blocked } of windowsOf(profile, act, cap.window_seconds)) {
    if (count < cap.max) continue
    const day = Math.floor(at / 86_400)
    if (profile.days.filter(([one]) => one < day).length < rules.min_history) remember(profile, day, 0, 0, UNKNOWN_DAY)
    const isNew = !isQuiet(profile, rule, at)
    hush(profile, rule, at, cap.window_seconds, rules)
    if (!isNew) continue
    passed.push({
      rule,
      window: 'cap',
      window_seconds: cap.window_seconds,
      at,
      count,
      blocked,
      limit: cap.max,
      basis: null,
      cap
    })
  }
}

interface Filled {
  readonly at: number
  readonly count: number
  readonly blocked: number
}

function windowsOf(profile: Profile, act: Act, seconds: number): Filled[] {
  const index = ringFor(seconds)
  const ring = profile.rings[index]
  const { bucketSeconds } = RING_SHAPES[index]
  const bucket = Math.floor(act.at / bucketSeconds)
  const width = Math.ceil(seconds / bucketSeconds)
  return endsFrom(ring, bucket, width).map((end) => ({
    at: end === bucket ? act.at : end * bucketSeconds + bucketSeconds - 1,
    ...sumOf(ring, end, width)
  }))
}

function remember(profile: Profile, day: number, index: number, count: number, flag: number): void {
  const at = profile.days.findLastIndex(([one]) => one <= day)
  const known = profile.days[at]
  const next: [number, number, number, number, number] = known?.[0] === day ? [...known] : [day, 0, 0, 0, 0]
  const bit = 1 << index
  const before = next[index + 1]!
  // Once over the limit, neither what led there nor what follows counts for more.
  if ((flag & bit) !== 0) next[index + 1] = (next[4] & bit) !== 0 ? before : before === 0 ? count : Math.min(before, count)
  else if ((next[4] & bit) === 0) next[index + 1] = Math.max(before, count)
  next[4] |= flag
  if (known?.[0] === day) profile.days[at] = next
  else {
    profile.days.splice(at + 1, 0, next)
    const newest = profile.days.at(-1)![0]
    profile.days = profile.days.filter(([one]) => one >= newest - HISTORY_DAYS)
  }
}

/** How often it was done in the window of so many seconds before a time. */
export function countAt(profile: Profile, at: number, seconds: number): number {
  const index = ringFor(seconds)
  const { bucketSeconds } = RING_SHAPES[index]
  return sumOf(profile.rings[index], Math.floor(at / bucketSeconds), Math.ceil(seconds / bucketSeconds)).count
}

/** Whether this rule was told of so lately that it says nothing. */
export function isQuiet(profile: Profile, rule: string, at: number): boolean {
  return (profile.quiet[rule]?.[1] ?? -Infinity) > at
}

/** While it goes on it is one finding, which is told again once a day. */
function hush(profile: Profile, rule: string, at: number, seconds: number, rules: AnomalyRules): void {
  const length = Math.max(rules.cool_down_seconds, seconds)
  const still = Object.entries(profile.quiet).filter(([, [, until]]) => until > at)
  const [since, before] = profile.quiet[rule] !== undefined && isQuiet(profile, rule, at) ? profile.quiet[rule] : [at, at]
  const until = Math.max(before, Math.min(at + length, since + Math.max(length, REMINDED_AFTER)))
  profile.quiet = { ...Object.fromEntries(still), [rule]: [since, until] }
}
