// What the server says of webhooks.
import type { Tone } from '../../parts/tone.ts'

export const TYPES = [
  'run.completed',
  'run.blocked',
  'run.pending',
  'hitl.requested',
  'hitl.approved',
  'hitl.denied',
  'hitl.expired',
  'rollback.completed',
  'alert.fired',
  'alert.acknowledged',
  'alert.resolved',
  'checkpoint.created'
] as const

export interface Endpoint {
  readonly id: string
  readonly url: string
  /** Empty = all. */
  readonly types: readonly string[]
  readonly description: string | null
  readonly status: 'PENDING' | 'ACTIVE' | 'DISABLED'
  readonly disabled_reason: string | null
  readonly public_key: string
  readonly previous_until: string | null
  readonly verified_at: string | null
  readonly created_at: string
}

export interface Secret {
  readonly secret: string
  readonly public_key: string
  readonly previous_until: string | null
}

export interface Attempt {
  readonly number: number
  readonly at: string
  readonly status: number | null
  readonly error: string | null
  readonly duration_ms: number
}

export interface Delivery {
  readonly id: string
  readonly event_id: string
  readonly type: string
  readonly timestamp: string
  readonly endpoint_id: string | null
  readonly callback_url: string | null
  readonly status: 'PENDING' | 'DELIVERED' | 'DEAD' | 'ENDPOINT_GONE'
  readonly next_attempt_at: string | null
  readonly created_at: string
  readonly attempts: readonly Attempt[]
}

interface Standing {
  readonly tone: Tone
  readonly word: string
}

export const ENDPOINTS: Readonly<Record<Endpoint['status'], Standing>> = {
  PENDING: { tone: 'held', word: 'Waits for its ping' },
  ACTIVE: { tone: 'pass', word: 'Active' },
  DISABLED: { tone: 'none', word: 'Switched off' }
}

export const DELIVERIES: Readonly<Record<Delivery['status'], Standing>> = {
  PENDING: { tone: 'held', word: 'On its way' },
  DELIVERED: { tone: 'pass', word: 'Delivered' },
  DEAD: { tone: 'block', word: 'Given up' },
  ENDPOINT_GONE: { tone: 'none', word: 'Endpoint gone' }
}

/** `204 in 12 ms`, or what went wrong. */
export function attemptText({ status, error, duration_ms }: Attempt): string {
  const what = error ?? (status === null ? 'no answer' : String(status))
  return `${status !== null && error !== null && !error.includes(String(status)) ? `${status}: ` : ''}${what} in ${duration_ms} ms`
}
