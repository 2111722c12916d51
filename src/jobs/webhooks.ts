// The consumer of the outbox’s queue: claims a delivery, makes one attempt, writes down how it ended. And the sweep that misses nothing.
import {
  ALERT_DELAYS_MS,
  checkTarget,
  messageOf,
  nextAttempt,
  signWebhook,
  WEBHOOK_DELAYS_MS,
  type Clock,
  type Deliveries,
  type Delivery,
  type DeliveryAnswer,
  type DeliveryOrder,
  type EndpointSeen,
  type Hash,
  type Ids,
  type JsonObject,
  type Parcel,
  type Parsers,
  type PostWebhook,
  type SendAlert,
  type WebhookCrypto
} from '../engine/index.ts'

/** A message whose consumer failed comes again after this; what somebody else is at, at the earliest. */
const AGAIN_SECONDS = 30
const SECONDS_MAX = 86_400
/** What one sweep orders at most. */
const SWEEP_MAX = 1_000
/** Deliveries that ended, and their attempts, can be seen for so long. */
const KEEP_MS = 30 * 86_400_000

export interface WebhookParts {
  readonly deliveries: Deliveries
  readonly clock: Clock
  readonly ids: Ids
  readonly hash: Hash
  readonly crypto: WebhookCrypto
  readonly parsers: Pick<Parsers, 'url'>
  readonly isDev: boolean
  readonly post: PostWebhook
  readonly sendAlert: SendAlert
  /** Hears of endpoints that fail, and of those that answer again. */
  endpointSeen(teamId: string, seen: EndpointSeen): Promise<void>
  log(entry: JsonObject): void
}

/** A message as the queue hands it over. */
export interface OrderMessage {
  readonly body: unknown
  ack(): void
  retry(options?: { delaySeconds?: number }): void
}

/** Each message by itself: one that fails comes again and holds up none of the others. Never rejects. */
export async function deliverWebhooks(parts: WebhookParts, messages: readonly OrderMessage[]): Promise<void> {
  await Promise.all(
    messages.map(async (message) => {
      try {
        const again = isOrder(message.body) ? await deliver(parts, message.body) : null
        if (again === null) message.ack()
        else message.retry({ delaySeconds: again })
      } catch (error) {
        parts.log({ level: 'error', event: 'webhook_attempt_lost', error: messageOf(error) })
        message.retry({ delaySeconds: AGAIN_SECONDS })
      }
    })
  )
}

/**
 * One attempt, unless the message is stale, early, or somebody is at it; null = done with this message, else the seconds until it is to come
 * again. INVARIANT: whatever dies here leaves the delivery PENDING and claimed for a minute: then this message, or the sweep, finds it again.
 */
export async function deliver(parts: WebhookParts, order: DeliveryOrder): Promise<number | null> {
  const claim = await parts.deliveries.claim(order)
  if (claim.kind === 'stale') return null
  if (claim.kind === 'later') return Math.min(Math.max(Math.ceil(claim.waitMs / 1000), 1), SECONDS_MAX)
  const { parcel } = claim
  const began = parts.clock.now()
  const result = claim.kind === 'claimed_alert' ? await parts.sendAlert(claim.parcel) : await attempt(parts, claim.parcel, began)
  const now = parts.clock.now()
  const answer = { number: parcel.delivery.made + 1, durationMs: now - began, result }
  const delays = claim.kind === 'claimed_alert' ? ALERT_DELAYS_MS : WEBHOOK_DELAYS_MS
  const after = nextAttempt(parcel.delivery, answer, now, fraction(parts.ids), delays)
  await parts.deliveries.settle(parcel, after)
  if (claim.kind === 'claimed') await tellOf(parts, claim.parcel, after, now)
  return null
}

/**
 * Says how the endpoint does. INVARIANT: what became of telling alerts is told to nobody: the alert that an endpoint fails would fail there
 * too, and so on for ever. Never rejects: the delivery is settled.
 */
