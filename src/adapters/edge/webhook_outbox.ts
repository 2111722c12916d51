// The outbox: events become deliveries in D1, durably, before the queue hears of them. What the queue loses is ordered again.
import {
  callbackOf,
  deliveryId,
  hears,
  receiptEvent,
  saidEvent,
  saidEvents,
  timeText,
  type ChannelParcel,
  type Clock,
  type Deliveries,
  type Delivery,
  type DeliveryOrder,
  type Hash,
  type JsonObject,
  type Occurrence,
  type Parcel,
  type Receipt,
  type SignedCheckpoint,
  type WebhookEvent,
  type WebhookType
} from '../../engine/index.ts'
import { deliveryOf, SELECT_DELIVERY, type DeliveryColumns, type EndpointRow } from './webhook_rows.ts'
import type { AlertClaims } from './alert_claims.ts'
import type { SecretRow, WebhookSecrets } from './webhook_secrets.ts'

/** The outbox, and what the ledger and the door need of it. */
export interface WebhookOutbox extends Deliveries {
  /** What was appended to the ledger; the same again changes nothing. Durable when it resolves. */
  publish(teamId: string, receipts: readonly Receipt[], checkpoints: readonly SignedCheckpoint[]): Promise<void>
  /** A ping goes to its endpoint alone, whatever its state; the delivery's id. */
  ping(teamId: string, endpointId: string): Promise<string>
  /** Puts messages into the queue. What does not get there is ordered again by `orderDue`. */
  order(orders: readonly DeliveryOrder[], delayMs: number): Promise<void>
}

export interface OutboxParts {
  readonly db: D1Database
  readonly queue: Pick<Queue<DeliveryOrder>, 'sendBatch'>
  readonly secrets: WebhookSecrets
  /** For deliveries to channels of alerts. */
  readonly channels: AlertClaims
  readonly clock: Clock
  readonly hash: Hash
  log(entry: JsonObject): void
}

/** A consumer that does not settle within this is dead. */
const CLAIM_MS = 60_000
/** A message that has not come so long after it was due will not come. */
const OVERDUE_MS = 120_000
/** What waits for an endpoint's new address to answer its ping is looked at again after an hour, and given up after three days. */
const HOLD_MS = 3_600_000
const HOLD_MS_MAX = 3 * 86_400_000
/** Deliveries looked at by one round of forgetting, oldest first; their events and callbacks stay longer than any of them. */
const PRUNE_MAX = 1_000
const PRUNE_LATER_MS = 30 * 86_400_000
const MESSAGES_MAX = 100
/** The queue takes no longer delay; what is due later is put back when its message comes. */
const DELAY_SECONDS_MAX = 86_400

const HEARING = `SELECT id, types, verified_at FROM webhook_endpoints WHERE team_id = ?1 AND status <> 'DISABLED' AND verified_at IS NOT NULL`
const CALLBACKS = `SELECT run_id, url FROM webhook_callbacks WHERE team_id = ?1 AND run_id IN (SELECT value FROM json_each(?2))`
// INVARIANT: a few bound parameters a statement, whatever the number of rows: D1 takes a hundred.
const PUT_EVENTS = `INSERT OR IGNORE INTO webhook_events (team_id, id, type, body, created_at)
  SELECT ?1, value ->> 'id', value ->> 'type', value ->> 'body', ?3 FROM json_each(?2)`
const PUT_DELIVERIES = `INSERT OR IGNORE INTO webhook_deliveries
  (team_id, id, event_id, endpoint_id, callback_url, status, attempt, made, due_at, attempts, claimed_until, ordered_until, created_at)
  SELECT ?1, value ->> 'id', value ->> 'event_id', value ->> 'endpoint_id', value ->> 'callback_url', 'PENDING', 0, 0, ?3, '[]', 0, ?4, ?3
  FROM json_each(?2) WHERE true`
const CLAIM = `UPDATE webhook_deliveries SET claimed_until = ?5
  WHERE team_id = ?1 AND id = ?2 AND status = 'PENDING' AND made = ?3 AND due_at <= ?4 AND claimed_until <= ?4`
const ENDPOINT_OF = `SELECT * FROM webhook_endpoints WHERE team_id = ?1 AND id = (SELECT endpoint_id FROM webhook_deliveries WHERE team_id = ?1 AND id = ?2)`
const SETTLE = `UPDATE webhook_deliveries SET status = ?4, attempt = ?5, made = ?6, due_at = ?7, attempts = ?8, claimed_until = 0, ordered_until = ?9
  WHERE team_id = ?1 AND id = ?2 AND made = ?3 AND status = 'PENDING'`
