// Which rows of the outbox a notice makes: one for each endpoint that hears it and each channel that is told, and one digest for what waits.
import {
  alertOccurrence,
  deliveryId,
  derivedEventId,
  DIGEST_AFTER_MS,
  hears,
  planNotice,
  timeText,
  type AlertChannel,
  type AlertNotice,
  type Hash,
  type WebhookType
} from '../../engine/index.ts'

/** An endpoint that may hear of it. */
export interface Hearing {
  readonly id: string
  readonly types: readonly WebhookType[]
  readonly verifiedAtMs: number
}

export interface AlertEventRow {
  readonly id: string
  readonly type: string
  readonly body: string
}

export interface AlertTargetRow {
  readonly id: string
  readonly event_id: string
  readonly endpoint_id: string | null
  readonly channel_id: string | null
  readonly alert_id: string | null
  readonly status: 'PENDING' | 'HELD'
  readonly due_at: number
}

/** Events that nobody waits for are not kept. */
export function deliveriesOf(
  teamId: string,
  notice: AlertNotice,
  { channels, endpoints }: { readonly channels: readonly AlertChannel[]; readonly endpoints: readonly Hearing[] },
  now: number,
  hash: Hash
): { readonly events: AlertEventRow[]; readonly targets: AlertTargetRow[] } {
  const occurrence = alertOccurrence(teamId, notice, now, hash)
  const { alert_id } = notice.alert
  const of = { event_id: occurrence.id, endpoint_id: null, channel_id: null, alert_id, status: 'PENDING', due_at: now } as const
  const targets: AlertTargetRow[] = endpoints
    .filter((endpoint) => hears(endpoint, occurrence))
    .map(({ id }) => ({ ...of, id: deliveryId(occurrence.id, id, hash), endpoint_id: id }))
  const events: AlertEventRow[] = []
  for (const { channel, dueAt, heldUntil } of planNotice(channels, notice, now)) {
    const row = { ...of, id: deliveryId(occurrence.id, channel.id, hash), channel_id: channel.id, due_at: dueAt }
    targets.push(heldUntil === null ? row : { ...row, status: 'HELD' })
    if (heldUntil === null) continue
    const digest = digestRow(teamId, channel.id, heldUntil, hash)
    events.push(digest.event)
    targets.push(digest.target)
  }
  if (targets.length > 0) events.push({ id: occurrence.id, type: occurrence.event.type, body: JSON.stringify(occurrence.event) })
  return { events, targets }
}

/** The same for everything that is held until the same time: it is there once. */
function digestRow(teamId: string, channelId: string, until: number, hash: Hash): { event: AlertEventRow; target: AlertTargetRow } {
  const id = derivedEventId([teamId, 'alert.digest', channelId, until], hash)
  const body = JSON.stringify({ type: 'alert.digest', timestamp: timeText(until), data: { held_until: until } })
  return {
    event: { id, type: 'alert.digest', body },
    target: {
      id: deliveryId(id, channelId, hash),
      event_id: id,
      endpoint_id: null,
      channel_id: channelId,
      alert_id: null,
      status: 'PENDING',
      due_at: until + DIGEST_AFTER_MS
    }
  }
}
