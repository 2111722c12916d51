// Alerts: what there is, and that somebody has seen to it.
import { fault, shownText, timeText, type Alert, type AlertDelivery } from '../../engine/index.ts'
import { Acknowledgement, AlertPath, AlertQuery, AlertShown, AlertWithDeliveries, NothingMore } from '../alert_schema.ts'
import { isAdmin } from '../auth.ts'
import type { Actor } from '../host.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { pageOf } from '../schema.ts'

const NOTE_MAX = 500

/** `GET /alerts`. */
export const listAlerts = route({
  id: 'listAlerts',
  method: 'GET',
  path: '/alerts',
  access: ['read'],
  title: 'List alerts',
  about: 'Newest first. One alert stands for everything that its rule saw of one subject: `count` says how often.',
  tag: 'alerts',
  query: AlertQuery,
  answers: { 200: { title: 'A page of alerts', schema: pageOf(AlertShown) } },
  async handle({ host, actor, query: { limit, cursor, status, severity, rule } }) {
    const filter = { ...(status ? { status } : {}), ...(severity ? { severity } : {}), ...(rule ? { rule } : {}) }
    const found = await host.alerts.list(actor.team_id, filter, cursor === undefined ? null : Number(cursor), limit + 1)
    const page = found.slice(0, limit)
    const has_more = found.length > limit
    return answer(200, {
      data: page.map(({ alert }) => shown(alert)),
      next_cursor: has_more ? String(page.at(-1)!.position) : null,
      has_more
    })
  }
})

/** `GET /alerts/{id}`. */
export const readAlert = route({
  id: 'readAlert',
  method: 'GET',
  path: '/alerts/:id',
  access: ['read'],
  title: 'Look at an alert',
  about:
    'With what became of telling it: to which channels and endpoints, and what they answered. Addresses, and what vendors said, are for `admin`.',
  tag: 'alerts',
  params: AlertPath,
  answers: { 200: { title: 'The alert', schema: AlertWithDeliveries } },
  async handle({ host, actor, params: { id } }) {
    const alert = known(await host.alerts.get(actor.team_id, id), id)
    const deliveries = await host.alerts.deliveries(actor.team_id, id)
    return answer(200, { ...shown(alert), deliveries: isAdmin(actor) ? deliveries : deliveries.map(unnamed) })
  }
})

/** `POST /alerts/{id}/acknowledge`. */
export const acknowledgeAlert = route({
  id: 'acknowledgeAlert',
  method: 'POST',
  path: '/alerts/:id/acknowledge',
  access: ['admin'],
  title: 'Acknowledge an alert',
  about:
    'Somebody sees to it: it is not told again while the same goes on, unless that becomes worse. PagerDuty hears of it. Again, it changes nothing: the first who acknowledged stays.',
  tag: 'alerts',
  params: AlertPath,
  body: Acknowledgement,
  answers: { 200: { title: 'The alert as it is now', schema: AlertShown } },
  async handle({ host, actor, params: { id }, body: { note } }) {
    const text = note === undefined || note.trim() === '' ? null : shownText(note, NOTE_MAX)
    return answer(200, shown(known(await host.alerts.acknowledge(actor.team_id, id, nameOf(actor), text), id)))
  }
})

/** `POST /alerts/{id}/resolve`. */
export const resolveAlert = route({
  id: 'resolveAlert',
  method: 'POST',
  path: '/alerts/:id/resolve',
  access: ['admin'],
  title: 'Resolve an alert',
  about: 'It is over: if the same comes again, that is another alert.',
  tag: 'alerts',
  params: AlertPath,
  body: NothingMore,
  answers: { 200: { title: 'The alert as it is now', schema: AlertShown } },
  async handle({ host, actor, params: { id } }) {
    return answer(200, shown(known(await host.alerts.resolve(actor.team_id, id), id)))
  }
})

function shown(alert: Alert) {
  const time = (ms: number | null) => (ms === null ? null : timeText(ms))
  return {
    ...alert,
    first_at: timeText(alert.first_at),
    last_at: timeText(alert.last_at),
    acknowledged_at: time(alert.acknowledged_at),
    resolved_at: time(alert.resolved_at),
    notified_at: time(alert.notified_at)
  }
}

/** Whoever may read alerts need not know whose telephone rings. */
function unnamed(delivery: AlertDelivery): AlertDelivery {
  const attempts = delivery.attempts.map((attempt) => ({ ...attempt, error: attempt.error === null ? null : 'it failed' }))
  return { ...delivery, to: delivery.to.split(' ')[0]!, attempts }
}

function nameOf({ user_email, api_key_id }: Actor): string {
  return user_email ?? `API key ${api_key_id}`
}

function known(alert: Alert | null, id: string): Alert {
  if (alert === null) throw fault('not_found', `there is no alert \`${id}\``)
  return alert
}
