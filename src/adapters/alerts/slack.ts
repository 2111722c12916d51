// Alerts into a Slack channel: plain text in blocks, so that nothing in it is markup, a mention or a link.
import { ErrorCode } from '@slack/web-api'
import { wordsOfParcel, type AlertParcel } from '../../engine/index.ts'
import { blocksOf, slackClient, type SlackOptions } from '../notices/index.ts'
import { answered, spoken, type Ended } from './vendor.ts'

/** Slack's own trouble: everything else that it says of a message it would say again. */
const PASSING: ReadonlySet<string> = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'ratelimited',
  'rate_limited'
])

/** Posts one message; the bot must have been invited to the channel. A message whose answer is lost may come twice. */
export function slackAlerts({ origin, ...options }: SlackOptions & { origin(): string | null }) {
  const { postMessage: post } = slackClient(options).chat
  return async (channel: string, parcel: AlertParcel): Promise<Ended> => {
    const words = wordsOfParcel(parcel, origin())
    const open = { type: 'button', action_id: 'open', url: words.link, text: { type: 'plain_text', text: 'Open in Enact', emoji: false } }
    const blocks = blocksOf(words.headline, words.lines.join('\n'), { approve: null, deny: null })
    try {
      await post({
        channel,
        // What notifications show is markup, blocks or not: these three are all that begins one (https://docs.slack.dev/messaging/formatting-message-text).
        text: words.headline.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
        parse: 'none',
        link_names: false,
        blocks: [...blocks, ...(words.link === null ? [] : [{ type: 'actions', elements: [open] }])] as never,
        unfurl_links: false,
        unfurl_media: false
      })
      return { kind: 'response', status: 200, retryAfter: null }
    } catch (error) {
      return endOf(error)
    }
  }
}

/** INVARIANT: by Slack's codes alone: the client's own errors may carry the request, and with it the token. */
function endOf(error: unknown): Ended {
  const { code, data, statusCode, retryAfter } = error as {
    code?: string
    data?: { error?: string }
    statusCode?: number
    retryAfter?: number
  }
  if (code === ErrorCode.RateLimitedError) return answered(429, retryAfter === undefined ? null : String(retryAfter), 'ratelimited')
  if (code === ErrorCode.HTTPError && statusCode !== undefined) return answered(statusCode, null, '')
  const why = data?.error ?? ''
  if (code !== ErrorCode.PlatformError) return { kind: 'failed', message: 'no answer' }
  const said = /^[a-z_]{1,80}$/.test(why) ? spoken(why, []) : 'it did not take the message'
  return PASSING.has(why) ? { kind: 'failed', message: said } : { kind: 'refused', status: 200, message: said }
}
