// Values between JSON and Postgres: in as text that the server reads by the column's type, out without losing a digit.
import type { Json } from '../../engine/schema.ts'
import type { Column } from './catalogue.ts'
import { refuse } from './refusal.ts'
import type { Bound } from './session.ts'

const JSON_TYPES: ReadonlySet<string> = new Set(['json', 'jsonb'])
const FLOATS: ReadonlySet<string> = new Set(['float4', 'float8'])
const SMALL_NUMBERS: ReadonlySet<string> = new Set(['int2', 'int4', 'oid', ...FLOATS])

/** The text to bind for a value of this column. Null is SQL's NULL; for json columns everything else is the JSON value itself. */
export function bindable(column: Column, value: Json): Bound {
  if (value === null) return null
  if (JSON_TYPES.has(column.base)) return wellFormed(column, JSON.stringify(value))
  if (Array.isArray(value)) {
    if (column.element === null) throw refuse('bad_value', `column \`${column.name}\` is of type ${column.type}, which is not an array`)
    return value.map((item) => element(column, column.element!, item as Json))
  }
  return scalar(column, column.base, value)
}

/** The same as one text, for a place that takes nothing but text: an array as its literal. */
export function bindableText(column: Column, value: Json): string | null {
  const bound = bindable(column, value)
  return typeof bound === 'object' && bound !== null ? arrayLiteral(bound) : bound
}

function arrayLiteral(items: readonly Bound[]): string {
  const written = items.map((item) => {
    if (item === null) return 'NULL'
    return typeof item === 'string' ? `"${item.replaceAll(/[\\"]/g, '\\$&')}"` : arrayLiteral(item)
  })
  return `{${written.join(',')}}`
}

function element(column: Column, base: string, value: Json): Bound {
  if (value === null) return null
  if (JSON_TYPES.has(base)) return wellFormed(column, JSON.stringify(value))
  if (Array.isArray(value)) return value.map((item) => element(column, base, item as Json))
  return scalar(column, base, value)
}

function scalar(column: Column, base: string, value: Json): string {
  if (typeof value === 'string') return wellFormed(column, value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value !== 'number')
    throw refuse('bad_value', `column \`${column.name}\` is of type ${column.type}: an object cannot be stored in it`)
  // JSON.parse has already rounded it: what the caller wrote is lost, and storing the rest would be a silent lie.
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && !FLOATS.has(base)) {
    throw refuse('bad_value', `the number for column \`${column.name}\` has more digits than JSON numbers keep: send it as a string`)
  }
  return Object.is(value, -0) ? '-0' : String(value)
}

function wellFormed(column: Column, text: string): string {
  if (text.isWellFormed()) return text
  throw refuse('bad_value', `the value for column \`${column.name}\` holds half of a surrogate pair, which is no text`)
}

/** A cell for people and programs: small numbers, booleans, JSON and arrays as themselves, times in ISO 8601, all else as exact text. */
export function jsonOf(column: Column, text: string | null): Json {
  if (text === null) return null
  return column.element === null ? jsonOfScalar(column.base, text) : jsonOfItems(column.element, JSON.parse(text) as Json)
}

function jsonOfItems(base: string, items: Json): Json {
  if (Array.isArray(items)) return items.map((item) => jsonOfItems(base, item as Json))
  return items === null ? null : jsonOfScalar(base, items as string)
}

function jsonOfScalar(base: string, text: string): Json {
  if (base === 'bool') return text === 'true' || text === 't'
  if (SMALL_NUMBERS.has(base)) return Number.isFinite(Number(text)) && text !== '-0' ? Number(text) : text
  if (JSON_TYPES.has(base)) return losesDigits(text) ? text : (JSON.parse(text) as Json)
  if (base === 'timestamptz') return text.replace(/^(\d{4}-\d\d-\d\d) ([\d:.]+)\+00$/, '$1T$2Z')
  if (base === 'timestamp') return text.replace(/^(\d{4}-\d\d-\d\d) ([\d:.]+)$/, '$1T$2')
  return text
}

/** Whether a number in this JSON is longer, or larger, than JSON.parse keeps. */
function losesDigits(json: string): boolean {
  return /[\d.]{16,}|\de\+?\d{3,}/i.test(json.replace(/"(?:[^"\\]|\\.)*"/g, '""'))
}

/** The SQL that gives the text `jsonOf` reads. */
export function readableText(column: Column, expression: string, exact: string): string {
  return column.element === null ? exact : `to_json(${expression}::text[])::text`
}
