// Rows of alerts, tracks and channels as D1 gives them.
import {
  timeText,
  type Alert,
  type AlertChannel,
  type AlertChannelListed,
  type AlertTrack,
  type DeliveryAttempt,
  type DeliveryStatus,
  type QuietHours
} from '../../engine/index.ts'

/** A row of `alerts`. */
export interface AlertRow extends Omit<Alert, 'run_ids'> {
  readonly position: number
  readonly team_id: string
  readonly run_ids: string
}

/** A row of `alert_tracks`. */
export interface TrackRow {
  readonly key: string
  readonly rule: string
  readonly recent: string
  readonly alert_id: string | null
  readonly last_at: number
}

/** A row of `alert_channels`. */
export interface ChannelRow extends Omit<AlertChannel, 'rules' | 'quiet_hours' | 'enabled'> {
  readonly team_id: string
  readonly sealed: string | null
  readonly rules: string
  readonly quiet_hours: string | null
  readonly enabled: number
  readonly created_at: number
}

/** The newest delivery of a channel, as its list has it. */
export interface LastDeliveryRow {
  readonly channel_id: string
  readonly status: DeliveryStatus
  readonly attempts: string
  readonly created_at: number
}

export function alertOf({ position: _position, team_id: _team, run_ids, ...alert }: AlertRow): Alert {
  return { ...alert, run_ids: JSON.parse(run_ids) as string[] }
}

export function trackOfRow({ rule, recent, alert_id, last_at }: TrackRow): AlertTrack {
  return { rule, recent: JSON.parse(recent) as [string, number][], alert_id, last_at }
}

export function channelOf({ id, kind, name, target, min_severity, rules, quiet_hours, enabled }: ChannelRow): AlertChannel {
  return {
    id,
    kind,
    name,
    target,
    min_severity,
    rules: JSON.parse(rules) as string[],
    quiet_hours: quiet_hours === null ? null : (JSON.parse(quiet_hours) as QuietHours),
    enabled: enabled === 1
  }
}

/** What is listed of a channel: never what is sealed. */
export function listedChannel(row: ChannelRow, last: LastDeliveryRow | undefined): AlertChannelListed {
  return { ...channelOf(row), created_at: timeText(row.created_at), last_delivery: last === undefined ? null : lastOf(last) }
}

function lastOf({ status, attempts, created_at }: LastDeliveryRow): AlertChannelListed['last_delivery'] {
  const newest = (JSON.parse(attempts) as DeliveryAttempt[]).at(-1)
  return { status, at: newest?.at ?? timeText(created_at), error: newest?.error ?? null }
}