// INVARIANT: only the address that answered changes its endpoint: another one may have been set meanwhile.
const VERIFY = `UPDATE webhook_endpoints SET status = 'ACTIVE', verified_at = coalesce(verified_at, ?4)
  WHERE team_id = ?1 AND id = ?2 AND url = ?3 AND status = 'PENDING'`
const RELEASE = `UPDATE webhook_deliveries SET due_at = ?3, ordered_until = 0 WHERE team_id = ?1 AND endpoint_id = ?2 AND status = 'PENDING' AND made = 0`
const SWITCH_OFF = `UPDATE webhook_endpoints SET status = 'DISABLED', disabled_reason = 'it answered 410' WHERE team_id = ?1 AND id = ?2 AND url = ?3`
const DUE = `SELECT team_id, id AS delivery_id, made + 1 AS number FROM webhook_deliveries
  WHERE status = 'PENDING' AND due_at <= ?1 AND ordered_until <= ?1 AND claimed_until <= ?1 ORDER BY due_at LIMIT ?2`
const ORDERED = `UPDATE webhook_deliveries SET ordered_until = ?2
  WHERE (team_id, id) IN (SELECT value ->> 'team_id', value ->> 'delivery_id' FROM json_each(?1))`
const FORGET_CALLBACKS = `DELETE FROM webhook_callbacks WHERE team_id = ?1 AND run_id IN (SELECT value FROM json_each(?2))`
const PRUNE = `DELETE FROM webhook_deliveries WHERE status <> 'PENDING' AND created_at < ?1
  AND position IN (SELECT position FROM webhook_deliveries ORDER BY position LIMIT ${PRUNE_MAX})`
const PRUNE_LATER = ['webhook_events', 'webhook_callbacks'].map((table) => `DELETE FROM ${table} WHERE created_at < ?1`)
const MAKE_SECRET = `INSERT OR IGNORE INTO webhook_secrets (team_id, public_key, sealed) VALUES (?1, ?2, ?3)`

/** The outbox over D1 and a queue. */
export function webhookOutbox(parts: OutboxParts): WebhookOutbox {
  const { db, clock, hash } = parts
  const store = (teamId: string, occurrences: readonly Occurrence[]) => tell(parts, teamId, occurrences)
  return {
    async publish(teamId, receipts, checkpoints) {
      const ids = JSON.stringify(receipts.map(({ run_id }) => run_id))
      const { results } = await db.prepare(CALLBACKS).bind(teamId, ids).all<{ run_id: string; url: string }>()
      const urls = new Map(results.map(({ run_id, url }) => [run_id, url]))
      const ran = receipts.map((receipt) => receiptEvent(receipt, urls.get(receipt.run_id) ?? null, hash))
      const signed = checkpoints.map((one) => saidEvent(teamId, checkpointEvent(one), null, hash))
      await store(teamId, [...ran.filter((one) => one !== null), ...signed])
      // They have their deliveries now: told again, the runs would only meet those.
      if (results.length > 0) await db.prepare(FORGET_CALLBACKS).bind(teamId, ids).run()
    },
    emit: (teamId, event, callbackUrl) => store(teamId, saidEvents(teamId, event, callbackUrl, hash)),
    async ping(teamId, endpointId) {
      const event: WebhookEvent = { type: 'webhook.ping', timestamp: timeText(clock.now()), data: { endpoint_id: endpointId } }
      const { id } = saidEvent(teamId, event, null, hash)
      const delivery = deliveryRow(id, endpointId, null, hash)
      await put(parts, teamId, [{ id, type: event.type, body: JSON.stringify(event) }], [delivery])
      return delivery.id
    },
    claim: (order) => claim(parts, order),
    settle: (parcel, after) => settle(parts, parcel, after),
    order: (orders, delayMs) => order(parts, orders, delayMs),
    orderDue: (limit) => orderDue(parts, limit),
    async prune(beforeMs) {
      const later = PRUNE_LATER.map((statement) => db.prepare(statement).bind(beforeMs - PRUNE_LATER_MS))
      const [done] = await db.batch([db.prepare(PRUNE).bind(beforeMs), ...later])
      return done!.meta.changes
    }
  }
}

interface EventRow {
  readonly id: string
  readonly type: WebhookType
  readonly body: string
}

interface TargetRow {
  readonly id: string
  readonly event_id: string
  readonly endpoint_id: string | null
  readonly callback_url: string | null
}

