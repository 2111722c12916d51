// Contractors do not write personal data.
import * as z from 'zod'
import { allow, definePolicy, deny, fold, type Json, quoted } from '../../engine/index.ts'

const Names = z.array(z.string().min(1))
const Data = z.union([z.record(z.string(), z.json()), z.array(z.json())])

/** Denies a contractor's `data` (one object or rows of them) or `rows` that have a personal field at any depth; fields are those of the parameter and of the payload together. */
export const contractorCannotWritePii = definePolicy({
  id: 'contractor_cannot_write_pii',
  title: 'Contractors write no personal data',
  params: z.strictObject({ pii_fields: Names.default([]) }),
  reads: z.object({ actor_role: z.string().optional(), pii_fields: Names.optional(), data: Data.optional(), rows: Data.optional() }),
  on: ['postgres.*', 'hubspot.*'],
  evaluate({ reads: { actor_role, pii_fields = [], data, rows } }, params) {
    if (actor_role === undefined || fold(actor_role).trim() !== 'contractor') return allow('the actor is no contractor')
    const listed = new Set([...params.pii_fields, ...pii_fields].map(nameOf))
    const field = listed.size === 0 ? undefined : fieldIn([data ?? null, rows ?? null], listed)
    if (field === undefined) return allow('no personal field is written')
    return deny(`role \`contractor\` must not write the personal field ${quoted(field)}`, {
      remedy: `leave ${quoted(field)} out, or ask an employee`
    })
  }
})

function nameOf(field: string): string {
  return fold(field)
    .trim()
    .replace(/[\s_-]+/g, '')
}

function fieldIn(data: Json, listed: ReadonlySet<string>): string | undefined {
  const rest: Json[] = [data]
  for (let at = rest.pop(); at !== undefined; at = rest.pop()) {
    if (at === null || typeof at !== 'object') continue
    for (const [key, value] of Object.entries(at)) {
      if (!Array.isArray(at) && listed.has(nameOf(key))) return key
      rest.push(value as Json)
    }
  }
  return undefined
}
