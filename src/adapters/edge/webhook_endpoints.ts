// Endpoints of teams in D1: made, changed, rotated, asked whether they are there; and their deliveries, to be seen and sent again.
import {
  checkTarget,
  fault,
  unhex,
  type Clock,
  type DeliveryListed,
  type EndpointChange,
  type Ids,
  type Keys,
  type NewEndpoint,
  type Parsers,
  type WebhookDoor,
  type WebhookEndpoint
} from '../../engine/index.ts'
import { SELECT_DELIVERY, shownDelivery, shownEndpoint, type DeliveryColumns, type EndpointRow } from './webhook_rows.ts'
import type { WebhookOutbox } from './webhook_outbox.ts'
import { PREVIOUS_SIGNS_MS, rotated, type MadeSecret, type WebhookSecrets } from './webhook_secrets.ts'

export interface EndpointParts {
  readonly db: D1Database
  readonly outbox: WebhookOutbox
  readonly secrets: WebhookSecrets
  readonly keys: Keys
  readonly clock: Clock
  readonly ids: Ids
  readonly parsers: Pick<Parsers, 'url'>
  readonly isDev: boolean
}

/** One team's endpoints; more would make every event of it dear. */
const ENDPOINTS_MAX = 50
/** What one request sends again at once; the sweep takes the rest. */
const ORDERED_MAX = 500

const INSERT = `INSERT OR IGNORE INTO webhook_endpoints (team_id, id, url, types, description, status, public_key, sealed, created_at)
  SELECT ?1, ?2, ?3, ?4, ?5, 'PENDING', ?6, ?7, ?8 WHERE (SELECT count(*) FROM webhook_endpoints WHERE team_id = ?1) < ${ENDPOINTS_MAX}`
const GET = `SELECT * FROM webhook_endpoints WHERE team_id = ?1 AND id = ?2`
const CHANGE = `UPDATE webhook_endpoints SET url = ?3, types = ?4, description = ?5, status = ?6, disabled_reason = ?7 WHERE team_id = ?1 AND id = ?2`
const ROTATE = `UPDATE webhook_endpoints SET previous_sealed = sealed, previous_until = ?5, public_key = ?3, sealed = ?4 WHERE team_id = ?1 AND id = ?2`
const ROTATE_CALLBACKS = `INSERT INTO webhook_secrets (team_id, public_key, sealed) VALUES (?1, ?2, ?3)
  ON CONFLICT (team_id) DO UPDATE SET previous_sealed = webhook_secrets.sealed, previous_until = ?4, public_key = excluded.public_key, sealed = excluded.sealed`
const REPLAY = `UPDATE webhook_deliveries SET status = 'PENDING', attempt = 0, due_at = ?3, ordered_until = 0 WHERE team_id = ?1 AND id = ?2`
const REPLAY_FAILED = `UPDATE webhook_deliveries SET status = 'PENDING', attempt = 0, due_at = ?4, ordered_until = 0
  WHERE team_id = ?1 AND endpoint_id = ?2 AND created_at >= ?3 AND (status IN ('DEAD', 'ENDPOINT_GONE') OR (status = 'PENDING' AND attempt > 0))`
const LIST_DELIVERIES = `${SELECT_DELIVERY} WHERE d.team_id = ?1 AND d.channel_id IS NULL AND (?2 IS NULL OR d.endpoint_id = ?2) AND d.position < ?3 ORDER BY d.position DESC LIMIT ?4`

/** The door over D1. Every statement begins with the team. */
export function d1Webhooks(parts: EndpointParts): WebhookDoor {
  const { db, outbox, secrets, clock } = parts
  const rowOf = (teamId: string, id: string) => db.prepare(GET).bind(teamId, id).first<EndpointRow>()
  const deliveryOf = async (teamId: string, id: string): Promise<DeliveryListed | null> => {
    const row = await db
      .prepare(`${SELECT_DELIVERY} WHERE d.team_id = ?1 AND d.id = ?2 AND d.channel_id IS NULL`)
      .bind(teamId, id)
      .first<DeliveryColumns>()
    return row === null ? null : listed(row)
  }
  return {
    targetProblem(url) {
      const parsed = parts.parsers.url(url)
      return parsed.ok ? checkTarget(parsed.tree, parts.isDev) : parsed.error
    },
    create: (teamId, given, idempotency) => create(parts, teamId, given, idempotency),
    async list(teamId, after, limit) {
      const { results } = await db
        .prepare('SELECT * FROM webhook_endpoints WHERE team_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3')
        .bind(teamId, after ?? '', limit)
        .all<EndpointRow & Record<string, never>>()
      return results.map((row) => shownEndpoint(row, clock.now()))
    },
    async get(teamId, id) {
      const row = await rowOf(teamId, id)
      return row === null ? null : shownEndpoint(row, clock.now())
    },
    change: (teamId, id, given) => change(parts, teamId, id, given),
    async remove(teamId, id) {
      const done = await db.prepare('DELETE FROM webhook_endpoints WHERE team_id = ?1 AND id = ?2').bind(teamId, id).run()
      return done.meta.changes > 0
    },
    async rotate(teamId, id) {
      const now = clock.now()
      if ((await rowOf(teamId, id)) === null) return null
      const made = await secrets.make(teamId, id)
      await db
        .prepare(ROTATE)
        .bind(teamId, id, made.shown.public_key, made.sealed, now + PREVIOUS_SIGNS_MS)
        .run()
      return rotated(made, now)
    },
    async ping(teamId, id) {
      if ((await rowOf(teamId, id)) === null) return null
      return deliveryOf(teamId, await outbox.ping(teamId, id))
    },
    async rotateCallbackSecret(teamId) {
      const now = clock.now()
      const made = await secrets.make(teamId, 'callbacks')
      await db
        .prepare(ROTATE_CALLBACKS)
        .bind(teamId, made.shown.public_key, made.sealed, now + PREVIOUS_SIGNS_MS)
        .run()
      return rotated(made, now)
    },
    async expectCallback(teamId, runId, url) {
      await db
        .prepare('INSERT OR IGNORE INTO webhook_callbacks (team_id, run_id, url, created_at) VALUES (?1, ?2, ?3, ?4)')
        .bind(teamId, runId, url, clock.now())
        .run()
    },
    async deliveries(teamId, endpointId, cursor, limit) {
      const { results } = await db
        .prepare(LIST_DELIVERIES)
        .bind(teamId, endpointId, cursor ?? Number.MAX_SAFE_INTEGER, limit)
        .all<DeliveryColumns & Record<string, never>>()
      return results.map(shownDelivery)
    },
    async replay(teamId, deliveryId) {
      const known = await deliveryOf(teamId, deliveryId)
      if (known === null) return null
      if (known.endpoint_id !== null) requireOn(await rowOf(teamId, known.endpoint_id))
      await db.prepare(REPLAY).bind(teamId, deliveryId, clock.now()).run()
      await outbox.orderDue(ORDERED_MAX)
      return deliveryOf(teamId, deliveryId)
    },
    async replayFailed(teamId, endpointId, sinceMs) {
      const row = await rowOf(teamId, endpointId)
      if (row === null) return null
      requireOn(row)
      const done = await db.prepare(REPLAY_FAILED).bind(teamId, endpointId, sinceMs, clock.now()).run()
      await outbox.orderDue(ORDERED_MAX)
      return done.meta.changes
    }
  }
}

