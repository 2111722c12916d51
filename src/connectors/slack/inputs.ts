// What agents may name in Slack: conversations by id, messages by their time stamp, and text.
import * as z from 'zod'
import { fingerprint } from '../postgres/resource.ts'

/** A channel, a group, a direct message. */
export const ConversationId = z.string().regex(/^[CGD][A-Z0-9]{1,63}$/, 'must be an id such as `C0123ABCD`: `resolve_channel` tells it')
/** The same, or a person, who is written to directly. A name is none: what was judged must be what is posted to. */
export const Destination = z.string().regex(/^[CGDUW][A-Z0-9]{1,63}$/, 'must be an id such as `C0123ABCD`: `resolve_channel` tells it')
export const MessageTs = z.string().regex(/^\d{1,12}\.\d{6}$/, 'must be the `ts` of a message')

/** Slack's limit, counted as it is sent. */
const TEXT_MAX = 40_000

/** What a message says, and what notifications and screen readers tell of it. */
export const Text = z
  .string()
  .max(TEXT_MAX)
  .refine((text) => text.trim() !== '' && !text.includes('\0') && text.isWellFormed(), 'must be text without NUL')
  .refine((text) => asText(text).length <= TEXT_MAX, `must have at most ${TEXT_MAX} characters as Slack counts them`)

/** Text stays text: no mention, no link under another name (https://docs.slack.dev/messaging/formatting-message-text). */
export function asText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** `slack/C0123ABCD/message/1700000000.000100`. */
export function messageResource(channel: string, ts: string): string {
  return `slack/${channel}/message/${ts}`
}

/** A message that is not there yet: agents that write to one channel do not wait for each other, unless they say the same. */
export function newMessageResource(channel: string, thread: string | undefined, text: string): string {
  return `slack/${channel}/new/${fingerprint(`${thread ?? ''}\n${text}`)}`
}
