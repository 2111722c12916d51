// How long a run took: from its judgement to the end of its last call.
import type { Receipt } from '../../engine/schema.ts'

/** Milliseconds; null where the receipt does not tell. Waiting for a person counts: it is in between. */
export function tookMs({ judged_at, actions_taken, timestamp }: Pick<Receipt, 'judged_at' | 'actions_taken' | 'timestamp'>): number | null {
  const starts = [judged_at, ...actions_taken.map((taken) => taken.started_at)].map(msOf).filter((ms) => ms !== null)
  if (starts.length === 0) return null
  const ends = (actions_taken.length === 0 ? [timestamp] : actions_taken.map((taken) => taken.finished_at))
    .map(msOf)
    .filter((ms) => ms !== null)
  if (ends.length === 0) return null
  // Clocks of two machines may differ by a little: never less than nothing.
  return Math.max(0, Math.max(...ends) - Math.min(...starts))
}

/** A time as milliseconds; null where it is none. */
export function msOf(time: string | undefined): number | null {
  const ms = time === undefined ? Number.NaN : Date.parse(time)
  return Number.isNaN(ms) ? null : ms
}