/** Events that nobody waits for are not kept. */
async function tell(parts: OutboxParts, teamId: string, occurrences: readonly Occurrence[]): Promise<void> {
  if (occurrences.length === 0) return
  const { results } = await parts.db.prepare(HEARING).bind(teamId).all<{ id: string; types: string; verified_at: number }>()
  const endpoints = results.map(({ id, types, verified_at }) => ({
    id,
    types: JSON.parse(types) as WebhookType[],
    verifiedAtMs: verified_at
  }))
  const events: EventRow[] = []
  const targets: TargetRow[] = []
  for (const one of occurrences) {
    const hearing = one.announced ? endpoints.filter((endpoint) => hears(endpoint, one)) : []
    const own = hearing.map(({ id }) => deliveryRow(one.id, id, null, parts.hash))
    if (one.callbackUrl !== null) own.push(deliveryRow(one.id, null, one.callbackUrl, parts.hash))
    if (own.length > 0) events.push({ id: one.id, type: one.event.type, body: JSON.stringify(one.event) })
    targets.push(...own)
  }
  if (events.length > 0) await put(parts, teamId, events, targets)
}

async function put(parts: OutboxParts, teamId: string, events: readonly EventRow[], targets: readonly TargetRow[]): Promise<void> {
  const { db, clock } = parts
  const now = clock.now()
  await db.batch([
    db.prepare(PUT_EVENTS).bind(teamId, JSON.stringify(events), now),
    db.prepare(PUT_DELIVERIES).bind(teamId, JSON.stringify(targets), now, now + OVERDUE_MS)
  ])
  await order(
    parts,
    targets.map(({ id }) => ({ team_id: teamId, delivery_id: id, number: 1 })),
    0
  )
}

/** INVARIANT: the deliveries are stored already; a queue that does not answer only delays them. */
async function order({ queue, log }: OutboxParts, orders: readonly DeliveryOrder[], delayMs: number): Promise<void> {
  const delaySeconds = Math.min(Math.ceil(delayMs / 1000), DELAY_SECONDS_MAX)
  try {
    for (let at = 0; at < orders.length; at += MESSAGES_MAX)
      await queue.sendBatch(orders.slice(at, at + MESSAGES_MAX).map((body) => ({ body, delaySeconds })))
  } catch (error) {
    log({ level: 'warn', event: 'webhook_queue_failed', count: orders.length, error: String(error).slice(0, 200) })
  }
}

async function orderDue(parts: OutboxParts, limit: number): Promise<number> {
  const { db, clock } = parts
  const { results } = await db.prepare(DUE).bind(clock.now(), limit).all<DeliveryOrder & Record<string, string | number>>()
  if (results.length === 0) return 0
  await order(parts, results, 0)
  const until = clock.now() + OVERDUE_MS
  await db.prepare(ORDERED).bind(JSON.stringify(results), until).run()
  return results.length
}

async function claim(parts: OutboxParts, { team_id, delivery_id, number }: DeliveryOrder): ReturnType<Deliveries['claim']> {
  const { db, clock, secrets } = parts
  const now = clock.now()
  const [claimed, found, owner] = await db.batch([
    db.prepare(CLAIM).bind(team_id, delivery_id, number - 1, now, now + CLAIM_MS),
    db.prepare(`${SELECT_DELIVERY} WHERE d.team_id = ?1 AND d.id = ?2`).bind(team_id, delivery_id),
    db.prepare(ENDPOINT_OF).bind(team_id, delivery_id)
  ])
  const row = found!.results[0] as DeliveryColumns | undefined
  const endpoint = owner!.results[0] as EndpointRow | undefined
  if (row === undefined || row.status !== 'PENDING' || row.made !== number - 1) return { kind: 'stale' }
  if (claimed!.meta.changes === 0) return { kind: 'later', waitMs: Math.max(row.due_at ?? 0, row.claimed_until) - now }
  const delivery = deliveryOf(row)
  const { channel_id } = row
  if (channel_id !== null) {
    const claim = await parts.channels.claim({ ...row, channel_id })
    if ('parcel' in claim) return { kind: 'claimed_alert', parcel: claim.parcel }
    const why = claim.why === undefined ? [] : [{ number, at: timeText(now), status: null, error: claim.why, duration_ms: 0 }]
    const after = { ...delivery, status: claim.end, dueAtMs: null, attempts: [...delivery.attempts, ...why] }
    await db.batch([settling(parts, { team_id, delivery_id, delivery }, after)])
    return { kind: 'stale' }
  }
  const parcel = { team_id, delivery_id, delivery, type: row.type }
  if (row.callback_url !== null) {
    const body = JSON.stringify(callbackOf(JSON.parse(row.body) as WebhookEvent))
    const signing = await secrets.open(team_id, 'callbacks', await callbackSecret(parts, team_id), now)
    return { kind: 'claimed', parcel: { ...parcel, url: row.callback_url, body, secrets: signing } }
  }
  const isPing = row.type === 'webhook.ping'
  if (endpoint === undefined || (endpoint.status === 'DISABLED' && !isPing)) {
    await db.batch([settling(parts, parcel, { ...delivery, status: 'ENDPOINT_GONE', dueAtMs: null })])
    return { kind: 'stale' }
  }
  if (endpoint.status === 'PENDING' && !isPing) {
    const isOver = row.created_at + HOLD_MS_MAX < now
    await db.batch([
      settling(parts, parcel, isOver ? { ...delivery, status: 'DEAD', dueAtMs: null } : { ...delivery, dueAtMs: now + HOLD_MS }, 0)
    ])
    return { kind: 'stale' }
  }
  const signing = await secrets.open(team_id, endpoint.id, endpoint, now)
  return { kind: 'claimed', parcel: { ...parcel, url: endpoint.url, body: row.body, secrets: signing } }
}

