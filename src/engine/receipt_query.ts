// Which receipts, and which page of them: the one meaning of every filter and cursor, for each store and for HTTP.
import * as z from 'zod'
import { base64url, unbase64 } from './bytes.ts'
import { canonicalize } from './canonical.ts'
import { Decision, Email, Outcome } from './schema.ts'
import type { Receipt } from './schema.ts'

const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z)?$/
const TEXT_MAX = 200
const SEARCH_MAX = 16_384

/** A day or a time in UTC, as milliseconds since the epoch. */
const Instant = z
  .string()
  .regex(INSTANT, 'must be a date, or RFC 3339 in UTC with Z')
  .transform((text, context) => {
    const ms = Date.parse(text)
    if (Number.isNaN(ms)) context.addIssue({ code: 'custom', message: 'is not in the calendar' })
    return ms
  })

/** A cursor is the place of the last row seen; its text is nobody's business but ours. */
const Cursor = z
  .string()
  .max(64)
  .transform((text, context) => {
    const position = cursorPosition(text)
    if (position === null) context.addIssue({ code: 'custom', message: 'is not a cursor of this list' })
    return position ?? 0
  })

const Limit = z
  .union([
    z.int(),
    z
      .string()
      .regex(/^[1-9]\d{0,2}$/, 'must be 1 to 200')
      .transform(Number)
  ])
  .pipe(z.int().min(1).max(200))

const Text = z.string().min(1).max(TEXT_MAX)

/**
 * What to list; all parts must hold. `policy` names one that did not pass, `system` one that was acted on,
 * `q` words that all occur (case does not matter) in `searchText`; `from` is included, `to` is not.
 */
export const ReceiptFilter = z.strictObject({
  workflow: Text.optional(),
  decision: Decision.optional(),
  outcome: Outcome.optional(),
  user_email: Email.optional(),
  policy: Text.optional(),
  system: Text.optional(),
  q: Text.optional(),
  from: Instant.optional(),
  to: Instant.optional()
})
export type ReceiptFilter = z.infer<typeof ReceiptFilter>

/** `GET /receipts`: a filter and a page. Parsed, `from` and `to` are milliseconds and `cursor` is a position. */
export const ReceiptQuery = ReceiptFilter.extend({ limit: Limit.default(50), cursor: Cursor.optional() })
export type ReceiptQuery = z.infer<typeof ReceiptQuery>

/**
 * One page, newest first. A row is a run at its newest revision, standing for ever where its first revision was recorded
 * (its position: that revision's `seq`), so that rows added or amended between two pages are neither repeated nor skipped.
 */
export interface ReceiptPage {
  readonly data: readonly Receipt[]
  readonly next_cursor: string | null
  readonly has_more: boolean
  /** Files that should hold a receipt and do not, each with what is wrong; absent where there are none. */
  readonly damaged?: readonly string[]
}

/** A receipt with its run's position. */
export interface ReceiptRow {
  readonly position: number
  readonly receipt: Receipt
}

/** The page from rows in order, newest first, of which the store fetched one more than `limit` where there were more. */
export function receiptPage(rows: readonly ReceiptRow[], limit: number): ReceiptPage {
  const shown = rows.slice(0, limit)
  const more = rows.length > limit
  return { data: shown.map(({ receipt }) => receipt), next_cursor: more ? cursorAt(shown.at(-1)!.position) : null, has_more: more }
}

/** Whether a receipt is what the filter asks for. */
export function matchesFilter(receipt: Receipt, filter: ReceiptFilter): boolean {
  const at = Date.parse(receipt.timestamp)
  return (
    (filter.workflow === undefined || receipt.workflow === filter.workflow) &&
    (filter.decision === undefined || receipt.decision === filter.decision) &&
    (filter.outcome === undefined || receipt.outcome === filter.outcome) &&
    (filter.user_email === undefined || receipt.user_email === filter.user_email) &&
    (filter.policy === undefined || failedPolicies(receipt).includes(filter.policy)) &&
    (filter.system === undefined || receipt.actions_taken.some(({ system }) => system === filter.system)) &&
    (filter.from === undefined || at >= filter.from) &&
    (filter.to === undefined || at < filter.to) &&
    (filter.q === undefined || containsWords(searchText(receipt), filter.q))
  )
}

/** The policies that did not pass, each once. */
export function failedPolicies(receipt: Receipt): string[] {
  return [...new Set(receipt.policy_results.filter(({ passed }) => !passed).map(({ policy }) => policy))]
}

/** What `q` searches, in lower case: ids, names, reasons, resources and the redacted payload. A store may keep it as a column. */
export function searchText(receipt: Receipt): string {
  const parts = [
    receipt.run_id,
    receipt.workflow,
    receipt.user_email,
    ...receipt.policy_results.filter(({ passed }) => !passed).flatMap(({ policy, reason }) => [policy, reason]),
    ...receipt.actions_taken.flatMap(({ system, action, resources }) => [`${system}.${action}`, ...resources]),
    canonicalize(receipt.payload)
  ]
  return parts.join('\n').toLowerCase().slice(0, SEARCH_MAX)
}

/** The words of `q` as `searchText` spells them. */
export function searchWords(q: string): string[] {
  return q
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
}

/** The cursor that goes on after the row at `position`. */
export function cursorAt(position: number): string {
  return base64url(Uint8Array.from(`r1.${position}`, (letter) => letter.charCodeAt(0)))
}

function cursorPosition(text: string): number | null {
  const plain = String.fromCharCode(...(unbase64(text) ?? []))
  const [, digits] = /^r1\.(0|[1-9]\d{0,15})$/.exec(plain) ?? []
  const position = Number(digits)
  return digits !== undefined && Number.isSafeInteger(position) && cursorAt(position) === text ? position : null
}

function containsWords(text: string, q: string): boolean {
  return searchWords(q).every((word) => text.includes(word))
}
