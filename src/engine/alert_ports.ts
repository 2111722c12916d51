// What alerts need of their host: a place to be told signals, doors for people, and something that sends by each kind of channel.
import type { AlertRule, Severity } from './alert.ts'
import type { AlertChannel, AlertChannelKind } from './alert_channel.ts'
import type { Signal } from './alert_signal.ts'
import type { Alert, AlertSetting, AlertStatus } from './alert_state.ts'
import type { AlertParcel } from './alert_words.ts'
import type { Change } from './change.ts'
import type { QuietHours } from './alert_quiet.ts'
import type { Delivery, DeliveryAnswer, DeliveryAttempt, DeliveryStatus } from './webhook_delivery.ts'

/** Takes signals. */
export interface AlertWatch {
  /** What becomes of them is stored, deliveries and all, when this resolves. The same told again changes nothing. */
  consider(teamId: string, rules: readonly AlertRule[], signals: readonly Signal[]): Promise<void>
}

/** Which alerts a list shows. */
export interface AlertFilter {
  readonly status?: AlertStatus
  readonly severity?: Severity
  readonly rule?: string
}

/** A telling of an alert on its way, as it is listed. */
export interface AlertDelivery {
  readonly id: string
  readonly type: string
  readonly channel_id: string | null
  readonly endpoint_id: string | null
  readonly to: string
  readonly status: DeliveryStatus
  readonly next_attempt_at: string | null
  readonly created_at: string
  readonly attempts: readonly DeliveryAttempt[]
}

/** What a rule did. */
export interface AlertTally {
  readonly fired_24h: number
  readonly last_at: number | null
}

/** A channel as it is listed. */
export interface AlertChannelListed extends AlertChannel {
  readonly created_at: string
  readonly last_delivery: { readonly status: DeliveryStatus; readonly at: string; readonly error: string | null } | null
}

/** What an admin says of a channel; `address` is where it leads, secret or not. */
export interface NewAlertChannel extends Omit<AlertChannel, 'id' | 'target'> {
  readonly address: string
}

export interface AlertChannelChange {
  readonly name?: string | null
  readonly address?: string
  readonly min_severity?: Severity
  readonly rules?: readonly string[]
  readonly quiet_hours?: QuietHours | null
  readonly enabled?: boolean
}

/** Alerts of a team, for people. What belongs to another team is null, like what never was. */
export interface AlertDoor {
  /** Newest first, only those below the position `cursor`. */
  list(teamId: string, filter: AlertFilter, cursor: number | null, limit: number): Promise<{ position: number; alert: Alert }[]>
  get(teamId: string, alertId: string): Promise<Alert | null>
  /** Newest first. */
  deliveries(teamId: string, alertId: string): Promise<AlertDelivery[]>
  acknowledge(teamId: string, alertId: string, by: string, note: string | null): Promise<Alert | null>
  resolve(teamId: string, alertId: string): Promise<Alert | null>
  settings(teamId: string): Promise<ReadonlyMap<string, AlertSetting>>
  /** The setting and the change, both or neither. `moved_on` = it is not `before` any more. */
  writeSetting(rule: string, before: AlertSetting, after: AlertSetting, change: Change): Promise<'written' | 'moved_on'>
  tallies(teamId: string, now: number): Promise<ReadonlyMap<string, AlertTally>>
}

/** Channels of a team, for admins. No address that is secret ever comes out of it. */
export interface AlertChannelDoor {
  list(teamId: string): Promise<AlertChannelListed[]>
  get(teamId: string, id: string): Promise<AlertChannelListed | null>
  /** The channel and the change, both or neither; `known` = exactly this one was there, `other` = another one has this id, `full` = the team has as many as it may. */
  create(teamId: string, id: string, given: NewAlertChannel, change: Change): Promise<'written' | 'known' | 'other' | 'full'>
  /** `moved_on` = it is not as `before` any more. */
  change(teamId: string, before: AlertChannelListed, given: AlertChannelChange, change: Change): Promise<'written' | 'moved_on'>
  remove(teamId: string, before: AlertChannelListed, change: Change): Promise<'written' | 'moved_on'>
  /** Sends a test by it, at once; null where there is no such channel. */
  test(teamId: string, id: string): Promise<AlertDelivery | null>
  /** Why nothing can be sent by this kind now, in one sentence; null = it can. */
  problem(kind: AlertChannelKind): string | null
}

/** A channel with its address opened, for one attempt. INVARIANT: `address` may be a secret: it goes to its vendor and nowhere else. */
export interface AlertTarget {
  readonly kind: AlertChannelKind
  readonly address: string
}

/** Everything that one attempt of a channel needs. `type` is the event's. */
export interface ChannelParcel {
  readonly team_id: string
  readonly delivery_id: string
  readonly delivery: Delivery
  readonly type: string
  readonly channel_id: string
  readonly target: AlertTarget
  readonly parcel: AlertParcel
  /** Of a digest: it tells of everything that was held until then. */
  readonly heldUntil: number | null
}

/** Sends by the vendor of the target's kind, and says how it ended. Never throws, and quotes neither an address that is secret nor a credential. */
export type SendAlert = (parcel: ChannelParcel) => Promise<DeliveryAnswer['result']>

/** The delays before each attempt of a channel: an alert of yesterday is none. */
export const ALERT_DELAYS_MS: readonly number[] = [0, 5, 20, 60, 180, 600, 1_800, 3_600].map((seconds) => seconds * 1000)
