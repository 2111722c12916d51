// The input gate: what comes in is exactly what will be judged and signed, or it is refused with the place named.
import type * as z from 'zod'
import { fault, type InputError } from './fault.ts'
import { readsBackWhole } from './json_quick.ts'
import { scanJson } from './json_scan.ts'
import { pointerOf } from './pointer.ts'
import type { Hash } from './ports.ts'
import type { Json } from './schema.ts'
import { utf8ErrorAt, utf8Length } from './utf8.ts'

/** What a body may have at most: bytes of UTF-8, and arrays and objects inside each other. */
export interface JsonLimits {
  readonly bytes: number
  readonly depth: number
}

export const JSON_LIMITS: JsonLimits = { bytes: 262_144, depth: 32 }

/**
 * The value of JSON text, with nothing lost or changed in reading it.
 * Throws fault `payload_too_large`, or `bad_json` naming pointer, line and column: no JSON, a byte order mark, too deep, a duplicate key,
 * a lone surrogate, the key `__proto__`, or a number that a double does not hold exactly as written.
 */
export function parseJson(text: string, limits: JsonLimits = JSON_LIMITS): Json {
  // UTF-8 takes one to three bytes a unit: counting is only needed in between.
  if (text.length > limits.bytes || (text.length * 3 > limits.bytes && utf8Length(text) > limits.bytes)) throw tooLarge(limits)
  return read(text, limits.depth)
}

/** The same for bytes, which must be UTF-8: else fault `bad_json` naming the first wrong byte. */
export function parseJsonBytes(bytes: Uint8Array, hash: Pick<Hash, 'text'>, limits: JsonLimits = JSON_LIMITS): Json {
  if (bytes.length > limits.bytes) throw tooLarge(limits)
  return read(decodeUtf8(bytes, hash), limits.depth)
}

/** The text of UTF-8 bytes, byte order mark and all; throws fault `bad_json` naming the first wrong byte. */
export function decodeUtf8(bytes: Uint8Array, hash: Pick<Hash, 'text'>): string {
  try {
    return hash.text(bytes)
  } catch {
    const at = utf8ErrorAt(bytes)
    throw fault('bad_json', `the body is not UTF-8: byte ${at}`, { errors: [{ pointer: '', detail: `not UTF-8 at byte ${at}` }] })
  }
}

/** One entry per wrong place, each an RFC 6901 pointer; an unknown key is pointed at itself. */
export function issuesToErrors(error: z.core.$ZodError): InputError[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ pointer: pointerOf([...issue.path, key]), detail: 'unknown field' }))
    return [{ pointer: pointerOf(issue.path), detail: issue.message }]
  })
}

/** The value as the schema gives it; throws fault `invalid` (422) naming every wrong place. */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const errors = issuesToErrors(parsed.error)
  const first = errors[0]
  throw fault('invalid', first ? `\`${first.pointer}\`: ${first.detail}` : 'not valid', { errors })
}

function read(text: string, depth: number): Json {
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    scanJson(text, depth)
    throw fault('bad_json', 'the body is not JSON')
  }
  if (!readsBackWhole(text, value, depth)) scanJson(text, depth)
  return value
}

function tooLarge(limits: JsonLimits) {
  return fault('payload_too_large', `a body may have ${limits.bytes} bytes`)
}
