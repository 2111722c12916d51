// The input gate: what comes in is exactly what will be judged and signed, or it is refused with the place named.
import type * as z from 'zod'
import { fault } from './fault.ts'
import type { InputError } from './fault.ts'

/** One entry per wrong place, each an RFC 6901 pointer; an unknown key is pointed at itself. */
export function issuesToErrors(error: z.core.$ZodError): InputError[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ pointer: pointerOf([...issue.path, key]), detail: 'unknown field' }))
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

/** An RFC 6901 pointer: `['payload', 'a/b']` is `/payload/a~1b`, the whole document the empty text. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
