// One table of what Slack's refusals mean: its own word as the code, a sentence, and whether a write may have happened all the same.
import { ErrorCode } from '@slack/web-api'
import { failed, type ActionResult } from '../../engine/index.ts'

type Doubt = 'none' | 'settled' | 'open'

/**
 * A request that did not succeed. `doubt` says what that means for a write: `none` = it did not happen; `settled` = it may have happened,
 * and looking tells; `open` = the request may still be on its way.
 */
export class SlackFailure extends Error {
  readonly code: string
  readonly doubt: Doubt
  constructor(code: string, message: string, doubt: Doubt) {
    super(message)
    this.code = code
    this.doubt = doubt
  }
  /** As the action's answer; a read has no effect to doubt. */
  result(isWrite: boolean): ActionResult<never> {
    return failed(this.code, this.message, isWrite && this.doubt !== 'none' ? 'unknown' : 'none')
  }
}

/** https://docs.slack.dev/reference/methods, the errors that somebody can do something about. */
const WORDS: Readonly<Record<string, string>> = {
  account_inactive: 'the token belongs to somebody who is gone',
  cant_delete_message: 'the bot can delete its own messages only',
  cant_update_message: 'the bot can change its own messages only',
  channel_not_found: 'slack does not know this conversation, or hides it from the bot',
  edit_window_closed: 'the message is too old to be changed in this workspace',
  invalid_auth: 'slack does not accept the token',
  invalid_blocks: 'slack does not accept the blocks',
  is_archived: 'the channel is archived',
  message_not_found: 'there is no such message',
  msg_too_long: 'the message is too long',
  no_permission: 'the token may not do this',
  not_authed: 'slack does not accept the token',
  not_in_channel: 'the bot is not in this channel: invite it',
  restricted_action: 'the workspace does not let the bot do this',
  thread_not_found: 'there is no such thread',
  token_expired: 'the token has expired',
  token_revoked: 'the token was revoked',
  user_disabled: 'this person has left the workspace',
  user_not_found: 'slack does not know this person',
  users_not_found: 'slack does not know this person'
}

/** Slack says of these itself that a part may have been done. */
const MAYBE_DONE: ReadonlySet<string> = new Set(['internal_error', 'fatal_error', 'service_unavailable'])
const RATE = /^(ratelimited|rate_limited)$/

/** What an HTTP answer means that is not Slack's own; null for one that the vendor's client can read. */
export function answerFailure(status: number, retryAfter: string | null, text: string): SlackFailure | null {
  if (status === 429) return limited(Number(retryAfter))
  if (status >= 500) return new SlackFailure('vendor_error', `slack answered ${status}`, 'open')
  if (status !== 200) return new SlackFailure('rejected', `slack answered ${status}`, 'none')
  try {
    const answer = JSON.parse(text) as { ok?: unknown } | null
    if (typeof answer?.ok === 'boolean') return null
  } catch {
    // Falls through: a proxy that speaks in Slack's place.
  }
  return new SlackFailure('vendor_error', 'slack answered something that is not an answer of its API', 'open')
}

/** What a thrown thing means, or null where it is no answer of Slack's but a bug. */
export function toFailure(error: unknown): SlackFailure | null {
  if (error instanceof SlackFailure) return error
  if (!(error instanceof Error) || !('code' in error)) return null
  if (error.code === ErrorCode.PlatformError && 'data' in error) return refusal(error.data as Refused)
  if (error.code !== ErrorCode.RequestError || !('original' in error)) return null
  const { original } = error
  if (original instanceof SlackFailure) return original
  if (original instanceof Error && /^(Timeout|Abort)Error$/.test(original.name))
    return new SlackFailure('timed_out', 'slack did not answer in time', 'open')
  return new SlackFailure('unreachable', 'the connection to slack failed', 'open')
}

interface Refused {
  readonly error?: unknown
  readonly needed?: unknown
  readonly response_metadata?: { readonly messages?: unknown }
}

function refusal({ error, needed, response_metadata }: Refused): SlackFailure {
  const code = wordOf(error) ?? 'rejected'
  if (RATE.test(code)) return limited(Number.NaN)
  if (code === 'missing_scope')
    return new SlackFailure(code, `the token lacks the scope ${scopesOf(needed)}: add it and reinstall the app`, 'none')
  const more = said(response_metadata?.messages)
  if (MAYBE_DONE.has(code)) return new SlackFailure(code, `slack failed (\`${code}\`)`, 'settled')
  return new SlackFailure(code, `${WORDS[code] ?? `slack refuses (\`${code}\`)`}${more}`, 'none')
}

function limited(seconds: number): SlackFailure {
  const wait = seconds > 0 ? Math.min(Math.ceil(seconds), 86_400) : 60
  return new SlackFailure('rate_limited', `slack limits the rate: try again in ${wait} s`, 'none')
}

function wordOf(value: unknown): string | null {
  return typeof value === 'string' && /^[a-z0-9_]{1,80}$/.test(value) ? value : null
}

function scopesOf(needed: unknown): string {
  return typeof needed === 'string' && /^[a-z0-9_:.,-]{1,200}$/.test(needed) ? `\`${needed}\`` : 'it needs'
}

/** What Slack says about the place, on one line and short. */
function said(messages: unknown): string {
  if (!Array.isArray(messages)) return ''
  const text = messages
    .filter((each) => typeof each === 'string')
    .join('; ')
    .replace(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, ' ')
    .trim()
  return text === '' ? '' : ` (${text.slice(0, 300)})`
}
