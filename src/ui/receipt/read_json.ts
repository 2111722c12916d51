// Looking into JSON that anybody may have written: what is not of the wanted kind is not there.
import type { Json, JsonObject } from '../../engine/schema.ts'

/** An object's member as an object; null where it is none. */
export function objectAt(value: unknown, key: string): JsonObject | null {
  const item = memberAt(value, key)
  return isObject(item) ? item : null
}

/** A member that is a text with something in it. */
export function textAt(value: unknown, key: string): string | null {
  const item = memberAt(value, key)
  return typeof item === 'string' && item !== '' ? item : null
}

export function numberAt(value: unknown, key: string): number | null {
  const item = memberAt(value, key)
  return typeof item === 'number' ? item : null
}

/** A member that is a list of objects. */
export function rowsAt(value: unknown, key: string): readonly JsonObject[] | null {
  const item = memberAt(value, key)
  return Array.isArray(item) && item.every(isObject) ? item : null
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The own member: a name like `constructor` finds nothing that was not written there. */
export function memberAt(value: unknown, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}
