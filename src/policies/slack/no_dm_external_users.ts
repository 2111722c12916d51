// What an agent says stays in the house.
import * as z from 'zod'
import { allow, definePolicy, deny, quoted } from '../../engine/index.ts'
import { CHANNEL_LOOKUP, isDirect, type Place, placeIn } from './place.ts'

/**
 * Denies a message to somebody outside the workspace: a direct or group message with a person of another company or a guest, and a channel
 * that is shared with another company. Slack is asked; where it does not answer, the message is denied, and the reason says so.
 */
export const noDmExternalUsers = definePolicy({
  id: 'no_dm_external_users',
  title: 'No messages to outsiders',
  params: z.strictObject({
    /** Guests are let in by the workspace, but belong to somebody else. */
    allow_guests: z.boolean().default(false),
    allow_shared_channels: z.boolean().default(false)
  }),
  reads: z.object({ channel: z.string().optional() }),
  on: ['slack.writes'],
  lookups: [CHANNEL_LOOKUP],
  evaluate({ reads: { channel }, facts }, { allow_guests, allow_shared_channels }) {
    if (channel === undefined) return allow('no channel is named')
    const place = placeIn(facts)
    if (typeof place !== 'string') {
      const outsider = outsiderIn(place, allow_guests, allow_shared_channels)
      return outsider === null
        ? allow(`${quoted(channel)} is read in the workspace only`)
        : deny(`${quoted(channel)} ${outsider}`, { remedy: 'write to people of the workspace' })
    }
    // Whether a channel is shared does not matter where that is allowed; who a person is always does.
    if (allow_shared_channels && !/[@,]/.test(channel) && !isDirect(channel)) return allow(`${quoted(channel)} is a channel`)
    return deny(`who reads ${quoted(channel)} could not be looked up: ${place}`, {
      remedy: 'name one channel or person that the bot sees, or try again'
    })
  }
})

function outsiderIn({ user, externals, guests, is_ext_shared, kind }: Place, allowGuests: boolean, allowShared: boolean): string | null {
  if (user?.is_external || (kind === 'im' && user === null)) return 'is a direct message with somebody of another company'
  if (user?.is_guest && !allowGuests) return 'is a direct message with a guest'
  if (kind === 'mpim' && externals.length > 0) return `is a group message with ${externals.length} of another company`
  if (kind === 'mpim' && guests.length > 0 && !allowGuests) return `is a group message with ${guests.length} guests`
  if (is_ext_shared && kind !== 'im' && !allowShared) return 'is shared with another company'
  return null
}
