// Whether a receipt is what a search asks for. Without zod, like the language itself: the receipt UI judges live rows with it.
import { canonicalize } from './canonical.ts'
import { momentOf, patternOf, type Search, type SearchTerm } from './receipt_search.ts'
import type { Receipt } from './schema.ts'

const TEXT_MAX = 16_384

/** Whether all terms hold, as every store and D1 understand them. `now` is what relative times are before. */
export function matchesSearch(receipt: Receipt, search: Search, now: number): boolean {
  let text: string | undefined
  return search.every((term) => {
    if (term.field === 'text') text ??= searchText(receipt)
    return holds(receipt, term, text ?? '', now) !== term.not
  })
}

/** The policies that did not pass, each once. */
export function failedPolicies(receipt: Receipt): string[] {
  return [...new Set(receipt.policy_results.filter(({ passed }) => !passed).map(({ policy }) => policy))]
}

/** The systems that were acted on, each once. */
export function systemsOf(receipt: Receipt): string[] {
  return [...new Set(receipt.actions_taken.map(({ system }) => system))]
}

/** What free text searches, in lower case: ids, names, reasons, resources and the redacted payload. A store may keep it as a column. */
export function searchText(receipt: Receipt): string {
  const parts = [
    receipt.run_id,
    receipt.workflow,
    receipt.user_email,
    ...receipt.policy_results.filter(({ passed }) => !passed).flatMap(({ policy, reason }) => [policy, reason]),
    ...receipt.actions_taken.flatMap(({ system, action, resources }) => [`${system}.${action}`, ...resources]),
    canonicalize(receipt.payload)
  ]
  // Half a character at the cut, and a NUL, are what a database may not give back as it got them.
  return parts.join('\n').toLowerCase().slice(0, TEXT_MAX).replaceAll('\0', ' ').toWellFormed()
}

/** The words of `q` as `searchText` spells them. */
export function searchWords(q: string): string[] {
  return q
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
}

/** Whether a text is what a pattern says: it begins with the first piece, ends with the last, and has the others in order in between. */
export function matchesPattern(text: string, pieces: readonly string[]): boolean {
  const [first = '', ...others] = pieces
  if (others.length === 0) return text === first
  const last = others.pop()!
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  const end = text.length - last.length
  let at = first.length
  for (const piece of others) {
    const found = text.indexOf(piece, at)
    if (found === -1 || found + piece.length > end) return false
    at = found + piece.length
  }
  return true
}

/** Fields as texts of a receipt; a term holds where any of its values is one of them. */
const TEXTS: Readonly<Partial<Record<SearchTerm['field'], (receipt: Receipt) => readonly string[]>>> = {
  decision: ({ decision }) => [decision.toLowerCase()],
  outcome: ({ outcome }) => [outcome.toLowerCase()],
  mode: ({ run_mode }) => [run_mode],
  agent: ({ user_email }) => [user_email.toLowerCase()],
  key: ({ actor }) => (actor.api_key_id === null ? [] : [actor.api_key_id]),
  workflow: ({ workflow }) => [workflow],
  policy: failedPolicies,
  system: systemsOf
}

function holds(receipt: Receipt, { field, values }: SearchTerm, text: string, now: number): boolean {
  if (field === 'text') return values.some((value) => text.includes(value.toLowerCase()))
  if (field === 'since' || field === 'until') {
    const moment = momentOf(values[0] ?? '', now) ?? Number.NaN
    const at = Date.parse(receipt.timestamp)
    return field === 'since' ? at >= moment : at < moment
  }
  const texts = TEXTS[field]?.(receipt) ?? []
  return values.some((value) => {
    const pieces = patternOf(field, value)
    return texts.some((one) => matchesPattern(one, pieces))
  })
}
