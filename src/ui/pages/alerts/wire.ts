// What the server says of alerts, and the words for it. Texts of alerts come with everything marked that they could hide.
import type { Tone } from '../../parts/tone.ts'

/** The gravest first. */
export const SEVERITIES = ['critical', 'warning', 'info'] as const
export type Severity = (typeof SEVERITIES)[number]
export type Status = 'OPEN' | 'ACKNOWLEDGED' | 'RESOLVED'

export interface Alert {
  readonly alert_id: string
  readonly rule: string
  readonly title: string
  readonly severity: Severity
  readonly status: Status
  /** Empty where there is nothing to name, or it was erased. */
  readonly subject: string
  readonly message: string
  readonly first_at: string
  readonly last_at: string
  readonly count: number
  /** The first ones and the newest, at most ten. */
  readonly run_ids: readonly string[]
  readonly acknowledged_by: string | null
  readonly acknowledged_at: string | null
  readonly note: string | null
  readonly resolved_at: string | null
  /** Null = it was told to nobody: its rule is muted. */
  readonly notified_at: string | null
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
  readonly type: string
  readonly channel_id: string | null
  readonly endpoint_id: string | null
  readonly to: string
  readonly status: 'PENDING' | 'HELD' | 'DELIVERED' | 'DEAD' | 'WITHDRAWN' | 'ENDPOINT_GONE'
  readonly next_attempt_at: string | null
  readonly created_at: string
  readonly attempts: readonly Attempt[]
}

export interface AlertWithDeliveries extends Alert {
  readonly deliveries: readonly Delivery[]
}

export interface AlertRule {
  readonly rule: string
  readonly title: string
  readonly description: string
  readonly severity: Severity
  readonly default_severity: Severity
  readonly muted_until: string | null
  readonly fired_24h: number
  readonly last_at: string | null
}

/** What a change adds to what was changed: its receipt, null where nothing did. */
export interface Changed {
  readonly run_id: string | null
}

interface Standing {
  readonly tone: Tone
  readonly word: string
}

export const SEVERITY: Readonly<Record<Severity, Standing & { readonly icon: string }>> = {
  critical: { tone: 'block', word: 'Critical', icon: '▲' },
  warning: { tone: 'held', word: 'Warning', icon: '!' },
  info: { tone: 'none', word: 'Info', icon: 'i' }
}

/** Colour is for how grave it is. */
export const STATUS: Readonly<Record<Status, Standing & { readonly icon: string }>> = {
  OPEN: { tone: 'none', word: 'Open', icon: '○' },
  ACKNOWLEDGED: { tone: 'held', word: 'Acknowledged', icon: '◐' },
  RESOLVED: { tone: 'pass', word: 'Resolved', icon: '✓' }
}

export const DELIVERIES: Readonly<Record<Delivery['status'], Standing>> = {
  PENDING: { tone: 'held', word: 'On its way' },
  HELD: { tone: 'held', word: 'Quiet hours' },
  DELIVERED: { tone: 'pass', word: 'Delivered' },
  DEAD: { tone: 'block', word: 'Given up' },
  WITHDRAWN: { tone: 'none', word: 'Not needed' },
  ENDPOINT_GONE: { tone: 'none', word: 'Gone' }
}

/** What is open: the gravest first, of these what was seen last. */
export function gravestFirst(alerts: readonly Alert[]): readonly Alert[] {
  const weight = ({ severity }: Alert) => SEVERITIES.indexOf(severity)
  return alerts.toSorted((one, other) => weight(one) - weight(other) || other.last_at.localeCompare(one.last_at))
}

export const severityOf = (text: string | null): Severity | null => SEVERITIES.find((one) => one === text) ?? null
export const addressOf = (alertId: string) => `/app/alerts?alert_id=${encodeURIComponent(alertId)}`
