// Activity of a team's agents, watched: each act counts for its user and for its key, in a book whose size no agent can grow.
import { hex } from './bytes.ts'
import { anomalyMessage, type AnomalyFinding } from './anomaly_finding.ts'
import type { Observation } from './anomaly_observation.ts'
import { countAt, isFirm, isQuiet, newProfile, watch, type Passed, type Profile } from './anomaly_profile.ts'
import { isCapped, type AnomalyCap, type AnomalyRules } from './anomaly_rules.ts'
import type { Hash } from './ports.ts'

/** Under whose name a profile is kept, and of what. */
export interface ProfileKey {
  readonly agent: string
  readonly action: string
}

/** Where profiles are kept between tellings. `group` is who made the profile: room is given to each group by itself. */
export interface ActivityBook {
  /** Up to which place of the ledger everything was told; -1 at first. */
  told(): number
  keepTold(seq: number): void
  load(key: ProfileKey): Profile | null
  save(key: ProfileKey, profile: Profile, group: string, firm: boolean): void
  /** How many profiles a group has. */
  countOf(group: string): number
  /** Lets go of the group's profile that was not seen for the longest, of those that are not firm; false where all are. */
  dropStalest(group: string): boolean
}

/** So many users' profiles may come of one key, and so many actions be counted for the key itself. */
export const PROFILES_MAX = 1_000
export const KEY_PROFILES_MAX = 200

/**
 * Counts what was observed and gives what is unusual, in order of time. What was told before (by its place in the ledger) is passed over;
 * within a telling the order does not matter. Deterministic: time is that of the receipts.
 */
export function observeActivity(
  book: ActivityBook,
  observations: readonly Observation[],
  rules: AnomalyRules,
  hash: Hash
): AnomalyFinding[] {
  const told = book.told()
  const fresh = observations.filter((one) => one.seq > told && one.count > 0 && Number.isSafeInteger(one.at))
  const caps = capsFinder(rules)
  const found: AnomalyFinding[] = []
  for (const one of fresh.toSorted((a, b) => a.at - b.at || a.seq - b.seq || Number(a.action > b.action) - Number(a.action < b.action))) {
    const { agent, action, key } = one
    const own = open(book, { agent, action }, `users of ${key ?? ''}`, PROFILES_MAX)
    const passed = own === null ? [] : watch(own, one, caps(agent, action), rules)
    if (own !== null) book.save({ agent, action }, own, `users of ${key ?? ''}`, isFirm(own, rules))
    found.push(...passed.map((each) => findingOf(each, one, agent, hash)))
    if (key === null) continue
    const name = `key:${key}`
    const shared = open(book, { agent: name, action }, name, KEY_PROFILES_MAX)
    if (shared === null) continue
    const together = watch(shared, one, caps(name, action), rules)
    book.save({ agent: name, action }, shared, name, isFirm(shared, rules))
    const unexplained = together.filter((each) => own === null || !explains(own, each, rules))
    found.push(...unexplained.map((each) => findingOf(each, one, name, hash)))
  }
  const newest = observations.reduce((most, { seq }) => Math.max(most, seq), told)
  if (newest > told) book.keepTold(newest)
  return found
}

/** INVARIANT: a group that is full makes room among its own newcomers: nobody's names push out what is known of others. */
function open(book: ActivityBook, key: ProfileKey, group: string, max: number): Profile | null {
  const known = book.load(key)
  if (known !== null) return known
  if (book.countOf(group) >= max && !book.dropStalest(group)) return null
  return newProfile()
}

/** What was told of this user, or is mostly the doing of one whose history is known, is not told of the key as well. */
function explains(own: Profile, passed: Passed, rules: AnomalyRules): boolean {
  if (isQuiet(own, passed.rule, passed.at)) return true
  return passed.cap === null && isFirm(own, rules) && countAt(own, passed.at, passed.window_seconds) * 2 >= passed.count
}

function findingOf({ rule, ...passed }: Passed, { action, run_id }: Observation, agent: string, hash: Hash): AnomalyFinding {
  const { window, window_seconds, at, count, blocked, limit, basis, cap } = passed
  const id = `anomaly_${hex(hash.sha256(hash.utf8(JSON.stringify([agent, action, rule, run_id])))).slice(0, 32)}`
  const expected = basis === null ? null : Math.max(0, Math.round(Math.expm1(basis.mean_log)))
  const sigma = basis === null ? null : basis.high - expected!
  const found = {
    agent,
    action,
    window,
    window_seconds,
    at: at * 1000,
    count,
    blocked,
    expected,
    sigma,
    limit,
    run_id,
    basis,
    cap
  }
  return { id, ...found, message: anomalyMessage(found) }
}

function capsFinder({ caps }: AnomalyRules): (agent: string, action: string) => readonly AnomalyCap[] {
  const known = new Map<string, readonly AnomalyCap[]>()
  return (agent, action) => {
    const id = JSON.stringify([agent, action])
    const found = known.get(id) ?? caps.filter((cap) => isCapped(cap, agent, action))
    known.set(id, found)
    return found
  }
}

/** A book in memory, for replays. */
export function memoryActivity(): ActivityBook {
  const profiles = new Map<string, { profile: Profile; group: string; firm: boolean }>()
  const counts = new Map<string, number>()
  let told = -1
  const idOf = ({ agent, action }: ProfileKey) => JSON.stringify([agent, action])
  return {
    told: () => told,
    keepTold: (seq) => void (told = seq),
    load: (key) => profiles.get(idOf(key))?.profile ?? null,
    save(key, profile, group, firm) {
      const known = profiles.get(idOf(key))
      if (known === undefined) counts.set(group, (counts.get(group) ?? 0) + 1)
      profiles.set(idOf(key), { profile, group: known?.group ?? group, firm })
    },
    countOf: (group) => counts.get(group) ?? 0,
    dropStalest(group) {
      let stalest: string | null = null
      for (const [id, one] of profiles)
        if (one.group === group && !one.firm && (stalest === null || one.profile.seen < profiles.get(stalest)!.profile.seen)) stalest = id
      if (stalest === null) return false
      counts.set(group, counts.get(group)! - 1)
      return profiles.delete(stalest)
    }
  }
}
