// The place a message goes to, as Slack itself says: what an agent calls it is only a name.
import * as z from 'zod'
import { type Json, type JsonObject, type Lookup, quoted } from '../../engine/index.ts'

const LOOKUP = 'slack.resolve_channel'

/** Asks Slack what `channel` means. A list of several is no question: it is judged as it is written. */
export const CHANNEL_LOOKUP: Lookup = {
  action: LOOKUP,
  input: ({ channel }) => (typeof channel === 'string' && /^[^,]*[^,\s][^,]*$/.test(channel) ? { channel: channel.trim() } : null)
}

const Person = z.object({ id: z.string(), is_external: z.boolean(), is_guest: z.boolean() })
const Place = z.object({
  id: z.string(),
  name: z.string().nullable(),
  kind: z.enum(['channel', 'private', 'im', 'mpim']),
  is_ext_shared: z.boolean(),
  num_members: z.number().nullable(),
  user: Person.nullable(),
  externals: z.array(z.string()),
  guests: z.array(z.string())
})
export type Place = z.infer<typeof Place>

/** Where it is, or why that is not known. */
export function placeIn(facts: JsonObject): Place | string {
  const looked: Json | undefined = facts[LOOKUP]
  if (looked === null || typeof looked !== 'object' || Array.isArray(looked)) return `${quoted(LOOKUP)} did not answer`
  const { success, output, error } = looked as JsonObject
  if (success !== true) return typeof error === 'string' ? error : `${quoted(LOOKUP)} failed`
  const parsed = Place.safeParse(output)
  return parsed.success ? parsed.data : `${quoted(LOOKUP)} gave no conversation`
}

/** What the text itself shows to be a person or a direct message: an id that begins with D, G, U or W, a mention, `@name`, `mpdm-…`. */
export function isDirect(text: string): boolean {
  const plain = text.trim().replace(/^#/, '')
  if (/^<?@/.test(plain) || plain.startsWith('mpdm-')) return true
  // Names of channels are lower case: capitals with a digit, or of an id's length, are an id.
  return /^[DGUW][A-Z0-9]+$/.test(plain) && (/\d/.test(plain) || plain.length >= 9)
}

/** Names are lower case in Slack; ids (`C0123ABCD`) are not, and must not be taken for names. */
export function nameOf(channel: string): string {
  const plain = channel
    .trim()
    .replace(/^<#([A-Z0-9]+)(\|[^>]*)?>$/, '$1')
    .replace(/^#/, '')
  return /^[A-Z0-9]+$/.test(plain) ? plain : plain.toLowerCase()
}
