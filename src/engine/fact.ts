// Facts as admins set them: which forms the names that Enact itself knows may have.
import * as z from 'zod'
import { canonicalize } from './canonical.ts'
import { fault } from './fault.ts'
import { issuesToErrors } from './input.ts'
import type { Json } from './schema.ts'

/** All of a team's facts are read at once and stand in receipts. */
export const FACT_LENGTH_MAX = 16_384
export const FACTS_MAX = 200

const Reason = z.string().max(500)
const Switch = z.union([z.boolean(), Reason, z.strictObject({ active: z.boolean(), reason: Reason.optional() })], {
  error: 'must be true or false, a reason, or {active, reason}'
})

/** Of any other name, every value is taken. */
const FORMS: Readonly<Record<string, z.ZodType>> = {
  code_freeze: Switch,
  kill_switch: Switch,
  promoted_policies: z.array(z.string().min(1).max(128)).max(500),
  protected_tables: z.array(z.string().min(1).max(256)).max(500)
}

/** A fact as it is listed. */
export interface FactRecord {
  readonly name: string
  readonly value: Json
  readonly updated_at: string
}

/** Throws fault `invalid` for a value that the name cannot have: a switch that is misspelt must not look as if it had been thrown. */
export function checkFact(name: string, value: Json): void {
  const parsed = Object.hasOwn(FORMS, name) ? FORMS[name]!.safeParse(value) : null
  if (parsed?.success === false) {
    const errors = issuesToErrors(parsed.error).map(({ pointer, detail }) => ({ pointer: `/value${pointer}`, detail }))
    throw fault('invalid', `\`${name}\` cannot be this: ${errors[0]?.detail ?? ''}`, { errors })
  }
  if (canonicalize(value).length > FACT_LENGTH_MAX) {
    const detail = `is longer than ${FACT_LENGTH_MAX} characters`
    throw fault('invalid', `the value ${detail}`, { errors: [{ pointer: '/value', detail }] })
  }
}
