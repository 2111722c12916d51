// What the tests of alerts share: the real tables, outbox and vendors’ fakes, over a clock that moves when told.
import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { inject } from 'vitest'
import { BUILT_IN_ALERTS } from '../../src/alerts/index.ts'
import { edgeAlerts } from '../../src/adapters/edge/alerts.ts'
import { postWebhook } from '../../src/adapters/edge/webhook_post.ts'
import { edgeWebhooks } from '../../src/adapters/edge/webhooks.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import { webhookCrypto } from '../../src/adapters/keys/webhook_crypto.ts'
import { resendMailer } from '../../src/adapters/notices/index.ts'
import { edgeParsers } from '../../src/adapters/parsers/edge.ts'
import { hex, type AlertRule, type DeliveryOrder, type JsonObject } from '../../src/engine/index.ts'
import { deliver, type WebhookParts } from '../../src/jobs/webhooks.ts'
import type { Came } from '../fakes/channels.ts'
import type { Rang } from '../fakes/alerting.ts'
import { call, keys, ledgerStub, makeKey } from './parts.ts'
import { behave, receiverUrl, seen } from './webhook_world.ts'

export type AlertWorld = Awaited<ReturnType<typeof makeAlertWorld>>

/** What a vendor got, in one shape: `text` is all of it that a person reads. */
export interface Heard {
  readonly kind: 'slack' | 'mail' | 'pagerduty' | 'sms' | 'webhook'
  readonly text: string
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}

/** A team of its own, with an admin’s key, whose alerts are sent when `work` is called. */
export async function makeAlertWorld(name: string, rules: readonly AlertRule[] = BUILT_IN_ALERTS) {
  // The fakes are there for all files of tests at once.
  const tag = hex(uuidIds.random(16))
  const team = `alerts-${name}-${tag.slice(0, 8)}`
  const admin = await makeKey(team, ['admin'])
  const state = { offsetMs: 0 }
  const logged: JsonObject[] = []
  const log = (entry: JsonObject) => void logged.push(entry)
  const clock = { now: () => Date.now() + state.offsetMs }
  const queue = { sendBatch: async () => undefined }
  const ports = { keys, clock, ids: uuidIds, hash: nodeHash, parsers: edgeParsers() }
  const webhooks = edgeWebhooks({ db: env.DB, queue: queue as never, ports, isDev: true, log })
  const strings = Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  const mailer = resendMailer({ apiKey: strings.RESEND_API_KEY!, apiUrl: strings.RESEND_API_URL!, from: 'Enact <enact@acme.example>' })
  const alerts = edgeAlerts({
    db: env.DB,
    outbox: webhooks.outbox,
    ports,
    rulesOf: () => rules,
    builtIn: rules,
    strings,
    mailer,
    hasMail: true,
    timeoutMs: 400,
    origin: () => 'https://enact.example',
    attempt: (order) => deliver(parts, order),
    log
  })
  const parts: WebhookParts = {
    ...ports,
    deliveries: webhooks.outbox,
    crypto: webhookCrypto,
    isDev: true,
    post: (url, headers, body) => postWebhook(url, headers, body, 400),
    sendAlert: alerts.send,
    endpointSeen: (of, endpoint) => alerts.consider(of, [{ kind: 'endpoint', endpoint }]),
    log
  }
  const due = async (): Promise<DeliveryOrder[]> => {
    const { results } = await env.DB.prepare(
      `SELECT team_id, id AS delivery_id, made + 1 AS number FROM webhook_deliveries WHERE team_id = ? AND status = 'PENDING' AND due_at <= ?`
    )
      .bind(team, clock.now())
      .all<DeliveryOrder & Record<string, never>>()
    return results
  }
  const phone = `+1500${String(Number.parseInt(tag.slice(0, 12), 16))
    .slice(-9)
    .padStart(9, '0')}`
  const routing_key = tag
  const slackId = `C0${tag.slice(0, 10).toUpperCase()}`
  const address = `oncall@${team}.example`
  const receiver = team
  return {
    team,
    admin,
    alerts,
    parts,
    webhooks,
    clock,
    state,
    logged,
    phone,
    routing_key,
    slackId,
    address,
    bodies: {
      slack: { kind: 'slack', channel: slackId },
      pagerduty: { kind: 'pagerduty', routing_key },
      mail: { kind: 'mail', to: address },
      sms: { kind: 'sms', to: phone }
    },
    async add(kind: 'slack' | 'pagerduty' | 'mail' | 'sms', more: object = {}): Promise<string> {
      const body = { slack: { channel: slackId }, pagerduty: { routing_key }, mail: { to: address }, sms: { to: phone } }[kind]
      const made = await call('POST', '/alert-channels', { key: admin, body: { kind, ...body, ...more } })
      if (made.status !== 201) throw new Error(made.text)
      return made.json.id as string
    },
    /** An endpoint that hears alerts alone, and has answered its ping. */
    async listen(behaviour = 'ok', types: string[] = ['alert.fired', 'alert.acknowledged', 'alert.resolved']): Promise<string> {
      await behave(receiver, 'ok')
      const made = (await webhooks.door.create(
        team,
        { url: `${receiverUrl}/${receiver}/ok`, types: types as never, description: null },
        null
      ))!
      for (const order of await due()) await deliver(parts, order)
      await behave(receiver, behaviour)
      return made.endpoint.id
    },
    due,
    /** Makes every attempt that is due now, once. */
    async work() {
      for (const order of await due()) await deliver(parts, order)
    },
    /** What the ledger’s pump does by itself about a second after an append. */
    pump: () => runDurableObjectAlarm(ledgerStub(team)),
    listed: async (query = '') => (await call('GET', `/alerts${query}`, { key: admin })).json.data as JsonObject[],
    /** Everything that came to this team’s channels and endpoint. */
    async heard(): Promise<Heard[]> {
      const came = (await (await fetch(`${inject('channelsUrl')}/came`)).json()) as Came[]
      const rang = (await (await fetch(`${inject('alertingUrl')}/rang`)).json()) as Rang[]
      const got = await seen(receiver)
      return [
        ...came
          .filter(({ body }) => body.channel === slackId)
          .map(({ body }) => ({ kind: 'slack' as const, body, text: JSON.stringify([body.text, body.blocks]) })),
        ...came
          .filter(({ body }) => body.to?.[0] === address)
          .map(({ body }) => ({ kind: 'mail' as const, body, text: `${body.subject}\n${body.text}` })),
        ...rang
          .filter(({ body }) => body.routing_key === routing_key)
          .map(({ body }) => ({ kind: 'pagerduty' as const, body, text: body.payload?.summary ?? body.event_action })),
        ...rang.filter(({ body }) => body.To === phone).map(({ body }) => ({ kind: 'sms' as const, body, text: body.Body as string })),
        ...got.map(({ body }) => ({ kind: 'webhook' as const, body: JSON.parse(body), text: body }))
      ]
    }
  }
}

/** What a vendor would have refused. */
export async function refused(): Promise<string[]> {
  const of = async (url: string) => (await (await fetch(`${url}/wrong`)).json()) as string[]
  return [...(await of(inject('alertingUrl'))), ...(await of(inject('channelsUrl')))]
}

/** The next requests for this routing key or number are answered so; status 0 = not at all. */
export async function answerWith(to: string, status: number, times = 1, retryAfter = ''): Promise<void> {
  const query = new URLSearchParams({
    to,
    status: String(status),
    times: String(times),
    ...(retryAfter === '' ? {} : { retry_after: retryAfter })
  })
  await fetch(`${inject('alertingUrl')}/answer?${query}`, { method: 'POST' })
}
