// Which event a receipt is, and the ids by which every retry and every repetition is known.
import { hex } from './bytes.ts'
import { canonicalBytes } from './canonical.ts'
import type { Hash } from './ports.ts'
import type { Json, JsonObject, Receipt } from './schema.ts'
import type { WebhookEvent, WebhookType } from './webhook.ts'

/** An event with its id. `announced` false = it is for a request's `callback_url` alone: only what really ran is told to endpoints. */
export interface Occurrence {
  readonly id: string
  readonly event: WebhookEvent
  readonly announced: boolean
  readonly callbackUrl: string | null
}

/**
 * What a receipt is to others; null for what is no run's first revision (approvals and changes have events of their own or none), and for
 * what was imported: it happened elsewhere. The same receipt gives the same event under the same id, however often it is asked for.
 */
export function receiptEvent(receipt: Receipt, callbackUrl: string | null, hash: Hash): Occurrence | null {
  if (receipt.revision !== 0 || receipt.judged_at === undefined || receipt.mode === 'imported') return null
  const { run_id, workflow, decision, outcome, team_id, timestamp } = receipt
  const ran = { run_id, workflow, decision, outcome }
  const original_run_id = receipt.links.rollback_of
  const told =
    decision === 'BLOCK'
      ? ({ type: 'run.blocked', data: ran } as const)
      : original_run_id === undefined
        ? ({ type: 'run.completed', data: ran } as const)
        : ({ type: 'rollback.completed', data: { ...ran, original_run_id } } as const)
  const event = { ...told, timestamp }
  return { id: derivedEventId([team_id, run_id, 0, event.type], hash), event, announced: receipt.run_mode === 'enforce', callbackUrl }
}

/** What was said, and what follows from it: a run that asks a person is pending. */
export function saidEvents(teamId: string, event: WebhookEvent, callbackUrl: string | null, hash: Hash): Occurrence[] {
  const said = saidEvent(teamId, event, callbackUrl, hash)
  if (event.type !== 'hitl.requested' || event.data.run_id === undefined) return [said]
  const { run_id, workflow, hitl_id, expires_at } = event.data
  const pending = { type: 'run.pending', timestamp: event.timestamp, data: { run_id, workflow, hitl_id, expires_at } } as const
  return [said, saidEvent(teamId, pending, null, hash)]
}

/** An event that no receipt stands for: the same said twice is the same event. */
export function saidEvent(teamId: string, event: WebhookEvent, callbackUrl: string | null, hash: Hash): Occurrence {
  const { type, timestamp, data } = event
  return { id: derivedEventId([teamId, type, timestamp, data as JsonObject], hash), event, announced: true, callbackUrl }
}

/** The address that one event goes to makes one delivery, with this UUID. */
export function deliveryId(eventIdText: string, target: string, hash: Hash): string {
  const digest = digestHex([eventIdText, target], hash)
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-a${digest.slice(17, 20)}-${digest.slice(20, 32)}`
}

/** An endpoint that gets this event: it chose the type (an empty choice is all), and it was there when it happened. */
export function hears(endpoint: { readonly types: readonly WebhookType[]; readonly verifiedAtMs: number }, { event }: Occurrence): boolean {
  return (endpoint.types.length === 0 || endpoint.types.includes(event.type)) && Date.parse(event.timestamp) >= endpoint.verifiedAtMs
}

/** The id of an event that follows from these parts alone. */
export function derivedEventId(parts: Json, hash: Hash): string {
  return `evt_${digestHex(parts, hash).slice(0, 32)}`
}

function digestHex(parts: Json, hash: Hash): string {
  return hex(hash.sha256(canonicalBytes(parts, hash)))
}
