// How much time is left, for the eye each second and for the ear only when it matters.

/** `14:32 left`, `3 h 05 min left`, `2 days left`, `over`. */
export function timeLeft(ms: number): string {
  if (ms <= 0) return 'over'
  const seconds = Math.ceil(ms / 1_000)
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} left`
  if (seconds < 48 * 3_600)
    return `${Math.floor(seconds / 3_600)} h ${String(Math.floor((seconds % 3_600) / 60)).padStart(2, '0')} min left`
  return `${Math.floor(seconds / 86_400)} days left`
}

const MINUTE_MS = 60_000
/** Said aloud once each: whoever only listens is not told every second. */
const THRESHOLDS: readonly (readonly [number, string])[] = [
  [0, 'The time is over'],
  [30_000, '30 seconds left'],
  [MINUTE_MS, 'One minute left'],
  [5 * MINUTE_MS, 'Five minutes left']
]

/** What to say aloud at this moment: it changes only at a threshold, and is empty before the first. */
export function saidAloud(ms: number): string {
  return THRESHOLDS.find(([threshold]) => ms <= threshold)?.[1] ?? ''
}
