// Messages go to channels that were chosen.
import * as z from 'zod'
import { allow, definePolicy, deny, quoted } from '../../engine/index.ts'
import { CHANNEL_LOOKUP, nameOf, type Place, placeIn } from './place.ts'

/**
 * Denies a `channel` that is not listed; `#general` and `general` are one, ids are compared exactly. Where Slack can be asked, its answer is
 * compared: a channel is listed by its id or by its real name. An empty list blocks every channel.
 */
export const requireChannelAllowlist = definePolicy({
  id: 'require_channel_allowlist',
  title: 'Only listed channels',
  params: z.strictObject({ channels: z.array(z.string().min(1)) }),
  reads: z.object({ channel: z.string().optional() }),
  on: ['slack.*'],
  lookups: [CHANNEL_LOOKUP],
  evaluate({ reads: { channel }, facts }, { channels }) {
    if (channel === undefined) return allow('no channel is named')
    const place = placeIn(facts)
    const names = typeof place === 'string' ? [nameOf(channel)] : namesOf(place)
    if (channels.some((listed) => names.includes(nameOf(listed)))) return allow(`channel ${quoted(channel)} is listed`)
    const all = channels.map((listed) => quoted(listed)).join(', ')
    if (channels.length === 0) return deny(`channel ${quoted(channel)} is not listed: no channel is`)
    return deny(`channel ${quoted(channel)} is not listed: allowed are ${all}`, { remedy: `use one of ${all}` })
  }
})

/** A person or a group has no name that a list could mean. */
function namesOf({ id, name, kind }: Place): string[] {
  return name !== null && (kind === 'channel' || kind === 'private') ? [id, nameOf(name)] : [id]
}
