// The tables of webhooks in D1: endpoints, what is to be told, and where each telling stands.
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { DeliveryAttempt, DeliveryStatus, WebhookType } from '../../engine/index.ts'

/** Where a team wants its events. Secrets are sealed under the team's key. Times are in milliseconds. */
export const webhookEndpoints = sqliteTable(
  'webhook_endpoints',
  {
    teamId: text('team_id').notNull(),
    id: text('id').notNull(),
    url: text('url').notNull(),
    types: text('types', { mode: 'json' }).$type<WebhookType[]>().notNull(),
    description: text('description'),
    status: text('status', { enum: ['PENDING', 'ACTIVE', 'DISABLED'] }).notNull(),
    disabledReason: text('disabled_reason'),
    publicKey: text('public_key').notNull(),
    sealed: text('sealed').notNull(),
    previousSealed: text('previous_sealed'),
    previousUntil: integer('previous_until'),
    /** When a ping was first answered: nothing from before is told. */
    verifiedAt: integer('verified_at'),
    createdAt: integer('created_at').notNull()
  },
  (t) => [primaryKey({ columns: [t.teamId, t.id] })]
)

/** What signs a team's callbacks. */
export const webhookSecrets = sqliteTable('webhook_secrets', {
  teamId: text('team_id').primaryKey(),
  publicKey: text('public_key').notNull(),
  sealed: text('sealed').notNull(),
  previousSealed: text('previous_sealed'),
  previousUntil: integer('previous_until')
})

/** The `callback_url` of a run. */
export const webhookCallbacks = sqliteTable(
  'webhook_callbacks',
  {
    teamId: text('team_id').notNull(),
    runId: text('run_id').notNull(),
    url: text('url').notNull(),
    createdAt: integer('created_at').notNull()
  },
  (t) => [primaryKey({ columns: [t.teamId, t.runId] })]
)

/** Events that somebody wants; `body` is the text that is sent and signed, the same on every attempt. */
export const webhookEvents = sqliteTable(
  'webhook_events',
  {
    teamId: text('team_id').notNull(),
    id: text('id').notNull(),
    type: text('type').$type<WebhookType>().notNull(),
    body: text('body').notNull(),
    createdAt: integer('created_at').notNull()
  },
  (t) => [primaryKey({ columns: [t.teamId, t.id] }), index('webhook_events_created').on(t.createdAt)]
)

/** One event on its way to one endpoint, callback or channel of alerts. `claimed_until`: somebody is at it; `ordered_until`: a message about it should still come. */
export const webhookDeliveries = sqliteTable(
  'webhook_deliveries',
  {
    position: integer('position').primaryKey(),
    teamId: text('team_id').notNull(),
    id: text('id').notNull(),
    eventId: text('event_id').notNull(),
    endpointId: text('endpoint_id'),
    callbackUrl: text('callback_url'),
    channelId: text('channel_id'),
    /** The alert that it tells of. */
    alertId: text('alert_id'),
    status: text('status').$type<DeliveryStatus>().notNull(),
    attempt: integer('attempt').notNull(),
    made: integer('made').notNull(),
    dueAt: integer('due_at'),
    attempts: text('attempts', { mode: 'json' }).$type<DeliveryAttempt[]>().notNull(),
    claimedUntil: integer('claimed_until').notNull(),
    orderedUntil: integer('ordered_until').notNull(),
    createdAt: integer('created_at').notNull()
  },
  (t) => [
    uniqueIndex('webhook_deliveries_id').on(t.teamId, t.id),
    index('webhook_deliveries_endpoint').on(t.teamId, t.endpointId, t.position),
    index('webhook_deliveries_due').on(t.status, t.dueAt),
    index('webhook_deliveries_alert').on(t.teamId, t.alertId, t.position),
    index('webhook_deliveries_channel').on(t.teamId, t.channelId, t.position)
  ]
)
