// What webhooks need of their host: endpoints and their secrets for the door, deliveries for the job.
import type { ChannelParcel } from './alert_ports.ts'
import type { Events } from './ports.ts'
import type { Delivery, DeliveryAnswer, DeliveryAttempt, DeliveryStatus } from './webhook_delivery.ts'
import type { WebhookType } from './webhook.ts'

/** PENDING until a ping was answered with a 2xx; DISABLED by an admin or by a 410. */
export type EndpointStatus = 'PENDING' | 'ACTIVE' | 'DISABLED'

/** An endpoint as it is listed: never its secret. */
export interface WebhookEndpoint {
  readonly id: string
  readonly url: string
  /** Empty = all. */
  readonly types: readonly WebhookType[]
  readonly description: string | null
  readonly status: EndpointStatus
  readonly disabled_reason: string | null
  /** Checks its `v1a` signatures. */
  readonly public_key: string
  /** Until then the secret before this one signs along. */
  readonly previous_until: string | null
  readonly verified_at: string | null
  readonly created_at: string
}

/** What is shown once: `secret` checks `v1` signatures, `public_key` checks `v1a`. */
export interface WebhookSecret {
  readonly secret: string
  readonly public_key: string
  readonly previous_until: string | null
}

export interface NewEndpoint {
  readonly url: string
  readonly types: readonly WebhookType[]
  readonly description: string | null
}

export interface EndpointChange extends Partial<NewEndpoint> {
  readonly disabled?: boolean
}

/** One event on its way to one address, as it is listed. */
export interface DeliveryListed {
  readonly id: string
  readonly event_id: string
  readonly type: WebhookType
  readonly timestamp: string
  /** Null for a `callback_url`. */
  readonly endpoint_id: string | null
  readonly callback_url: string | null
  readonly status: DeliveryStatus
  readonly next_attempt_at: string | null
  readonly created_at: string
  readonly attempts: readonly DeliveryAttempt[]
}

/** A listed delivery with its place in the list. */
export type DeliveryRow = DeliveryListed & { readonly position: number }

/** Endpoints of a team, for admins. What belongs to another team is null, like what never was. */
export interface WebhookDoor {
  /** Why nothing may be sent to this address, in one sentence; null = it may. */
  targetProblem(url: string): string | null
  /** PENDING, with its ping on the way. The same `idempotency` again gives the same answer; for another endpoint null. Throws `invalid` where there are too many. */
  create(
    teamId: string,
    given: NewEndpoint,
    idempotency: string | null
  ): Promise<{ endpoint: WebhookEndpoint; secret: WebhookSecret } | null>
  /** In the order of their ids. */
  list(teamId: string, after: string | null, limit: number): Promise<WebhookEndpoint[]>
  get(teamId: string, id: string): Promise<WebhookEndpoint | null>
  /** Another address, or switching it on, makes it PENDING until that address has answered a ping. */
  change(teamId: string, id: string, change: EndpointChange): Promise<WebhookEndpoint | null>
  remove(teamId: string, id: string): Promise<boolean>
  /** A new secret, shown once; the one before signs along for a day. */
  rotate(teamId: string, id: string): Promise<WebhookSecret | null>
  ping(teamId: string, id: string): Promise<DeliveryListed | null>
  /** The same for the secret that signs callbacks. */
  rotateCallbackSecret(teamId: string): Promise<WebhookSecret>
  /** Where the end of this run is to be told; the first that is said counts. Durable when it resolves. */
  expectCallback(teamId: string, runId: string, url: string): Promise<void>
  /** Newest first, only those below the position `cursor`; `endpointId` null = of all endpoints and callbacks. */
  deliveries(teamId: string, endpointId: string | null, cursor: number | null, limit: number): Promise<DeliveryRow[]>
  /** The same event under the same id once more. Throws `endpoint_disabled` where it would go nowhere. */
  replay(teamId: string, deliveryId: string): Promise<DeliveryListed | null>
  /** All of an endpoint that failed and were made since; how many. */
  replayFailed(teamId: string, endpointId: string, sinceMs: number): Promise<number | null>
}

/** What travels through the queue. `number` is the attempt that it asks for: a message for another one is stale. */
export interface DeliveryOrder {
  readonly team_id: string
  readonly delivery_id: string
  readonly number: number
}

/** Everything that one attempt needs. `secrets` sign, the current first. */
export interface Parcel {
  readonly team_id: string
  readonly delivery_id: string
  readonly delivery: Delivery
  readonly type: WebhookType
  readonly url: string
  readonly body: string
  readonly secrets: readonly string[]
}

/** `later` = it is not due, held back, or somebody else is at it. */
export type Claim =
  | { readonly kind: 'claimed'; readonly parcel: Parcel }
  /** For a channel of alerts. */
  | { readonly kind: 'claimed_alert'; readonly parcel: ChannelParcel }
  | { readonly kind: 'later'; readonly waitMs: number }
  | { readonly kind: 'stale' }

/** Deliveries, for whoever makes the attempts. */
export interface Deliveries extends Events {
  /** One claimer at a time: who does not settle loses the claim after a minute. */
  claim(order: DeliveryOrder): Promise<Claim>
  /** What became of the claimed attempt, together with what that means for the endpoint. */
  settle(parcel: Parcel | ChannelParcel, after: Delivery): Promise<void>
  /** Orders what is due and was never acknowledged; how many. */
  orderDue(limit: number): Promise<number>
  /** Takes away what ended so long ago; how many. */
  prune(beforeMs: number): Promise<number>
}

/** Sends one POST and says how it ended. Follows no redirect, keeps nothing of the answer's body, never throws. */
export type PostWebhook = (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<DeliveryAnswer['result']>
