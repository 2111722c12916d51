// What others are told of an alert: an event for endpoints, and the same for channels.
import type { AlertEventType, AlertNotice } from './alert_state.ts'
import { timeText } from './plain.ts'
import type { Hash } from './ports.ts'
import { saidEvent, type Occurrence } from './webhook_event.ts'
import type { WebhookEvent } from './webhook.ts'

/** The data of an event about an alert. */
export type AlertTold = Extract<WebhookEvent, { type: AlertEventType }>['data']

/** The event of a notice: told again for the same reason at the same time, it is the same event. */
export function alertOccurrence(teamId: string, { type, alert }: AlertNotice, now: number, hash: Hash): Occurrence {
  const { alert_id, rule, title, severity, status, subject, message, count, first_at, run_ids } = alert
  const run_id = run_ids.at(-1)
  const about = { alert: title, rule, alert_id, severity, status, subject, message, count, first_at: timeText(first_at) }
  const data: AlertTold = { ...about, ...(run_id === undefined ? {} : { run_id }) }
  return saidEvent(teamId, { type, timestamp: timeText(now), data }, null, hash)
}
