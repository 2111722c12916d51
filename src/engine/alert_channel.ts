// Where a team wants its alerts, and which of them goes where and when.
import { SEVERITIES, type Severity } from './alert.ts'
import { quietUntil, type QuietHours } from './alert_quiet.ts'
import type { AlertEventType, AlertNotice } from './alert_state.ts'

/** What each kind of channel is told, whether what was held back comes as one message, and how its address is called. */
export const ALERT_CHANNELS = {
  slack: { hears: ['alert.fired'], digests: true, address: 'channel' },
  pagerduty: { hears: ['alert.fired', 'alert.acknowledged', 'alert.resolved'], digests: false, address: 'routing_key' },
  mail: { hears: ['alert.fired'], digests: true, address: 'to' },
  sms: { hears: ['alert.fired'], digests: true, address: 'to' }
} as const satisfies Readonly<
  Record<string, { hears: readonly AlertEventType[]; digests: boolean; address: 'channel' | 'routing_key' | 'to' }>
>

export type AlertChannelKind = keyof typeof ALERT_CHANNELS
export const ALERT_CHANNEL_KINDS = Object.keys(ALERT_CHANNELS) as [AlertChannelKind, ...AlertChannelKind[]]

/** How a channel is set. `target` is its address, and empty where that is a secret. */
export interface AlertChannel {
  readonly id: string
  readonly kind: AlertChannelKind
  readonly name: string | null
  readonly target: string
  readonly min_severity: Severity
  /** Ids of rules; empty = all. */
  readonly rules: readonly string[]
  readonly quiet_hours: QuietHours | null
  readonly enabled: boolean
}

/** `heldUntil` = quiet hours end then, and it comes with everything else that they held back. */
export interface Planned {
  readonly channel: AlertChannel
  readonly dueAt: number
  readonly heldUntil: number | null
}

/** A digest comes so long after the quiet hours: whoever was still writing into them has done so. */
export const DIGEST_AFTER_MS = 60_000

/** Where a notice goes, and when. */
export function planNotice(channels: readonly AlertChannel[], { type, alert }: AlertNotice, now: number): Planned[] {
  return channels.flatMap((channel) => {
    const { enabled, kind, rules, min_severity, quiet_hours } = channel
    const { hears, digests } = ALERT_CHANNELS[kind]
    const isHeard = (hears as readonly AlertEventType[]).includes(type)
    const isGrave = SEVERITIES.indexOf(alert.severity) >= SEVERITIES.indexOf(min_severity)
    if (!enabled || !isHeard || !isGrave || !(rules.length === 0 || rules.includes(alert.rule))) return []
    // Only what rings waits: that somebody has seen to it may come at any hour.
    const isExcepted =
      quiet_hours === null || type !== 'alert.fired' || (quiet_hours.except === 'critical' && alert.severity === 'critical')
    const until = isExcepted ? null : quietUntil(quiet_hours, now)
    return [{ channel, dueAt: until ?? now, heldUntil: digests ? until : null }]
  })
}