async function create(
  parts: EndpointParts,
  teamId: string,
  given: NewEndpoint,
  idempotency: string | null
): ReturnType<WebhookDoor['create']> {
  const { db, outbox, ids, clock, secrets } = parts
  const derived = idempotency === null ? null : await derive(parts, teamId, idempotency)
  const id = derived?.id ?? ids.runId()
  const made = await secrets.make(teamId, id, derived?.bytes)
  const values = [teamId, id, given.url, JSON.stringify(given.types), given.description, made.shown.public_key, made.sealed, clock.now()]
  const done = await db
    .prepare(INSERT)
    .bind(...values)
    .run()
  const row = await db.prepare(GET).bind(teamId, id).first<EndpointRow>()
  if (row === null) throw fault('invalid', `a team has at most ${ENDPOINTS_MAX} endpoints: delete one first`)
  const isSame = row.url === given.url && row.types === JSON.stringify(given.types) && row.description === given.description
  if (!isSame) return null
  if (done.meta.changes > 0) await outbox.ping(teamId, id)
  return { endpoint: shownEndpoint(row, clock.now()), secret: shownSecret(made) }
}

/** Another address, or one that was off, has to answer a ping before it gets anything else. */
async function change(parts: EndpointParts, teamId: string, id: string, given: EndpointChange): Promise<WebhookEndpoint | null> {
  const { db, outbox, clock } = parts
  const row = await db.prepare(GET).bind(teamId, id).first<EndpointRow>()
  if (row === null) return null
  const url = given.url ?? row.url
  const disabled = given.disabled ?? row.status === 'DISABLED'
  const mustAnswer = !disabled && (url !== row.url || row.status === 'DISABLED')
  const status = disabled ? 'DISABLED' : mustAnswer ? 'PENDING' : row.status
  const reason = disabled ? (row.disabled_reason ?? 'an admin switched it off') : null
  const types = given.types === undefined ? row.types : JSON.stringify(given.types)
  const description = given.description === undefined ? row.description : given.description
  await db.prepare(CHANGE).bind(teamId, id, url, types, description, status, reason).run()
  if (mustAnswer) await outbox.ping(teamId, id)
  const after = await db.prepare(GET).bind(teamId, id).first<EndpointRow>()
  return after === null ? null : shownEndpoint(after, clock.now())
}

/** The endpoint that this Idempotency-Key means: the same id and secret every time, though the secret is stored sealed alone. */
async function derive({ keys }: EndpointParts, teamId: string, idempotency: string): Promise<{ id: string; bytes: Uint8Array }> {
  const ring = await keys.team(teamId)
  const part = async (what: string): Promise<Uint8Array> => {
    const committed = await ring.commit(new TextEncoder().encode(`enact/webhook-endpoint/${what}\n${idempotency}`))
    return unhex(committed.slice('hmac-sha256:'.length))!
  }
  const hexId = [...(await part('id'))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const id = `${hexId.slice(0, 8)}-${hexId.slice(8, 12)}-8${hexId.slice(13, 16)}-a${hexId.slice(17, 20)}-${hexId.slice(20, 32)}`
  return { id, bytes: Uint8Array.of(...(await part('secret')), ...(await part('seed'))) }
}

function requireOn(row: EndpointRow | null): void {
  if (row === null) throw fault('endpoint_disabled', 'the endpoint was deleted')
  if (row.status === 'DISABLED') throw fault('endpoint_disabled', 'the endpoint is switched off: switch it on first')
}

function shownSecret({ shown }: MadeSecret) {
  return { ...shown, previous_until: null }
}

function listed(row: DeliveryColumns): DeliveryListed {
  const { position: _position, ...delivery } = shownDelivery(row)
  return delivery
}
