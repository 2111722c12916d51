// A text is data, not an order: in the fields that hold what strangers wrote.
import * as z from 'zod'
import { allow, definePolicy, deny, type Json, type JsonObject, quoted } from '../../engine/index.ts'
import { findInjection, textsIn } from './injection.ts'

/** As `block_prompt_injection`, for the named `fields` alone; `a.b` names a field inside another. */
export const blockPromptInjectionFields = definePolicy({
  id: 'block_prompt_injection_fields',
  title: 'No prompt injection in named fields',
  params: z.strictObject({ fields: z.array(z.string().min(1)).min(1) }),
  reads: z.object({}),
  evaluate({ payload }, { fields }) {
    for (const field of fields)
      for (const [place, text] of textsIn(valueAt(payload, field), field)) {
        const found = findInjection(text)
        if (found !== null)
          return deny(`${quoted(place)} holds ${found.name}: ${quoted(found.words)}`, {
            remedy: 'leave the text out, or quote the part that is meant'
          })
      }
    return allow('no named field tries to take the agent over')
  }
})

function valueAt(payload: JsonObject, field: string): Json | undefined {
  if (Object.hasOwn(payload, field)) return payload[field]
  let value: Json | undefined = payload
  for (const key of field.split('.')) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined
    value = (value as JsonObject)[key]
  }
  return value
}
