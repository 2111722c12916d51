// Agents speak where others can read it.
import * as z from 'zod'
import { allow, definePolicy, deny, quoted } from '../../engine/index.ts'
import { CHANNEL_LOOKUP, isDirect, placeIn } from './place.ts'

/**
 * Denies a `channel` that is a direct message, a group message or a user: by what Slack says of it where it can be looked up, else by its
 * look: an id that begins with D, G, U or W, a mention, `@name`, `mpdm-…`.
 */
export const blockDms = definePolicy({
  id: 'block_dms',
  title: 'No direct messages',
  params: z.strictObject({}),
  reads: z.object({ channel: z.string().optional() }),
  on: ['slack.*'],
  lookups: [CHANNEL_LOOKUP],
  evaluate({ reads: { channel }, facts }) {
    if (channel === undefined) return allow('no channel is named')
    const place = placeIn(facts)
    const direct = typeof place === 'string' ? channel.split(',').some(isDirect) : place.kind === 'im' || place.kind === 'mpim'
    if (!direct) return allow(`${quoted(channel)} is a channel`)
    return deny(`${quoted(channel)} is a direct message, and those are blocked`, { remedy: 'post in a channel' })
  }
})
