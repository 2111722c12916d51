// Webhook endpoints, for admins: where a team's events go, and with which secret they are signed.
import { fault } from '../../engine/index.ts'
import * as z from 'zod'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { idempotencyKeyOf } from '../run_id.ts'
import { count, pageOf } from '../schema.ts'
import {
  EndpointPatch,
  EndpointPath,
  EndpointShown,
  NewEndpoint,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookSecret
} from '../webhook_schema.ts'
import { requireTarget } from '../webhook_target.ts'

/** `POST /webhooks`. */
export const createWebhook = route({
  id: 'createWebhook',
  method: 'POST',
  path: '/webhooks',
  access: ['admin'],
  title: 'Register an endpoint',
  about:
    'A signed `webhook.ping` goes out at once; events come after it was answered with a 2xx. `types` empty or absent means all. Verify as Standard Webhooks says: `secret` for `v1`, `public_key` for `v1a`.',
  tag: 'webhooks',
  body: NewEndpoint,
  idempotent: true,
  answers: { 201: { title: 'The endpoint; the secret is shown this once', schema: EndpointShown } },
  async handle({ host, actor, body, headers }) {
    requireTarget(host, '/url', body.url)
    const key = idempotencyKeyOf(headers)
    const given = { url: body.url, types: body.types ?? [], description: body.description ?? null }
    const made = await host.webhooks.create(actor.team_id, given, key === null ? null : `${actor.api_key_id}\n${key}`)
    if (made === null) throw fault('idempotency_key_reused', 'this Idempotency-Key was used for another request')
    return answer(201, { ...made.endpoint, secret: made.secret.secret })
  }
})

/** `GET /webhooks`. */
export const listWebhooks = route({
  id: 'listWebhooks',
  method: 'GET',
  path: '/webhooks',
  access: ['admin'],
  title: 'List endpoints',
  about: 'Never a secret.',
  tag: 'webhooks',
  query: z.strictObject({ limit: count(1, 200, 50), cursor: z.string().min(1).max(64).optional() }),
  answers: { 200: { title: 'A page of endpoints', schema: pageOf(WebhookEndpoint) } },
  async handle({ host, actor, query: { limit, cursor } }) {
    const found = await host.webhooks.list(actor.team_id, cursor ?? null, limit + 1)
    const data = found.slice(0, limit)
    const has_more = found.length > limit
    return answer(200, { data, next_cursor: has_more ? data.at(-1)!.id : null, has_more })
  }
})

/** `POST /webhooks/secret`. */
export const rotateCallbackSecret = route({
  id: 'rotateCallbackSecret',
  method: 'POST',
  path: '/webhooks/secret',
  access: ['admin'],
  title: 'Get a new secret for callbacks',
  about: 'It signs what goes to a `callback_url`. The one before signs along for 24 hours.',
  tag: 'webhooks',
  answers: { 201: { title: 'The secret, shown this once', schema: WebhookSecret } },
  async handle({ host, actor }) {
    return answer(201, await host.webhooks.rotateCallbackSecret(actor.team_id))
  }
})

/** `GET /webhooks/{id}`. */
export const readWebhook = route({
  id: 'readWebhook',
  method: 'GET',
  path: '/webhooks/:id',
  access: ['admin'],
  title: 'Look at an endpoint',
  tag: 'webhooks',
  params: EndpointPath,
  answers: { 200: { title: 'The endpoint', schema: WebhookEndpoint } },
  async handle({ host, actor, params: { id } }) {
    return answer(200, known(await host.webhooks.get(actor.team_id, id), id))
  }
})

/** `PATCH /webhooks/{id}`. */
export const changeWebhook = route({
  id: 'changeWebhook',
  method: 'PATCH',
  path: '/webhooks/:id',
  access: ['admin'],
  title: 'Change an endpoint',
  about: 'Another `url`, or `disabled: false`, makes it PENDING until a ping is answered; what happens meanwhile is delivered after that.',
  tag: 'webhooks',
  params: EndpointPath,
  body: EndpointPatch,
  answers: { 200: { title: 'The endpoint', schema: WebhookEndpoint } },
  async handle({ host, actor, params: { id }, body }) {
    if (body.url !== undefined) requireTarget(host, '/url', body.url)
    return answer(200, known(await host.webhooks.change(actor.team_id, id, body), id))
  }
})

/** `DELETE /webhooks/{id}`. */
export const deleteWebhook = route({
  id: 'deleteWebhook',
  method: 'DELETE',
  path: '/webhooks/:id',
  access: ['admin'],
  title: 'Delete an endpoint',
  about: 'What is still on its way to it is given up.',
  tag: 'webhooks',
  params: EndpointPath,
  answers: { 204: { title: 'It is gone' } },
  async handle({ host, actor, params: { id } }) {
    if (!(await host.webhooks.remove(actor.team_id, id))) throw fault('not_found', `there is no endpoint \`${id}\``)
    return answer(204)
  }
})

/** `POST /webhooks/{id}/rotate`. */
export const rotateWebhook = route({
  id: 'rotateWebhook',
  method: 'POST',
  path: '/webhooks/:id/rotate',
  access: ['admin'],
  title: 'Get a new secret for an endpoint',
  about: 'The one before signs along for 24 hours; rotate twice and it is gone.',
  tag: 'webhooks',
  params: EndpointPath,
  answers: { 201: { title: 'The secret, shown this once', schema: WebhookSecret } },
  async handle({ host, actor, params: { id } }) {
    return answer(201, known(await host.webhooks.rotate(actor.team_id, id), id))
  }
})

/** `POST /webhooks/{id}/ping`. */
export const pingWebhook = route({
  id: 'pingWebhook',
  method: 'POST',
  path: '/webhooks/:id/ping',
  access: ['admin'],
  title: 'Ping an endpoint',
  about: 'A 2xx makes a PENDING endpoint ACTIVE.',
  tag: 'webhooks',
  params: EndpointPath,
  answers: { 202: { title: 'The ping is on its way', schema: WebhookDelivery } },
  async handle({ host, actor, params: { id } }) {
    return answer(202, known(await host.webhooks.ping(actor.team_id, id), id))
  }
})

function known<T>(found: T | null, id: string): T {
  if (found === null) throw fault('not_found', `there is no endpoint \`${id}\``)
  return found
}
