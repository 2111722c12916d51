// One person, one contact.
import * as z from 'zod'
import { allow, definePolicy, deny, type Json, quoted } from '../../engine/index.ts'

const LOOKUP = 'hubspot.get_contact'

/** Denies when the CRM has a contact with this `email`, and when that cannot be found out. */
export const dontDuplicateContacts = definePolicy({
  id: 'dont_duplicate_contacts',
  title: 'No second contact for one address',
  params: z.strictObject({}),
  reads: z.object({ email: z.string().optional() }),
  on: ['create_contact'],
  lookups: [{ action: LOOKUP, input: ({ email }) => (typeof email === 'string' ? { email: email.trim().toLowerCase() } : null) }],
  evaluate({ reads: { email }, facts }) {
    if (email === undefined) return allow('no address is named')
    const found = foundIn(facts[LOOKUP])
    if (typeof found === 'string')
      return deny(`whether ${quoted(email)} is a contact could not be looked up: ${found}`, {
        remedy: `configure a connector with ${quoted(LOOKUP)}, or try again`
      })
    return found
      ? deny(`contact ${quoted(email)} exists`, { remedy: 'update the contact that exists' })
      : allow(`there is no contact ${quoted(email)}`)
  }
})

/** What the look-up said, or why it said nothing. */
function foundIn(looked: Json | undefined): boolean | string {
  if (looked === null || typeof looked !== 'object') return `${quoted(LOOKUP)} did not answer`
  const { success, output, error } = looked as { success?: Json; output?: { found?: Json } | null; error?: Json }
  if (success !== true) return typeof error === 'string' ? error : `${quoted(LOOKUP)} failed`
  return typeof output?.found === 'boolean' ? output.found : `${quoted(LOOKUP)} gave no \`found\``
}
