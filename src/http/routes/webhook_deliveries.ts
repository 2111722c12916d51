// What became of each event on its way, and sending it again.
import { fault, type DeliveryRow } from '../../engine/index.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { PageQuery, pageOf } from '../schema.ts'
import { EndpointPath, Replayed, ReplayQuery, WebhookDelivery } from '../webhook_schema.ts'

/** `GET /webhooks/deliveries`. */
export const listDeliveries = route({
  id: 'listDeliveries',
  method: 'GET',
  path: '/webhooks/deliveries',
  access: ['admin'],
  title: 'List deliveries',
  about: 'Newest first, to every endpoint and every `callback_url`, with their attempts. Kept for 30 days.',
  tag: 'webhooks',
  query: PageQuery,
  answers: { 200: { title: 'A page of deliveries', schema: pageOf(WebhookDelivery) } },
  async handle({ host, actor, query: { limit, cursor } }) {
    return page(await host.webhooks.deliveries(actor.team_id, null, positionOf(cursor), limit + 1), limit)
  }
})

/** `GET /webhooks/{id}/deliveries`. */
export const listEndpointDeliveries = route({
  id: 'listEndpointDeliveries',
  method: 'GET',
  path: '/webhooks/:id/deliveries',
  access: ['admin'],
  title: "List an endpoint's deliveries",
  about: 'Newest first, with their attempts.',
  tag: 'webhooks',
  params: EndpointPath,
  query: PageQuery,
  answers: { 200: { title: 'A page of deliveries', schema: pageOf(WebhookDelivery) } },
  async handle({ host, actor, params: { id }, query: { limit, cursor } }) {
    if ((await host.webhooks.get(actor.team_id, id)) === null) throw fault('not_found', `there is no endpoint \`${id}\``)
    return page(await host.webhooks.deliveries(actor.team_id, id, positionOf(cursor), limit + 1), limit)
  }
})

/** `POST /webhooks/deliveries/{id}/replay`. */
export const replayDelivery = route({
  id: 'replayDelivery',
  method: 'POST',
  path: '/webhooks/deliveries/:id/replay',
  access: ['admin'],
  title: 'Send one event again',
  about: 'The same event under the same `webhook-id`, with all its attempts anew.',
  tag: 'webhooks',
  params: EndpointPath,
  answers: { 202: { title: 'It is on its way', schema: WebhookDelivery } },
  async handle({ host, actor, params: { id } }) {
    const found = await host.webhooks.replay(actor.team_id, id)
    if (found === null) throw fault('not_found', `there is no delivery \`${id}\``)
    return answer(202, found)
  }
})

/** `POST /webhooks/{id}/replay`. */
export const replayFailed = route({
  id: 'replayFailed',
  method: 'POST',
  path: '/webhooks/:id/replay',
  access: ['admin'],
  title: 'Send all that failed again',
  about: 'Everything of this endpoint that was given up, or waits for another attempt, and was made `since` (absent: all that is kept).',
  tag: 'webhooks',
  params: EndpointPath,
  body: ReplayQuery,
  answers: { 202: { title: 'How many are on their way', schema: Replayed } },
  async handle({ host, actor, params: { id }, body: { since } }) {
    const replayed = await host.webhooks.replayFailed(actor.team_id, id, since === undefined ? 0 : Date.parse(since))
    if (replayed === null) throw fault('not_found', `there is no endpoint \`${id}\``)
    return answer(202, { replayed })
  }
})

function positionOf(cursor: string | undefined): number | null {
  return cursor === undefined ? null : Number(cursor)
}

function page(found: readonly DeliveryRow[], limit: number) {
  const has_more = found.length > limit
  const shown = found.slice(0, limit)
  const data = shown.map(({ position: _position, ...delivery }) => delivery)
  return answer(200, { data, next_cursor: has_more ? String(shown.at(-1)!.position) : null, has_more })
}
