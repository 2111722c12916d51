// Notices in Slack: a message with buttons to a registered person, changed in place once it cannot decide any more.
import { ErrorCode, LogLevel, WebClient } from '@slack/web-api'
import type { Notice } from '../../engine/index.ts'

export interface SlackOptions {
  readonly token: string
  readonly apiUrl?: string
}

/** Slack's limits: characters of a section, of a button's value, blocks of a message. */
const SECTION_MAX = 2_900
const VALUE_MAX = 2_000
const SECTIONS_MAX = 40
const HEADLINE_MAX = 150

/** Notices through a bot's token. */
export interface SlackNotices {
  /** Where the message is, for `change`. */
  send(notice: Notice): Promise<string>
  change(ref: string, text: string): Promise<void>
}

/** A client that tries once, follows no redirect, and says when it is told to wait. */
export function slackClient({ token, apiUrl }: SlackOptions): WebClient {
  return new WebClient(token, {
    ...(apiUrl === undefined ? {} : { slackApiUrl: `${apiUrl.replace(/\/+$/, '')}/` }),
    fetch: fetchWithoutRedirects,
    timeout: 10_000,
    logLevel: LogLevel.ERROR,
    // Whoever sends a notice tries again by itself, later and longer.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false
  })
}

/** Everything that is shown is plain text: what an agent wrote is neither markup, mention nor link. */
export function slackNotices(options: SlackOptions): SlackNotices {
  const { postMessage: post, update } = slackClient(options).chat
  return {
    send: ({ channel, subject, text, links }) =>
      named(async () => {
        const sent = await post({
          channel: channel.address,
          text: subject,
          blocks: blocksOf(subject, text, links) as never,
          unfurl_links: false,
          unfurl_media: false
        })
        return `${sent.channel}/${sent.ts}`
      }),
    change: (ref, text) =>
      named(async () => {
        const [channel = '', ts = ''] = ref.split('/')
        await update({ channel, ts, text, blocks: [{ type: 'section', text: plain(text) }] })
      })
  }
}

/**
 * The message in blocks. INVARIANT: the button that approves is there only where everything that will be done fits into the message;
 * otherwise the page has it.
 */
export function blocksOf(subject: string, text: string, links: Notice['links']): unknown[] {
  const parts: string[] = []
  for (let rest = text; rest !== ''; rest = rest.slice(parts.at(-1)!.length)) parts.push(pieceOf(rest))
  const isWhole = parts.length <= SECTIONS_MAX
  const shown = isWhole ? parts : [...parts.slice(0, SECTIONS_MAX), '… there is more: open it to see all.']
  const fits = (link: string | null): link is string => link !== null && link.length <= VALUE_MAX
  const button = (action_id: string, label: string, style: string, value: string) => ({
    type: 'button',
    action_id,
    style,
    value,
    text: plain(label)
  })
  const elements = [
    ...(isWhole && fits(links.approve) ? [button('approve', 'Approve', 'primary', links.approve)] : []),
    ...(fits(links.deny) ? [button('deny', 'Deny', 'danger', links.deny)] : []),
    ...(fits(links.approve) ? [{ type: 'button', action_id: 'open', url: links.approve, text: plain('Open') }] : [])
  ]
  return [
    { type: 'header', text: plain(subject.length > HEADLINE_MAX ? `${subject.slice(0, HEADLINE_MAX - 1).toWellFormed()}…` : subject) },
    ...shown.map((part) => ({ type: 'section', text: plain(part) })),
    ...(elements.length > 0 ? [{ type: 'actions', elements }] : [])
  ]
}

/** A piece that fits a section and does not cut a character in two. */
function pieceOf(text: string): string {
  const end = Math.min(text.length, SECTION_MAX)
  return text.slice(0, (text.charCodeAt(end - 1) & 0xfc00) === 0xd800 ? end - 1 : end)
}

function plain(text: string) {
  return { type: 'plain_text' as const, text, emoji: false }
}

/** INVARIANT: what goes wrong is told by Slack's code alone: the client's own errors may carry the request, and with it the links. */
async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code, data } = error as { code?: string; data?: { error?: string } }
    const why = code === ErrorCode.PlatformError ? data?.error : code
    // oxlint-disable-next-line preserve-caught-error -- the cause is what must not be told
    throw new Error(`Slack did not take the message: ${/^[a-z_]{1,80}$/i.test(why ?? '') ? why : 'no answer'}`)
  }
}

/** workerd refuses `redirect: 'error'`, and its fetch wants to be called on the global. */
const fetchWithoutRedirects: typeof fetch = async (input, init) => {
  const response = await fetch(input, { ...init, redirect: 'manual' })
  if (response.status >= 300 && response.status < 400) throw new Error('Slack answered with a redirect')
  return response
}