async function tellOf(parts: WebhookParts, parcel: Parcel, after: Delivery, now: number): Promise<void> {
  const { team_id, delivery, type, url } = parcel
  const isRecovery = after.status === 'DELIVERED' && (after.attempt > 1 || type === 'webhook.ping')
  const isFailure = after.status !== 'DELIVERED'
  if (delivery.endpoint_id === 'callback' || type.startsWith('alert.') || !(isRecovery || isFailure)) return
  const state = STATES[after.status] ?? 'failing'
  const parsed = parts.parsers.url(url)
  const seen: EndpointSeen = {
    endpoint_id: delivery.endpoint_id,
    host: parsed.ok ? parsed.tree.hostname : 'an endpoint',
    state,
    delivery_id: parcel.delivery_id,
    attempt: after.attempt,
    error: state === 'recovered' ? null : errorOf(after),
    at: now
  }
  await parts
    .endpointSeen(team_id, seen)
    .catch((error: unknown) => parts.log({ level: 'error', event: 'endpoint_not_watched', team_id, error: messageOf(error) }))
}

const STATES: Readonly<Partial<Record<Delivery['status'], EndpointSeen['state']>>> = {
  DELIVERED: 'recovered',
  DEAD: 'given_up',
  ENDPOINT_GONE: 'gone'
}

function errorOf({ attempts }: Delivery): string | null {
  const newest = attempts.at(-1)
  if (newest === undefined) return null
  return newest.error ?? (newest.status === null ? null : `status ${newest.status}`)
}

/** Orders what is due and nobody has acknowledged, and forgets what ended long ago. */
export async function sweepWebhooks({ deliveries, clock, log }: Pick<WebhookParts, 'deliveries' | 'clock' | 'log'>): Promise<void> {
  try {
    const ordered = await deliveries.orderDue(SWEEP_MAX)
    if (ordered > 0) log({ level: 'info', event: 'webhooks_ordered_again', count: ordered })
    await deliveries.prune(clock.now() - KEEP_MS)
  } catch (error) {
    log({ level: 'error', event: 'webhook_sweep_failed', error: messageOf(error) })
  }
}

/** The dead-letter queue: its messages could not even be tried. Their deliveries stay PENDING, and the sweep orders them again. */
export function reportDeadWebhooks({ log }: Pick<WebhookParts, 'log'>, messages: readonly OrderMessage[]): void {
  for (const { body } of messages)
    log({
      level: 'error',
      event: 'webhook_message_dead',
      ...(isOrder(body) ? { team_id: body.team_id, delivery_id: body.delivery_id } : {})
    })
  for (const message of messages) message.ack()
}

/** INVARIANT: the address is judged again at every attempt: rules may have become stricter since it was registered. */
async function attempt(parts: WebhookParts, parcel: Parcel, now: number): Promise<DeliveryAnswer['result']> {
  const parsed = parts.parsers.url(parcel.url)
  const problem = parsed.ok ? checkTarget(parsed.tree, parts.isDev) : parsed.error
  if (problem !== null) return { kind: 'failed', message: problem }
  const message = { id: parcel.delivery.event_id, atSeconds: Math.floor(now / 1000), body: parcel.body }
  const headers = await signWebhook(message, parcel.secrets, parts.crypto, parts.hash)
  return parts.post(parcel.url, { 'content-type': 'application/json', 'user-agent': 'Enact-Webhooks', ...headers }, parcel.body)
}

function fraction(ids: Ids): number {
  const [a, b, c] = ids.random(3)
  return ((a! << 16) | (b! << 8) | c!) / 0x1000000
}

function isOrder(body: unknown): body is DeliveryOrder {
  const { team_id, delivery_id, number } = (body ?? {}) as Partial<DeliveryOrder>
  return typeof team_id === 'string' && typeof delivery_id === 'string' && Number.isSafeInteger(number)
}
