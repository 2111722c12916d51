// One event on its way to one endpoint, as a pure machine: when to try, what an answer means, when to give up.
import { timeText } from './plain.ts'

/** The delay before each attempt, from the one before it. */
export const WEBHOOK_DELAYS_MS: readonly number[] = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map(
  (seconds) => seconds * 1000
)
/** Each delay but the first is made longer by up to a tenth, so that what failed together does not come back together. Never shorter. */
export const WEBHOOK_JITTER = 0.1
/** A receiver may ask for later, at most this much. */
export const WEBHOOK_RETRY_AFTER_MS_MAX = 86_400_000
/** How long one attempt may take. */
export const WEBHOOK_TIMEOUT_MS = 15_000
/** How many attempts are kept to be shown. */
export const WEBHOOK_ATTEMPTS_SHOWN = 30

/** HELD and WITHDRAWN are of alerts alone: quiet hours keep it back; it is not needed any more. */
export type DeliveryStatus = 'PENDING' | 'HELD' | 'DELIVERED' | 'DEAD' | 'WITHDRAWN' | 'ENDPOINT_GONE'

/** One attempt, as it is shown. `status` is null where there was no answer. */
export interface DeliveryAttempt {
  readonly number: number
  readonly at: string
  readonly status: number | null
  readonly error: string | null
  readonly duration_ms: number
}

/** JSON. `attempt` is how many were made in this series; a replay begins a new one. */
export interface Delivery {
  /** The `webhook-id`: the same on every attempt and every replay. */
  readonly event_id: string
  readonly endpoint_id: string
  readonly status: DeliveryStatus
  readonly attempt: number
  /** How many were made in all series. */
  readonly made: number
  readonly dueAtMs: number | null
  readonly attempts: readonly DeliveryAttempt[]
}

/** How an attempt ended. `number` is that of the attempt (`made` + 1 when it began): what comes twice or late changes nothing. */
export interface DeliveryAnswer {
  readonly number: number
  readonly durationMs: number
  readonly result:
    | { readonly kind: 'response'; readonly status: number; readonly retryAfter: string | null; readonly said?: string }
    /** It would be refused again: a person has to change something first. */
    | { readonly kind: 'refused'; readonly status: number | null; readonly message: string }
    | { readonly kind: 'timeout' }
    | { readonly kind: 'failed'; readonly message: string }
}

/** An event that is to be delivered now. */
export function openDelivery(event_id: string, endpoint_id: string, now: number): Delivery {
  return { event_id, endpoint_id, status: 'PENDING', attempt: 0, made: 0, dueAtMs: now + WEBHOOK_DELAYS_MS[0]!, attempts: [] }
}

/**
 * What becomes of a delivery: DELIVERED by any 2xx; ENDPOINT_GONE by 410, and the endpoint is to be switched off; otherwise due again,
 * after the last delay DEAD, as at once where it was refused for good. A redirect is a failure like any other and is never followed.
 * `random` is 0 ≤ x < 1.
 */
export function nextAttempt(
  delivery: Delivery,
  answer: DeliveryAnswer,
  now: number,
  random: number,
  delays: readonly number[] = WEBHOOK_DELAYS_MS
): Delivery {
  if (delivery.status !== 'PENDING' || answer.number !== delivery.made + 1) return delivery
  const { result, durationMs } = answer
  const status = result.kind === 'response' || result.kind === 'refused' ? result.status : null
  const shown: DeliveryAttempt = { number: answer.number, at: timeText(now), status, error: errorOf(result), duration_ms: durationMs }
  const tried = {
    ...delivery,
    attempt: delivery.attempt + 1,
    made: answer.number,
    dueAtMs: null,
    attempts: [...delivery.attempts, shown].slice(-WEBHOOK_ATTEMPTS_SHOWN)
  }
  if (result.kind === 'refused') return { ...tried, status: 'DEAD' }
  if (status !== null && status >= 200 && status < 300) return { ...tried, status: 'DELIVERED' }
  if (status === 410) return { ...tried, status: 'ENDPOINT_GONE' }
  const delay = delays[tried.attempt]
  if (delay === undefined) return { ...tried, status: 'DEAD' }
  return { ...tried, dueAtMs: now + Math.max(Math.floor(delay * (1 + WEBHOOK_JITTER * random)), askedDelayMs(result, now)) }
}

/** The same event once more, from the beginning of the delays: for what is dead, and for what an admin wants repeated. */
export function replayDelivery(delivery: Delivery, now: number): Delivery {
  return { ...delivery, status: 'PENDING', attempt: 0, dueAtMs: now }
}

/** RFC 9110 §10.2.3, where the status gives it meaning: seconds or an HTTP date. What is neither, past or absent asks for nothing. */
function askedDelayMs(result: DeliveryAnswer['result'], now: number): number {
  if (result.kind !== 'response' || result.retryAfter === null || (result.status !== 429 && result.status !== 503)) return 0
  const text = result.retryAfter.trim()
  const asked = /^\d{1,10}$/.test(text) ? Number(text) * 1000 : HTTP_DATE.test(text) ? Date.parse(text) - now : 0
  return Number.isNaN(asked) ? 0 : Math.min(Math.max(asked, 0), WEBHOOK_RETRY_AFTER_MS_MAX)
}

/** The one form that senders may still use (RFC 9110 §5.6.7). */
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/

function errorOf(result: DeliveryAnswer['result']): string | null {
  if (result.kind === 'timeout') return `no answer within ${WEBHOOK_TIMEOUT_MS / 1000} s`
  if (result.kind === 'failed' || result.kind === 'refused') return result.message.slice(0, 200)
  if (result.status >= 400 && result.said !== undefined) return result.said.slice(0, 200)
  if (result.status >= 300 && result.status < 400) return 'redirects are not followed: register the address itself'
  return null
}
