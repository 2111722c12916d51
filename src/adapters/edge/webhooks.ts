// Webhooks of an installation over D1 and a queue: the outbox that events go into, and the door for admins.
import type { DeliveryOrder, JsonObject, Ports, WebhookDoor } from '../../engine/index.ts'
import { alertClaims } from './alert_claims.ts'
import { d1Webhooks } from './webhook_endpoints.ts'
import { webhookOutbox, type WebhookOutbox } from './webhook_outbox.ts'
import { webhookSecrets } from './webhook_secrets.ts'

export interface WebhooksGiven {
  readonly db: D1Database
  readonly queue: Pick<Queue<DeliveryOrder>, 'sendBatch'>
  readonly ports: Pick<Ports, 'keys' | 'clock' | 'ids' | 'hash' | 'parsers'>
  /** On this machine `http://127.0.0.1` may be sent to. */
  readonly isDev: boolean
  log(entry: JsonObject): void
}

/** Both over the same tables; the outbox is the Events port too. */
export function edgeWebhooks({ db, queue, ports, isDev, log }: WebhooksGiven): { outbox: WebhookOutbox; door: WebhookDoor } {
  const secrets = webhookSecrets(ports)
  const outbox = webhookOutbox({
    db,
    queue,
    secrets,
    channels: alertClaims({ db, keys: ports.keys, hash: ports.hash }),
    clock: ports.clock,
    hash: ports.hash,
    log
  })
  return { outbox, door: d1Webhooks({ db, outbox, secrets, ...ports, isDev }) }
}