async function settle(parts: OutboxParts, parcel: Parcel | ChannelParcel, after: Delivery): Promise<void> {
  const statements = [settling(parts, parcel, after)]
  const answered = 'target' in parcel ? false : ofEndpoint(parts, parcel, after, statements)
  if ('target' in parcel) statements.push(...parts.channels.beside(parcel, after))
  await parts.db.batch(statements)
  if (answered) await orderDue(parts, MESSAGES_MAX)
  const waitMs = (after.dueAtMs ?? 0) - parts.clock.now()
  if (after.dueAtMs !== null)
    await order(parts, [{ team_id: parcel.team_id, delivery_id: parcel.delivery_id, number: after.made + 1 }], Math.max(waitMs, 0))
}

/** What an end means for the endpoint; true = it has answered its ping. */
function ofEndpoint(parts: OutboxParts, parcel: Parcel, after: Delivery, statements: D1PreparedStatement[]): boolean {
  const { team_id, delivery, type, url } = parcel
  const answered = after.status === 'DELIVERED' && type === 'webhook.ping'
  if (answered) {
    const now = parts.clock.now()
    statements.push(parts.db.prepare(VERIFY).bind(team_id, delivery.endpoint_id, url, now))
    statements.push(parts.db.prepare(RELEASE).bind(team_id, delivery.endpoint_id, now))
  }
  if (after.status === 'ENDPOINT_GONE') statements.push(parts.db.prepare(SWITCH_OFF).bind(team_id, delivery.endpoint_id, url))
  return answered
}

function settling(
  { db }: OutboxParts,
  { team_id, delivery_id, delivery }: Pick<Parcel, 'team_id' | 'delivery_id' | 'delivery'>,
  after: Delivery,
  orderedUntil = (after.dueAtMs ?? 0) + OVERDUE_MS
): D1PreparedStatement {
  const { status, attempt, made, dueAtMs, attempts } = after
  return db
    .prepare(SETTLE)
    .bind(team_id, delivery_id, delivery.made, status, attempt, made, dueAtMs, JSON.stringify(attempts), orderedUntil)
}

/** Made when it is first needed: from then on every callback is signed with it, whether anybody has asked for it or not. */
async function callbackSecret({ db, secrets }: OutboxParts, teamId: string): Promise<SecretRow> {
  const select = db.prepare('SELECT * FROM webhook_secrets WHERE team_id = ?1').bind(teamId)
  const known = await select.first<SecretRow>()
  if (known !== null) return known
  const { shown, sealed } = await secrets.make(teamId, 'callbacks')
  await db.prepare(MAKE_SECRET).bind(teamId, shown.public_key, sealed).run()
  return (await select.first<SecretRow>())!
}

function deliveryRow(eventId: string, endpointId: string | null, callbackUrl: string | null, hash: Hash): TargetRow {
  const id = deliveryId(eventId, endpointId ?? `callback ${callbackUrl}`, hash)
  return { id, event_id: eventId, endpoint_id: endpointId, callback_url: callbackUrl }
}

function checkpointEvent({ tree_size, root_hash, created_at }: SignedCheckpoint): WebhookEvent {
  return { type: 'checkpoint.created', timestamp: created_at, data: { tree_size, root_hash } }
}
