// `GET /budgets`: what is used of budgets, and how that is said.
import type { Json } from '../../../engine/schema.ts'

/** What one key, user or team has used of one budget. */
export interface BudgetShown {
  readonly budget: string
  readonly policy: string
  readonly params: Json
  /** The actions whose calls it counts; null = requests. */
  readonly on: readonly string[] | null
  readonly mode: 'enforce' | 'shadow'
  readonly per: 'key' | 'user' | 'team'
  readonly scope: string
  readonly used: number
  readonly in_flight: number
  readonly max: number
  readonly window_seconds: number
  /** When the first of it counts no more. */
  readonly frees_at: string
}

const number = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 6 })

/** `7 used, 2 in flight, of 10`. */
export function usedText({ used, in_flight, max }: Pick<BudgetShown, 'used' | 'in_flight' | 'max'>): string {
  return `${number(used)} used${in_flight === 0 ? '' : `, ${number(in_flight)} in flight`}, of ${number(max)}`
}

/** `at most 10 calls in 1 h for each key`; of a total `at most 500 amount in 2 days for each user`, by the fields that are added up. */
export function limitText({ params, max, window_seconds, per, on }: BudgetShown): string {
  const { field, output } = (params ?? {}) as { readonly field?: Json; readonly output?: Json }
  const names = [field ?? output ?? []].flat().filter((name) => typeof name === 'string')
  const what = names.length > 0 ? names.join(', ') : on === null ? 'requests' : 'calls'
  return `at most ${number(max)} ${what} in ${windowText(window_seconds)} for ${per === 'team' ? 'the team' : `each ${per}`}`
}

/** How wide the parts of the meter are, from 0 to 1. A budget that was made smaller since is full. */
export function meterOf({ used, in_flight, max }: Pick<BudgetShown, 'used' | 'in_flight' | 'max'>): {
  readonly used: number
  readonly inFlight: number
  readonly isFull: boolean
} {
  const part = (value: number) => (max <= 0 ? 1 : Math.min(1, Math.max(0, value / max)))
  const usedPart = part(used)
  return { used: usedPart, inFlight: Math.max(0, part(used + in_flight) - usedPart), isFull: used + in_flight >= max }
}

/** Exactly, in the largest unit that it is whole in: a limit is not rounded. */
function windowText(seconds: number): string {
  if (seconds % 86_400 === 0) return seconds === 86_400 ? '1 day' : `${seconds / 86_400} days`
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`
}
