// What the tests of webhooks share: the real tables, secrets and job, over a clock that moves when told and a queue that can be read.
import { env } from 'cloudflare:workers'
import { inject } from 'vitest'
import { Webhook } from 'standardwebhooks'
import { postWebhook } from '../../src/adapters/edge/webhook_post.ts'
import { edgeWebhooks } from '../../src/adapters/edge/webhooks.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import { webhookCrypto } from '../../src/adapters/keys/webhook_crypto.ts'
import { edgeParsers } from '../../src/adapters/parsers/edge.ts'
import { verifyWebhook, type DeliveryOrder, type DeliveryRow, type JsonObject, type WebhookEvent } from '../../src/engine/index.ts'
import { deliver, deliverWebhooks, type OrderMessage, type WebhookParts } from '../../src/jobs/webhooks.ts'
import type { Got } from '../fakes/receiver.ts'
import { keys } from './parts.ts'

export const receiverUrl = inject('receiverUrl')

/** Long enough for an answer on this machine, short enough not to wait for a receiver that hangs. */
const TIMEOUT_MS = 400

export interface Ordered {
  readonly body: DeliveryOrder
  readonly delaySeconds: number
}

export type World = ReturnType<typeof makeWorld>

/** One team's webhooks. */
export function makeWorld(team: string) {
  const ordered: Ordered[] = []
  const logged: JsonObject[] = []
  const state = { offsetMs: 0, queueIsDown: false }
  const clock = { now: () => Date.now() + state.offsetMs }
  const queue = {
    sendBatch: async (messages: Iterable<{ body: DeliveryOrder; delaySeconds?: number }>) => {
      if (state.queueIsDown) throw new Error('the queue is down')
      for (const { body, delaySeconds = 0 } of messages) ordered.push({ body, delaySeconds })
    }
  }
  const ports = { keys, clock, ids: uuidIds, hash: nodeHash, parsers: edgeParsers() }
  const log = (entry: JsonObject) => void logged.push(entry)
  const { outbox, door } = edgeWebhooks({ db: env.DB, queue: queue as never, ports, isDev: true, log })
  const parts: WebhookParts = {
    ...ports,
    deliveries: outbox,
    crypto: webhookCrypto,
    isDev: true,
    post: (url, headers, body) => postWebhook(url, headers, body, TIMEOUT_MS),
    sendAlert: () => Promise.reject(new Error('nobody is alerted here')),
    endpointSeen: () => Promise.resolve(),
    log
  }
  const take = () => ordered.splice(0).filter(({ body }) => body.team_id === team)
  return {
    team,
    outbox,
    door,
    parts,
    clock,
    state,
    logged,
    take,
    /** Carries out every order that is due now, once. */
    async work() {
      for (const { body } of take()) await deliver(parts, body)
    },
    /** An endpoint at this address that has answered its ping. */
    async active(url: string, types: Parameters<typeof door.create>[1]['types'] = []) {
      const name = url.split('/').at(-2)!
      const behaviour = url.split('/').at(-1)!
      await behave(name, 'ok')
      const made = (await door.create(team, { url, types, description: null }, null))!
      for (const { body } of take()) await deliver(parts, body)
      await behave(name, behaviour)
      return { id: made.endpoint.id, secret: made.secret.secret, public_key: made.secret.public_key }
    },
    /** Says that a run is waiting: an event that no receipt stands for. */
    async emit(callbackUrl: string | null = null, more: Partial<WebhookEvent> = {}) {
      const run_id = uuidIds.runId()
      const data = { run_id, workflow: 'agent_pr_workflow', hitl_id: uuidIds.runId(), expires_at: new Date(clock.now()).toISOString() }
      const event = { type: 'run.pending', timestamp: new Date(clock.now()).toISOString(), data, ...more } as WebhookEvent
      await outbox.emit(team, event, callbackUrl)
      return event
    },
    async listed(endpointId: string | null = null): Promise<DeliveryRow[]> {
      return (await door.deliveries(team, endpointId, null, 200)).filter(({ type }) => type !== 'webhook.ping')
    }
  }
}

/** What came to a receiver under this name, pings aside. */
export async function seen(name: string, pings = false): Promise<Got[]> {
  const got = (await (await fetch(`${receiverUrl}/seen/${name}`)).json()) as Got[]
  return pings ? got : got.filter(({ body }) => !body.includes('"webhook.ping"'))
}

export async function behave(name: string, behaviour: string): Promise<void> {
  await fetch(`${receiverUrl}/${name}/${behaviour}`, { method: 'PUT' })
}

/** The body, as the library of the specification lets it through; throws where it does not. */
export function verified({ body, headers }: Got, secret: string): WebhookEvent {
  return new Webhook(secret).verify(body, headers) as WebhookEvent
}

/** The same by the Ed25519 key. */
export async function isSignedBy({ body, headers }: Got, publicKey: string, nowMs = Date.now()): Promise<boolean> {
  return (await verifyWebhook({ headers, body }, [publicKey], Math.floor(nowMs / 1000), webhookCrypto, nodeHash)).ok
}

/** A batch as the queue hands it over; what became of each message. */
export async function consume(parts: WebhookParts, bodies: readonly unknown[]): Promise<string[]> {
  const ends: string[] = bodies.map(() => 'neither')
  const messages: OrderMessage[] = bodies.map((body, i) => ({
    body,
    ack: () => void (ends[i] = 'ack'),
    retry: (options) => void (ends[i] = `retry ${options?.delaySeconds ?? 0}`)
  }))
  await deliverWebhooks(parts, messages)
  return ends
}
