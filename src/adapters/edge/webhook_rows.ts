// Rows of endpoints and deliveries as D1 gives them, and what is shown of them.
import {
  timeText,
  type Delivery,
  type DeliveryAttempt,
  type DeliveryRow,
  type DeliveryStatus,
  type EndpointStatus,
  type WebhookEndpoint,
  type WebhookType
} from '../../engine/index.ts'
import type { SecretRow } from './webhook_secrets.ts'

/** A row of `webhook_endpoints`. */
export interface EndpointRow extends SecretRow {
  readonly id: string
  readonly url: string
  readonly types: string
  readonly description: string | null
  readonly status: EndpointStatus
  readonly disabled_reason: string | null
  readonly verified_at: number | null
  readonly created_at: number
}

/** A row of `webhook_deliveries` with its event's type and body. */
export interface DeliveryColumns {
  readonly position: number
  readonly team_id: string
  readonly id: string
  readonly event_id: string
  readonly endpoint_id: string | null
  readonly callback_url: string | null
  readonly channel_id: string | null
  readonly alert_id: string | null
  readonly status: DeliveryStatus
  readonly attempt: number
  readonly made: number
  readonly due_at: number | null
  readonly attempts: string
  readonly claimed_until: number
  readonly created_at: number
  readonly type: WebhookType
  readonly body: string
}

/** Selects `DeliveryColumns`. */
export const SELECT_DELIVERY = `SELECT d.*, e.type, e.body FROM webhook_deliveries d JOIN webhook_events e ON e.team_id = d.team_id AND e.id = d.event_id`

/** An endpoint as it is listed. */
export function shownEndpoint(row: EndpointRow, now: number): WebhookEndpoint {
  const { id, url, types, description, status, disabled_reason, public_key, previous_until, verified_at, created_at } = row
  return {
    id,
    url,
    types: JSON.parse(types) as WebhookType[],
    description,
    status,
    disabled_reason,
    public_key,
    previous_until: previous_until === null || previous_until <= now ? null : timeText(previous_until),
    verified_at: verified_at === null ? null : timeText(verified_at),
    created_at: timeText(created_at)
  }
}

/** A delivery as it is listed. */
export function shownDelivery(row: DeliveryColumns): DeliveryRow {
  return {
    position: row.position,
    id: row.id,
    event_id: row.event_id,
    type: row.type,
    timestamp: (JSON.parse(row.body) as { timestamp: string }).timestamp,
    endpoint_id: row.endpoint_id,
    callback_url: row.callback_url,
    status: row.status,
    next_attempt_at: row.due_at === null ? null : timeText(row.due_at),
    created_at: timeText(row.created_at),
    attempts: JSON.parse(row.attempts) as DeliveryAttempt[]
  }
}

/** The same as the engine's machine has it. */
export function deliveryOf(row: DeliveryColumns): Delivery {
  return {
    event_id: row.event_id,
    endpoint_id: row.endpoint_id ?? 'callback',
    status: row.status,
    attempt: row.attempt,
    made: row.made,
    dueAtMs: row.due_at,
    attempts: JSON.parse(row.attempts) as DeliveryAttempt[]
  }
}
