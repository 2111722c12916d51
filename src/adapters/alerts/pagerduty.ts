// PagerDuty, Events API v2 (https://developer.pagerduty.com/docs/send-alert-event): an alert is one incident by its dedup_key, from trigger to resolve.
import { wordsOfParcel, type AlertParcel, type AlertTold } from '../../engine/index.ts'
import { ask, type Ended } from './vendor.ts'

/** The vendor's limits. */
const SUMMARY_MAX = 1_024
const ACTIONS: Readonly<Record<AlertTold['status'], string>> = { OPEN: 'trigger', ACKNOWLEDGED: 'acknowledge', RESOLVED: 'resolve' }

export interface PagerDutyOptions {
  readonly apiUrl?: string
  readonly timeoutMs?: number
  origin(): string | null
}

/** Sends one event under the channel's routing key. The same event again changes nothing at the vendor. */
export function pagerDuty({ apiUrl = 'https://events.pagerduty.com', timeoutMs, origin }: PagerDutyOptions) {
  return (type: string, routingKey: string, parcel: AlertParcel): Promise<Ended> =>
    ask({
      url: `${apiUrl.replace(/\/+$/, '')}/v2/enqueue`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ routing_key: routingKey, ...eventOf(type, parcel, origin()) }),
      hidden: [routingKey],
      timeoutMs,
      said: ({ message, errors }) => [message, ...(Array.isArray(errors) ? errors : [])].filter((one) => typeof one === 'string').join(': ')
    })
}

/** Exported so that a test can compare it with the vendor's schema. */
export function eventOf(type: string, parcel: AlertParcel, origin: string | null): Record<string, unknown> {
  const words = wordsOfParcel(parcel, origin)
  const told = parcel.kind === 'alert' ? parcel.told : null
  const dedup_key = told === null ? `enact/${parcel.team_id}/test` : `enact/${told.alert_id}`
  const event_action = type === 'alert.fired' || told === null ? 'trigger' : ACTIONS[told.status]
  if (event_action !== 'trigger') return { event_action, dedup_key }
  const about = told === null ? {} : { class: told.rule, component: words.headline.slice(0, 255) }
  return {
    event_action,
    dedup_key,
    client: 'Enact',
    ...(words.link === null ? {} : { client_url: words.link, links: [{ href: words.link, text: 'Open in Enact' }] }),
    payload: {
      summary: [words.headline, ...words.lines].join('. ').slice(0, SUMMARY_MAX).toWellFormed(),
      source: `enact/${parcel.team_id}`,
      severity: told?.severity ?? 'info',
      group: parcel.team_id,
      ...about,
      custom_details:
        told === null ? { test: true } : { alert_id: told.alert_id, count: told.count, ...(told.run_id ? { run_id: told.run_id } : {}) }
    }
  }
}
