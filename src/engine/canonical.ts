// Canonical JSON (RFC 8785): one text per value, so that what is signed or digested has one spelling.
import { hex } from './bytes.ts'
import { fault } from './fault.ts'
import { pointerStep } from './pointer.ts'
import type { Hash } from './ports.ts'
import type { Json, JsonObject } from './schema.ts'

const DEPTH_MAX = 64
const FEW_KEYS = 32

/**
 * The RFC 8785 text of a JSON value: equal values give equal texts, different values different ones.
 * Throws fault `invalid` naming the place of anything JSON does not have: `undefined`, NaN, a Date, a lone surrogate, depth over 64.
 */
export function canonicalize(value: Json): string {
  const copy = sorted(value, 0)
  const text = copy === undefined ? undefined : JSON.stringify(copy)
  // A lone surrogate is written as an escape, which no other character ever is: one search instead of one per string.
  return text === undefined || text.includes('\\ud') ? write(value, '', 0) : text
}

/** The UTF-8 bytes of `canonicalize`. */
export function canonicalBytes(value: Json, hash: Hash): Uint8Array {
  return hash.utf8(canonicalize(value))
}

/** `sha256:<hex>` of the canonical bytes. */
export function digestOf(value: Json, hash: Hash): string {
  return `sha256:${hex(hash.sha256(canonicalBytes(value, hash)))}`
}

/**
 * A copy with every object's keys in UTF-16 order, which the native `JSON.stringify` then writes as RFC 8785 wants it.
 * `undefined` where a copy cannot keep the order, or the value is not JSON: then `write` finds out which, and says where.
 */
function sorted(value: unknown, depth: number): Json | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (depth === DEPTH_MAX) return undefined
  if (Array.isArray(value)) {
    const copy: Json[] = []
    for (let i = 0; i < value.length; i++) {
      const item = sorted(value[i], depth + 1)
      if (item === undefined) return undefined
      copy.push(item)
    }
    return copy
  }
  if (!isPlainObject(value)) return undefined
  const copy: { [key: string]: Json } = {}
  for (const key of sortedKeys(value)) {
    if (hasOrderOfItsOwn(key)) return undefined
    const item = sorted(value[key], depth + 1)
    if (item === undefined) return undefined
    copy[key] = item
  }
  return copy
}

/** The same text without a copy: slower, for any key, and it names the place of what is not JSON. */
function write(value: unknown, pointer: string, depth: number): string {
  if (typeof value === 'string') return writeString(value, pointer)
  if (typeof value === 'boolean' || value === null) return String(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (typeof value !== 'object') throw notJson(pointer, typeof value === 'number' ? String(value) : typeof value)
  if (depth === DEPTH_MAX) throw notJson(pointer, `a value nested deeper than ${DEPTH_MAX}`)
  if (Array.isArray(value)) return `[${Array.from(value, (item, i) => write(item, `${pointer}/${i}`, depth + 1)).join(',')}]`
  if (!isPlainObject(value)) throw notJson(pointer, 'an object of a class')
  const members = sortedKeys(value).map((key) => {
    const place = pointer + pointerStep(key)
    return `${writeString(key, place)}:${write(value[key], place, depth + 1)}`
  })
  return `{${members.join(',')}}`
}

function writeString(text: string, pointer: string): string {
  if (!text.isWellFormed()) throw notJson(pointer, 'a lone surrogate')
  return JSON.stringify(text)
}

/** In UTF-16 order, which is how JavaScript compares texts. Insertion is the faster way for as few as objects mostly have. */
function sortedKeys(value: object): string[] {
  const keys = Object.keys(value)
  if (keys.length > FEW_KEYS) return keys.sort()
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i]!
    let at = i
    for (; at > 0 && keys[at - 1]! > key; at--) keys[at] = keys[at - 1]!
    keys[at] = key
  }
  return keys
}

/** Integer keys are moved to the front of every JavaScript object, in numeric order; `__proto__` is not stored by assignment. */
function hasOrderOfItsOwn(key: string): boolean {
  const first = key.charCodeAt(0)
  return first >= 0x30 && first <= 0x39 ? /^\d+$/.test(key) : key === '__proto__'
}

function isPlainObject(value: unknown): value is JsonObject {
  if (typeof value !== 'object') return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // The second test instead of `=== Object.prototype` lets objects of another realm in.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function notJson(pointer: string, what: string) {
  return fault('invalid', `not JSON at \`${pointer}\`: ${what}`, { errors: [{ pointer, detail: `${what} has no canonical JSON` }] })
}
