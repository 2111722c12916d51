// Shapes of the routes of alerts.
import * as z from 'zod'
import { ALERT_CHANNEL_KINDS, Email, Name, QuietHours, RunId, SEVERITIES } from '../engine/index.ts'
import { count } from './schema.ts'

const Severity = z.enum(SEVERITIES)
const Status = z.enum(['OPEN', 'ACKNOWLEDGED', 'RESOLVED'])
const Time = z.iso.datetime({ error: 'must be RFC 3339 in UTC with Z' })
const ChannelName = z.string().min(1).max(80).nullable()
const SlackChannel = z.string().regex(/^[CG][A-Z0-9]{5,20}$/, 'must be the id of a channel, like `C0123ABCD`: open its details in Slack')
const RoutingKey = z.string().regex(/^[A-Za-z0-9]{32}$/, 'must be the 32 characters of an Events API v2 integration key')
const Phone = z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be a number in E.164, like `+4915112345678`')
const Rules = z
  .array(Name)
  .max(100)
  .refine((rules) => new Set(rules).size === rules.length, 'names a rule twice')

export const AlertPath = z.strictObject({ id: RunId })
export const AlertRulePath = z.strictObject({ rule: Name })
export const AlertQuery = z.strictObject({
  status: Status.optional(),
  severity: Severity.optional(),
  rule: Name.optional(),
  limit: count(1, 200, 50),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, 'must be the next_cursor of the page before')
    .optional()
})
export const Acknowledgement = z.strictObject({ note: z.string().max(500).optional() })
export const NothingMore = z.strictObject({})

export const AlertShown = z.strictObject({
  alert_id: RunId,
  rule: z.string(),
  title: z.string(),
  severity: Severity,
  status: Status,
  subject: z.string(),
  message: z.string(),
  first_at: z.string(),
  last_at: z.string(),
  count: z.int(),
  run_ids: z.array(z.string()),
  acknowledged_by: z.string().nullable(),
  acknowledged_at: z.string().nullable(),
  note: z.string().nullable(),
  resolved_at: z.string().nullable(),
  notified_at: z.string().nullable()
})
export const AlertDeliveryShown = z.strictObject({
  id: RunId,
  type: z.string(),
  channel_id: RunId.nullable(),
  endpoint_id: RunId.nullable(),
  to: z.string(),
  status: z.enum(['PENDING', 'HELD', 'DELIVERED', 'DEAD', 'WITHDRAWN', 'ENDPOINT_GONE']),
  next_attempt_at: z.string().nullable(),
  created_at: z.string(),
  attempts: z.array(
    z.strictObject({ number: z.int(), at: z.string(), status: z.int().nullable(), error: z.string().nullable(), duration_ms: z.int() })
  )
})
export const AlertWithDeliveries = AlertShown.extend({ deliveries: z.array(AlertDeliveryShown) })

export const AlertRuleShown = z.strictObject({
  rule: z.string(),
  title: z.string(),
  description: z.string(),
  severity: Severity,
  default_severity: Severity,
  muted_until: z.string().nullable(),
  fired_24h: z.int(),
  last_at: z.string().nullable()
})
export const AlertRulePatch = z.strictObject({ muted_until: Time.nullable(), severity: Severity.nullable() }).partial()
export const AlertRuleChanged = AlertRuleShown.extend({ run_id: RunId.nullable() })

const Settings = {
  name: ChannelName.optional(),
  min_severity: Severity.optional(),
  rules: Rules.optional(),
  quiet_hours: QuietHours.nullable().optional(),
  enabled: z.boolean().optional()
}
export const NewChannel = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('slack'), channel: SlackChannel, ...Settings }),
  z.strictObject({ kind: z.literal('pagerduty'), routing_key: RoutingKey, ...Settings }),
  z.strictObject({ kind: z.literal('mail'), to: Email, ...Settings }),
  z.strictObject({ kind: z.literal('sms'), to: Phone, ...Settings })
])
export const ChannelPatch = z.strictObject({
  ...Settings,
  channel: SlackChannel.optional(),
  routing_key: RoutingKey.optional(),
  to: z.union([Email, Phone]).optional()
})
export const ChannelShown = z.strictObject({
  id: RunId,
  kind: z.enum(ALERT_CHANNEL_KINDS),
  name: z.string().nullable(),
  target: z.string(),
  min_severity: Severity,
  rules: z.array(z.string()),
  quiet_hours: QuietHours.nullable(),
  enabled: z.boolean(),
  problem: z.string().nullable(),
  last_delivery: z.strictObject({ status: AlertDeliveryShown.shape.status, at: z.string(), error: z.string().nullable() }).nullable(),
  created_at: z.string()
})
export const ChannelChanged = ChannelShown.extend({ run_id: RunId.nullable() })
export const ChannelTested = AlertDeliveryShown.extend({ said: z.string().nullable() })
