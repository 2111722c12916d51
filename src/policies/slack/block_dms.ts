// Agents speak where others can read it.
import * as z from 'zod'
import { allow, definePolicy, deny, quoted } from '../../engine/index.ts'

/** Denies a `channel` that is a direct message, a group message or a user: an id that begins with D, G, U or W, a mention, `@name`, `mpdm-…`. */
export const blockDms = definePolicy({
  id: 'block_dms',
  title: 'No direct messages',
  params: z.strictObject({}),
  reads: z.object({ channel: z.string().optional() }),
  on: ['slack.*'],
  evaluate({ reads: { channel } }) {
    if (channel === undefined) return allow('no channel is named')
    if (!channel.split(',').some(isDirect)) return allow(`${quoted(channel)} is a channel`)
    return deny(`${quoted(channel)} is a direct message, and those are blocked`, { remedy: 'post in a channel' })
  }
})

/** Names of channels are lower case: capitals with a digit, or of an id's length, are an id. */
function isDirect(text: string): boolean {
  const plain = text.trim().replace(/^#/, '')
  if (/^<?@/.test(plain) || plain.startsWith('mpdm-')) return true
  return /^[DGUW][A-Z0-9]+$/.test(plain) && (/\d/.test(plain) || plain.length >= 9)
}
