// Shapes of the webhook routes.
import * as z from 'zod'
import { RunId, WebhookType } from '../engine/index.ts'

const Time = z.iso.datetime({ error: 'must be RFC 3339 in UTC with Z' })
const Url = z.url().max(2_400)
const Types = z
  .array(WebhookType.exclude(['webhook.ping']))
  .max(32)
  .refine((types) => new Set(types).size === types.length, 'names a type twice')
const Description = z.string().max(256).nullable()

export const EndpointPath = z.strictObject({ id: RunId })
export const NewEndpoint = z.strictObject({ url: Url, types: Types.optional(), description: Description.optional() })
export const EndpointPatch = z.strictObject({ url: Url, types: Types, description: Description, disabled: z.boolean() }).partial()
export const ReplayQuery = z.strictObject({ since: Time.optional() })

export const WebhookEndpoint = z.strictObject({
  id: RunId,
  url: z.string(),
  types: z.array(WebhookType),
  description: z.string().nullable(),
  status: z.enum(['PENDING', 'ACTIVE', 'DISABLED']),
  disabled_reason: z.string().nullable(),
  public_key: z.string(),
  previous_until: z.string().nullable(),
  verified_at: z.string().nullable(),
  created_at: z.string()
})
export const WebhookSecret = z.strictObject({ secret: z.string(), public_key: z.string(), previous_until: z.string().nullable() })
export const EndpointShown = WebhookEndpoint.extend({ secret: z.string() })
export const WebhookDelivery = z.strictObject({
  id: RunId,
  event_id: z.string(),
  type: WebhookType,
  timestamp: z.string(),
  endpoint_id: RunId.nullable(),
  callback_url: z.string().nullable(),
  status: z.enum(['PENDING', 'DELIVERED', 'DEAD', 'ENDPOINT_GONE']),
  next_attempt_at: z.string().nullable(),
  created_at: z.string(),
  attempts: z.array(
    z.strictObject({
      number: z.int(),
      at: z.string(),
      status: z.int().nullable(),
      error: z.string().nullable(),
      duration_ms: z.int()
    })
  )
})
export const Replayed = z.strictObject({ replayed: z.int() })
