// Slack: messages in channels, threads and direct messages, each write with the call that takes it back where there is one.
import * as z from 'zod'
import { defineConnector } from '../../engine/index.ts'
import { createClient } from './client.ts'
import { delete_message } from './delete.ts'
import { post_message, retract_message } from './post.ts'
import { resolve_channel } from './resolve.ts'
import { restore_message, update_message } from './update.ts'

/** The Slack connector: nothing outside `channels`, what agents write is text, and no token in anything it answers. */
export const slack = defineConnector({
  id: 'slack',
  title: 'Slack',
  options: z.strictObject({
    /** A bot's token (`xoxb-…`). */
    token: z.string().min(1),
    api_url: z
      .url()
      .refine(isSafeAddress, 'must be https without credentials (http only on this machine)')
      .default('https://slack.com/api'),
    /** Ids of channels and people. Absent = all that the bot reaches; empty = none. */
    channels: z
      .array(z.string().regex(/^[CDGUW][A-Z0-9]{1,63}$/, 'must be an id such as `C0123ABCD`'))
      .readonly()
      .optional()
  }),
  scope: ({ api_url, channels }) => ({ api_url, ...(channels ? { channels } : {}) }),
  connect: (options) => ({ client: createClient(options) }),
  actions: { resolve_channel, post_message, retract_message, update_message, restore_message, delete_message }
})

// A token sent in clear text over a network is a token lost.
function isSafeAddress(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname, username, password, search, hash } = new URL(address)
  if (username !== '' || password !== '' || search !== '' || hash !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname))
}
