// The way to Slack: the slice of the vendor's client in use, no retries, no redirects, no token in any answer.
import { LogLevel, WebClient } from '@slack/web-api'
import { ENGINE_VERSION } from '../../engine/index.ts'
import { answerFailure, SlackFailure } from './failure.ts'

/** What the actions call. */
export interface SlackApi {
  readonly auth: Pick<WebClient['auth'], 'test'>
  readonly chat: Pick<WebClient['chat'], 'postMessage' | 'update' | 'delete'>
  readonly conversations: Pick<WebClient['conversations'], 'info' | 'list' | 'members' | 'open' | 'history' | 'replies'>
  readonly users: Pick<WebClient['users'], 'info' | 'list' | 'lookupByEmail'>
}

/** Whose token it is. */
export interface Self {
  readonly team_id: string
  readonly enterprise_id: string | null
  readonly bot_id: string | null
  readonly user_id: string | null
}

export interface SlackClient {
  /** The API for one call: every request of it ends when this time is up. */
  within(ms: number): SlackApi
  /** Whether the installation lets agents touch the conversation or person of this id. */
  allows(id: string): boolean
  /** Slack's own clock in seconds, as last told; null before the first answer. */
  time(): number | null
  /** What was found out and does not change while a run lasts. A name that is renamed meanwhile is no way around: ids are what is judged. */
  readonly known: { self: Self | null; readonly ids: Map<string, string> }
}

export interface ClientOptions {
  readonly token: string
  readonly api_url: string
  readonly channels?: readonly string[] | undefined
}

const SILENT = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  setName() {},
  getLevel: () => LogLevel.ERROR
}

/** A client that never retries by itself: what became of a write is the recorder's to know. */
export function createClient({ token, api_url, channels }: ClientOptions): SlackClient {
  let time: number | null = null
  return {
    within: (ms) => {
      const signal = AbortSignal.timeout(ms)
      return new WebClient(token, {
        slackApiUrl: `${api_url.replace(/\/+$/, '')}/`,
        fetch: async (address, init) => {
          const response = await ask(String(address), init ?? {}, signal, token)
          const at = Date.parse(response.headers.get('date') ?? '')
          if (at > 0) time = at / 1_000
          return response
        },
        headers: { 'User-Agent': `enact/${ENGINE_VERSION}` },
        // The vendor's client would write requests, and with them messages, into the log.
        logger: SILENT,
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
        allowAbsoluteUrls: false
      })
    },
    allows: (id) => channels === undefined || channels.includes(id),
    time: () => time,
    known: { self: null, ids: new Map() }
  }
}

type Init = { method?: string; headers?: Record<string, string>; body?: string | FormData }

/** INVARIANT: only an answer in Slack's own words comes back; everything else is a failure that says whether the request may have been served. */
async function ask(address: string, { method, headers, body }: Init, signal: AbortSignal, token: string): Promise<Response> {
  const init = { ...(method ? { method } : {}), ...(headers ? { headers } : {}), ...(body === undefined ? {} : { body }) }
  // workerd refuses `redirect: 'error'`, which the vendor's client asks for.
  const response = await fetch(address, { ...init, redirect: 'manual', signal })
  if ((response.status >= 300 && response.status < 400) || (response.type as string) === 'opaqueredirect')
    throw new SlackFailure('moved', 'slack answered with a redirect: check the address', 'none')
  const text = (await response.text()).replaceAll(token, '[token]')
  const failure = answerFailure(response.status, response.headers.get('retry-after'), text)
  if (failure !== null) throw failure
  return new Response(text, { headers: { 'content-type': 'application/json', date: response.headers.get('date') ?? '' } })
}
