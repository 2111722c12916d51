// Which receipts, and which page of them: the one meaning of every filter and cursor, for each store and for HTTP.
import * as z from 'zod'
import { base64url, unbase64 } from './bytes.ts'
import { failedPolicies, matchesSearch, searchText, searchWords, systemsOf } from './receipt_match.ts'
import { parseSearch, type Search } from './receipt_search.ts'
import { Fault } from './fault.ts'
import { Decision, Email, Outcome } from './schema.ts'
import type { Receipt } from './schema.ts'

const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z)?$/
const TEXT_MAX = 200

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

/** The text of the search box, as its terms. */
const SearchText = z.string().transform((text, context): Search => {
  try {
    return parseSearch(text)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    context.addIssue({ code: 'custom', message: error.detail })
    return []
  }
})

/** A `head` of an earlier answer: only runs that were added or amended since. */
const Head = z
  .union([
    z.int(),
    z
      .string()
      .regex(/^(0|[1-9]\d{0,14})$/, 'must be the head of an earlier answer')
      .transform(Number)
  ])
  .pipe(z.int().nonnegative())

/**
 * What to list; all parts must hold. `policy` names one that did not pass, `system` one that was acted on,
 * `q` words that all occur (case does not matter) in `searchText`; `from` is included, `to` is not. `search` is the language of
 * the search box; `changed_after` the `head` of an earlier answer: only runs that got a revision at that place of the ledger or later.
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
  to: Instant.optional(),
  search: SearchText.optional(),
  changed_after: Head.optional()
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

/** Whether a receipt is what the filter asks for; `now` is what the relative times of a search are before. */
export function matchesFilter(receipt: Receipt, filter: ReceiptFilter, now: number): boolean {
  const at = Date.parse(receipt.timestamp)
  return (
    (filter.workflow === undefined || receipt.workflow === filter.workflow) &&
    (filter.decision === undefined || receipt.decision === filter.decision) &&
    (filter.outcome === undefined || receipt.outcome === filter.outcome) &&
    (filter.user_email === undefined || receipt.user_email === filter.user_email) &&
    (filter.policy === undefined || failedPolicies(receipt).includes(filter.policy)) &&
    (filter.system === undefined || systemsOf(receipt).includes(filter.system)) &&
    (filter.from === undefined || at >= filter.from) &&
    (filter.to === undefined || at < filter.to) &&
    (filter.changed_after === undefined || (receipt.ledger?.seq ?? -1) >= filter.changed_after) &&
    (filter.q === undefined || containsWords(searchText(receipt), filter.q)) &&
    (filter.search === undefined || matchesSearch(receipt, filter.search, now))
  )
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
