// One request to an installation: with the key, a time-out, and further attempts only where a second one cannot do a second thing.
import { EnactError, errorOf } from './errors.ts'
import type { Time } from './time.ts'

export type Fetch = (input: string, init: RequestInit) => Promise<Response>

/** Beside the answer itself, whatever a caller may set. */
export interface CallOptions {
  readonly signal?: AbortSignal
  /** Of every attempt. */
  readonly timeoutMs?: number
}

export interface Asked extends CallOptions {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Begins with a slash; parts that are not fixed are encoded. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: unknown
  /** INVARIANT: a POST or PATCH without one is sent once. GET, PUT and DELETE may be repeated by their nature. */
  readonly idempotencyKey?: string
  /** How often it is tried again; 0 = never. */
  readonly retries?: number
}

export interface Answered {
  readonly status: number
  /** Undefined where there was no content. */
  readonly body: unknown
}

/** Throws `EnactError` for every answer that is not a success, and the signal's reason where the caller gave up. */
export type Transport = (asked: Asked) => Promise<Answered>

interface TransportOptions {
  readonly url: string
  readonly apiKey: string
  readonly fetch: Fetch
  readonly timeoutMs: number
  readonly retries: number
  readonly time: Time
}

const BACKOFF_MS = 250
const BACKOFF_MS_MAX = 8_000
/** Whoever is told to wait longer than this should know. */
const RETRY_AFTER_S_MAX = 60
const KEY = /^[\x21-\x7e]{1,256}$/

/** Refuses an address or a key that no request could be made with; the error says nothing of the key. */
export function transport(options: TransportOptions): Transport {
  const base = baseOf(options.url)
  // A header that is refused would be quoted in the platform's own error.
  if (!KEY.test(options.apiKey)) throw new TypeError('the API key must be printable ASCII without spaces')
  return async (asked) => {
    const { time, retries: usual } = options
    const isRepeatable = (asked.method !== 'POST' && asked.method !== 'PATCH') || asked.idempotencyKey !== undefined
    const retries = isRepeatable ? (asked.retries ?? usual) : 0
    for (let attempt = 0; ; attempt++) {
      try {
        return await once(base, asked, options)
      } catch (error) {
        if (!(error instanceof EnactError) || attempt >= retries || !isWorthRepeating(error)) throw error
        await time.sleep(pauseMs(error, attempt), asked.signal)
      }
    }
  }
}

async function once(base: string, asked: Asked, { apiKey, fetch, timeoutMs }: TransportOptions): Promise<Answered> {
  const timeout = AbortSignal.timeout(asked.timeoutMs ?? timeoutMs)
  const signal = asked.signal === undefined ? timeout : AbortSignal.any([asked.signal, timeout])
  const headers: Record<string, string> = { accept: 'application/json', 'x-enact-api-key': apiKey }
  if (asked.body !== undefined) headers['content-type'] = 'application/json'
  if (asked.idempotencyKey !== undefined) headers['idempotency-key'] = asked.idempotencyKey
  const body = asked.body === undefined ? null : JSON.stringify(asked.body)
  try {
    asked.signal?.throwIfAborted()
    // The key goes where it was given for: a redirect is not followed.
    const response = await fetch(base + asked.path + queryOf(asked.query), {
      method: asked.method,
      headers,
      body,
      signal,
      redirect: 'manual'
    })
    const text = await response.text()
    const json = parsed(text)
    if (!response.ok) throw errorOf(response.status, json, response.headers.get('retry-after'))
    if (json === undefined && response.status !== 204)
      throw new EnactError('bad_answer', 'the answer is not JSON', { status: response.status })
    return { status: response.status, body: json }
  } catch (error) {
    if (error instanceof EnactError) throw error
    if (asked.signal?.aborted) throw asked.signal.reason
    if (timeout.aborted) throw new EnactError('timeout', `no answer within ${asked.timeoutMs ?? timeoutMs} ms`, { retryable: true })
    throw new EnactError('network', `no answer from ${base}`, { retryable: true, cause: error })
  }
}

/** A lock that somebody holds is an answer, not a fault of the moment: the caller decides whether to wait. */
function isWorthRepeating(error: EnactError): boolean {
  return error.retryable && error.code !== 'locked' && error.code !== 'too_many_locks' && (error.retryAfter ?? 0) <= RETRY_AFTER_S_MAX
}

function pauseMs({ retryAfter }: EnactError, attempt: number): number {
  if (retryAfter !== null) return retryAfter * 1000
  return Math.min(BACKOFF_MS * 2 ** attempt, BACKOFF_MS_MAX) * (0.5 + Math.random() / 2)
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown)
  } catch {
    return undefined
  }
}

function queryOf(query: Asked['query'] = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string | number] => entry[1] !== undefined)
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`
}

function baseOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw new TypeError('`url` must be an http or https address')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new TypeError('`url` must have no user, query or fragment')
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

/** A fresh `Idempotency-Key`: what makes it safe to repeat a POST whose answer was lost. */
export function freshKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
