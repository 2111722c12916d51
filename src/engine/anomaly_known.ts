// What is known of one agent and action, for people who tune thresholds.
import { baselineOf } from './anomaly_baseline.ts'
import type { AnomalyBasis } from './anomaly_finding.ts'
import { countAt, type Profile } from './anomaly_profile.ts'
import { ANOMALY_WINDOWS, WINDOW_SECONDS, type AnomalyRules, type AnomalyWindow } from './anomaly_rules.ts'

/** `usual` is null while there is too little history. */
export interface KnownActivity {
  readonly agent: string
  readonly action: string
  /** The newest act; milliseconds since 1970. */
  readonly seen_at: number
  /** Days with it that are remembered. */
  readonly days: number
  readonly windows: Readonly<
    Record<AnomalyWindow, { readonly count: number; readonly limit: number | null; readonly usual: AnomalyBasis | null }>
  >
}

/** As of a time in seconds. */
export function usualOf(profile: Profile, now: number, rules: AnomalyRules): Omit<KnownActivity, 'agent' | 'action'> {
  const windows = Object.fromEntries(
    ANOMALY_WINDOWS.map((window) => {
      const baseline = baselineOf(profile.days, Math.floor(now / 86_400), window, rules)
      const count = countAt(profile, now, WINDOW_SECONDS[window])
      return [window, { count, limit: baseline?.limit ?? null, usual: baseline?.basis ?? null }]
    })
  )
  return { seen_at: profile.seen * 1000, days: profile.days.length, windows: windows as KnownActivity['windows'] }
}
