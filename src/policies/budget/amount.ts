// How much a payload says it is: exactly, or not at all. Whatever could make a budget smaller than it looks is refused.
import { unitsOf, type Json, type JsonObject } from '../../engine/index.ts'
import { Recipients, recipientsOf } from '../email/recipients.ts'

/** In the smallest unit. `wrong` says what cannot be counted; `absent`: none of the fields is there. */
export type AmountRead = { readonly units: number } | { readonly wrong: string } | { readonly absent: true }

const ADDRESSES: ReadonlySet<string> = new Set(['to', 'cc', 'bcc'])

/** The fields together; of several, one is enough. */
export function amountIn(payload: JsonObject, fields: readonly string[], decimals: number): AmountRead {
  let units = 0
  let isThere = false
  const addressed: Recipients[] = []
  for (const field of fields) {
    const value = valueAt(payload, field)
    if (value === undefined) continue
    isThere = true
    if (ADDRESSES.has(field.split('.').at(-1)!)) {
      const read = Recipients.safeParse(value)
      if (!read.success) return { wrong: `\`${field}\` is not an address or a list of addresses` }
      addressed.push(read.data)
      continue
    }
    const read = unitsIn(value, field, decimals)
    if (typeof read === 'string') return { wrong: read }
    units += read
  }
  if (!isThere) return { absent: true }
  // One person in `to` and `cc` is one person.
  units += recipientsOf(...addressed).length * 10 ** decimals
  return Number.isSafeInteger(units)
    ? { units }
    : { wrong: `${fields.map((field) => `\`${field}\``).join(', ')} are too large to be counted` }
}

/** A text that says what is wrong, or the count. */
function unitsIn(value: Json, field: string, decimals: number): number | string {
  if (typeof value === 'number') {
    const finest = decimals === 0 ? 'a whole number' : `a number with at most ${decimals} decimals`
    return unitsOf(value, decimals) ?? `\`${field}\` must be ${finest} that is not negative and can be counted exactly`
  }
  if (!Array.isArray(value)) return `\`${field}\` is of type ${value === null ? 'null' : typeof value}, which cannot be counted`
  // Lists in a list would be one item that holds any number.
  const wrong = value.find((item) => item === null || typeof item === 'boolean' || Array.isArray(item))
  return wrong === undefined ? value.length * 10 ** decimals : `\`${field}\` has items that cannot be counted one by one`
}

function valueAt(payload: JsonObject, path: string): Json | undefined {
  let at: Json | undefined = payload
  for (const key of path.split('.')) {
    if (at === null || typeof at !== 'object' || Array.isArray(at) || !Object.hasOwn(at, key)) return undefined
    at = (at as JsonObject)[key]
  }
  return at
}
