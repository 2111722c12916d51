// Events that leave Enact: one envelope, one shape of data a type. Data are ids and statuses; whoever needs more asks with a key.
import * as z from 'zod'
import { SEVERITIES } from './alert.ts'
import { Decision, Outcome, RunId } from './schema.ts'

const Time = z.iso.datetime({ message: 'must be RFC 3339 in UTC with Z' })
const Ran = z.strictObject({ run_id: RunId, workflow: z.string(), decision: Decision, outcome: Outcome })
const Ended = { hitl_id: RunId, workflow: z.string(), run_id: RunId.optional(), decided_at: Time }
const Decided = { ...Ended, decided_by: z.string() }
const Alerted = z.strictObject({
  /** The rule's title, and its id. */
  alert: z.string(),
  rule: z.string(),
  alert_id: RunId,
  severity: z.enum(SEVERITIES),
  status: z.enum(['OPEN', 'ACKNOWLEDGED', 'RESOLVED']),
  subject: z.string(),
  message: z.string(),
  count: z.int().positive(),
  first_at: Time,
  run_id: RunId.optional()
})

/** The data of each type of event. A row is all that a new type needs. */
export const WEBHOOK_DATA = {
  'run.completed': Ran,
  'run.blocked': Ran,
  'run.pending': z.strictObject({ run_id: RunId, workflow: z.string(), hitl_id: RunId, expires_at: Time }),
  'hitl.requested': z.strictObject({
    hitl_id: RunId,
    workflow: z.string(),
    run_id: RunId.optional(),
    status: z.literal('PENDING'),
    expires_at: Time
  }),
  'hitl.approved': z.strictObject({ ...Decided, status: z.literal('APPROVED') }),
  'hitl.denied': z.strictObject({ ...Decided, status: z.literal('DENIED') }),
  'hitl.expired': z.strictObject({ ...Ended, status: z.literal('EXPIRED') }),
  'rollback.completed': Ran.extend({ original_run_id: RunId }),
  'alert.fired': Alerted,
  'alert.acknowledged': Alerted,
  'alert.resolved': Alerted,
  'checkpoint.created': z.strictObject({ tree_size: z.int().nonnegative(), root_hash: z.string() }),
  /** The first event of every endpoint, before any other. */
  'webhook.ping': z.strictObject({ endpoint_id: z.string() })
} as const satisfies Record<string, z.ZodObject>

export type WebhookType = keyof typeof WEBHOOK_DATA
export const WebhookType = z.enum(Object.keys(WEBHOOK_DATA) as [WebhookType, ...WebhookType[]])

const rows = Object.entries(WEBHOOK_DATA).map(([type, data]) => z.strictObject({ type: z.literal(type), timestamp: Time, data }))

/** The body of every webhook and callback. `timestamp` is when it happened, not when it is sent. */
export const WebhookEvent: z.ZodType<WebhookEvent> = z.discriminatedUnion('type', rows as never) as never
export type WebhookEvent = { [T in WebhookType]: { type: T; timestamp: string; data: z.infer<(typeof WEBHOOK_DATA)[T]> } }[WebhookType]

/** An endpoint's choice of types; an empty choice means all. `webhook.ping` always comes. */
export function isWanted(chosen: readonly WebhookType[], type: WebhookType): boolean {
  return chosen.length === 0 || type === 'webhook.ping' || chosen.includes(type)
}

const CALLBACK_KEYS = ['hitl_id', 'status', 'run_id', 'decision', 'outcome'] as const

/** The same event for a request's `callback_url`: ids and statuses, and not so much as a name beside them. */
export function callbackOf({ type, timestamp, data }: WebhookEvent): {
  type: WebhookType
  timestamp: string
  data: Record<string, string>
} {
  const given = data as Readonly<Record<string, unknown>>
  const kept = CALLBACK_KEYS.flatMap((key) => (typeof given[key] === 'string' ? [[key, given[key]] as const] : []))
  return { type, timestamp, data: Object.fromEntries(kept) }
}
