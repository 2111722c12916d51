// The text of the search box as the page changes it: ranges, chips, and what it says of approvals that wait. Whatever a person typed beside stays.
import { matchesPattern } from '../../../engine/receipt_match.ts'
import { momentOf, parseSearch, patternOf, type PlacedTerm, type SearchField, type SearchTerm } from '../../../engine/receipt_search.ts'

/** The terms, or what is wrong with the text, naming the word. */
export type Read = { readonly terms: readonly PlacedTerm[]; readonly wrong: null } | { readonly terms: null; readonly wrong: string }

export function readQuery(text: string): Read {
  try {
    return { terms: parseSearch(text), wrong: null }
  } catch (error) {
    return { terms: null, wrong: detailOf(error) }
  }
}

/** The text without the terms that `drop` picks, and with `add` at its end. What cannot be read is left as it is. */
function changed(text: string, drop: (term: PlacedTerm) => boolean, add: string): string {
  const { terms } = readQuery(text)
  let kept = text
  for (const term of (terms ?? []).toReversed()) if (drop(term)) kept = kept.slice(0, term.start) + kept.slice(term.end)
  return `${kept.trim().replaceAll(/\s{2,}/g, ' ')} ${add}`.trim()
}

/** The same search in another stretch of time; null = at any time. */
export function withRange(text: string, since: string | null, until: string | null = null): string {
  const add = [since === null ? '' : `since:${since}`, until === null ? '' : `until:${until}`].filter((part) => part !== '').join(' ')
  return changed(text, ({ field }) => field === 'since' || field === 'until', add)
}

/** The value of the only `since:`, where nothing ends the stretch; `''` where there is neither; null for anything else. */
export function rangeOf(terms: readonly SearchTerm[]): string | null {
  const times = terms.filter(({ field }) => field === 'since' || field === 'until')
  if (times.length === 0) return ''
  const [only] = times
  return times.length === 1 && only?.field === 'since' && !only.not ? only.values[0]! : null
}

const DAY_MS = 86_400_000
const ALL_MS = 30 * DAY_MS
const LEAST_MS = 3_600_000

/** What the bars cover: the stretch that the search names; else back to the oldest receipt where all are here, else 30 days. `says` is that in words. */
export function barsRange(
  terms: readonly SearchTerm[],
  oldest: string | null,
  now: number
): { readonly from: string; readonly to: string; readonly says: string } {
  const moments = (field: SearchField) =>
    terms
      .filter((term) => term.field === field && !term.not)
      .map(({ values }) => momentOf(values[0] ?? '', now))
      .filter((ms) => ms !== null)
  const to = Math.min(now, ...moments('until'))
  const since = moments('since')
  const first = oldest === null ? Number.NaN : Date.parse(oldest)
  const whole = Number.isNaN(first) ? to - ALL_MS : Math.min(first, to - LEAST_MS)
  const from = since.length === 0 ? whole : Math.max(...since)
  const range = rangeOf(terms)
  const says = range === null ? '' : range !== '' ? ` in the last ${range}` : Number.isNaN(first) ? ' in the last 30d' : ''
  const text = (ms: number) => new Date(ms).toISOString()
  return { from: text(Math.min(from, to - 1_000)), to: text(to), says }
}

/** Whether the text has exactly this term. */
export function hasTerm(terms: readonly SearchTerm[], field: SearchField, values: readonly string[]): boolean {
  return terms.some((term) => term.field === field && !term.not && term.values.join() === values.join())
}

/** Takes the term out if it is there; else puts it in the place of whatever was said about its field. */
export function toggled(text: string, field: SearchField, values: readonly string[]): string {
  const { terms } = readQuery(text)
  const isOn = hasTerm(terms ?? [], field, values)
  return changed(text, (term) => term.field === field, isOn ? '' : `${field}:${values.join(',')}`)
}

/** The same search without one of its terms. */
export function without(text: string, { start }: PlacedTerm): string {
  return changed(text, (term) => term.start === start, '')
}

/** `GET /hitl`, one of its rows. */
export interface Waiting {
  readonly hitl_id: string
  readonly workflow: string
  readonly run_id: string | null
  readonly user_email: string
  readonly created_at: string
  readonly expires_at: string
}

/** Whether an approval that waits belongs to what was searched for. It has no outcome and no receipt yet: what asks for one leaves it out. */
export function isWaitingShown(waiting: Waiting, terms: readonly SearchTerm[], now: number): boolean {
  return terms.every((term) => holds(waiting, term, now) !== term.not)
}

/** Whether nothing but approvals that wait can be meant. */
export function isOnlyWaiting(terms: readonly SearchTerm[]): boolean {
  return terms.some(({ field, not, values }) => field === 'decision' && !not && values.every((value) => value === 'held'))
}

function holds({ workflow, user_email, run_id, hitl_id, created_at }: Waiting, { field, values }: SearchTerm, now: number): boolean {
  const fits = (text: string) => values.some((value) => matchesPattern(text, patternOf(field, value)))
  if (field === 'decision') return values.includes('held')
  if (field === 'agent') return fits(user_email.toLowerCase())
  if (field === 'workflow') return fits(workflow)
  if (field === 'mode') return values.includes('enforce')
  if (field === 'text') {
    const text = `${workflow}\n${user_email}\n${run_id ?? ''}\n${hitl_id}`.toLowerCase()
    return values.some((value) => text.includes(value.toLowerCase()))
  }
  if (field === 'since' || field === 'until') {
    const moment = momentOf(values[0] ?? '', now) ?? Number.NaN
    return field === 'since' ? Date.parse(created_at) >= moment : Date.parse(created_at) < moment
  }
  return false
}

function detailOf(error: unknown): string {
  const { detail } = error as { detail?: unknown }
  return typeof detail === 'string' ? detail : String(error)
}
