// What the search box offers while somebody types: qualifiers, and values of the one at the caret.
import { SEARCH_FIELDS } from '../../../engine/receipt_search.ts'

/** `text` and `caret` are what the box holds once it is taken. */
export interface Offer {
  readonly shown: string
  readonly hint: string
  readonly text: string
  readonly caret: number
}

type Field = keyof typeof SEARCH_FIELDS

const VALUES: Readonly<Partial<Record<Field, readonly string[]>>> = {
  decision: ['pass', 'block', 'partial', 'held'],
  outcome: ['none', 'succeeded', 'partial', 'failed', 'unknown'],
  mode: ['enforce', 'shadow', 'dry_run'],
  since: ['15m', '1h', '24h', '7d', '30d'],
  until: ['15m', '1h', '24h', '7d', '30d']
}
const OFFERS_MAX = 10

/** What fits the word before the caret. `seen` are values that the list shows. Nothing inside quotes. */
export function offersAt(text: string, caret: number, seen: Readonly<Partial<Record<Field, readonly string[]>>> = {}): Offer[] {
  const before = text.slice(0, caret)
  if ((before.replaceAll(/\\./g, '').match(/"/g)?.length ?? 0) % 2 === 1) return []
  const start = before.search(/\S*$/)
  const sign = before[start] === '-' ? '-' : ''
  const word = before.slice(start + sign.length)
  const colon = word.indexOf(':')
  const rest = text.slice(caret)
  const offer = (shown: string, hint: string, replaced: string): Offer => {
    const head = text.slice(0, start) + sign + replaced
    return { shown, hint, text: head + rest, caret: head.length }
  }
  if (colon === -1) {
    return (Object.keys(SEARCH_FIELDS) as Field[])
      .filter((field) => field.startsWith(word.toLowerCase()) && (word !== '' || start === caret))
      .map((field) => offer(`${field}:`, SEARCH_FIELDS[field], `${field}:`))
  }
  const field = word.slice(0, colon).toLowerCase() as Field
  if (!Object.hasOwn(SEARCH_FIELDS, field)) return []
  const listed = word.slice(colon + 1)
  const done = listed.slice(0, listed.lastIndexOf(',') + 1)
  const part = listed.slice(done.length).toLowerCase()
  const known = [...new Set([...(VALUES[field] ?? []), ...(seen[field] ?? [])])]
  return known
    .filter((value) => value.toLowerCase().startsWith(part) && value.toLowerCase() !== part && !/[\s,"]/.test(value))
    .slice(0, OFFERS_MAX)
    .map((value) => offer(value, '', `${field}:${done}${value}`))
}
