// Turns whatever a vendor's client gave into plain JSON that says the same: a receipt must hold dates, bigints and bytes truly.
import { base64 } from './bytes.ts'
import type { Json, JsonObject } from './schema.ts'

const DEPTH_MAX = 40

/** Bigint → decimal text, date → RFC 3339, bytes → base64, NaN and infinities → their names; what cannot be said becomes `[unserializable …]`. Never throws. */
export function toJson(value: unknown, depth = 0): Json {
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') return value.isWellFormed() ? value : value.toWellFormed()
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object') return `[unserializable ${typeof value}]`
  if (depth > DEPTH_MAX) return '[unserializable: too deep]'
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (value instanceof Uint8Array) return base64(value)
  if (Array.isArray(value)) return value.map((item) => toJson(item, depth + 1))
  return toJsonObject(value, depth)
}

/** The same for an object; keys whose value is undefined are left out. */
export function toJsonObject(value: object, depth = 0): JsonObject {
  const plain: Record<string, Json> = {}
  try {
    for (const [key, item] of Object.entries(value)) {
      if (item !== undefined)
        Object.defineProperty(plain, key.toWellFormed(), {
          value: toJson(item, depth + 1),
          enumerable: true,
          configurable: true,
          writable: true
        })
    }
  } catch {
    return { unserializable: '[unserializable: a getter threw]' }
  }
  return plain
}

/** RFC 3339 in UTC. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString()
}

/** What an unknown thrown value says, in one line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : typeof error === 'string' ? error : 'it threw something that is not an error'
}
