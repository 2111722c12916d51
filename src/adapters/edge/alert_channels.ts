// Channels of alerts in D1. A secret address is sealed under the team's key and never comes out but to be sent with.
import {
  ALERT_CHANNELS,
  deliveryId,
  derivedEventId,
  timeText,
  type AlertChannelDoor,
  type AlertChannelKind,
  type AlertDelivery,
  type AlertChannelListed,
  type NewAlertChannel,
  type Clock,
  type DeliveryOrder,
  type Hash,
  type Ids,
  type Keys
} from '../../engine/index.ts'
import { channelContext } from './alert_claims.ts'
import { listedChannel, type ChannelRow, type LastDeliveryRow } from './alert_rows.ts'
import { changeInto } from './changes.ts'

export interface ChannelParts {
  readonly db: D1Database
  readonly keys: Keys
  readonly hash: Hash
  readonly ids: Ids
  readonly clock: Clock
  problem(kind: AlertChannelKind): string | null
  /** Makes one attempt now. */
  attempt(order: DeliveryOrder): Promise<unknown>
  delivery(teamId: string, id: string): Promise<AlertDelivery | null>
}

/** One team's channels; more would make every alert of it dear. */
const CHANNELS_MAX = 20
/** A test whose attempt dies is found by the sweep. */
const OVERDUE_MS = 120_000

const LIST = 'SELECT * FROM alert_channels WHERE team_id = ?1 AND (?2 IS NULL OR id = ?2) ORDER BY created_at, id'
const LAST = `SELECT channel_id, status, attempts, created_at FROM webhook_deliveries WHERE position IN
  (SELECT max(position) FROM webhook_deliveries WHERE team_id = ?1 AND channel_id IS NOT NULL AND status <> 'HELD' AND attempts <> '[]' GROUP BY channel_id)`
const CHANGED = 'EXISTS (SELECT 1 FROM changes WHERE team_id = ?1 AND run_id = ?2)'
const IS_ROOM = `(SELECT count(*) FROM alert_channels WHERE team_id = ?1) < ${CHANNELS_MAX}
  AND NOT EXISTS (SELECT 1 FROM alert_channels WHERE team_id = ?1 AND id = ?3)`
const CREATE = `INSERT INTO alert_channels (team_id, id, kind, name, target, sealed, min_severity, rules, quiet_hours, enabled, created_at)
  SELECT ?1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12 WHERE ${CHANGED}`
const AS_BEFORE = `EXISTS (SELECT 1 FROM alert_channels WHERE team_id = ?1 AND id = ?3
  AND json_array(name, target, min_severity, rules, quiet_hours, enabled) = ?4)`
const CHANGE = `UPDATE alert_channels SET name = ?4, target = ?5, sealed = coalesce(?6, sealed), min_severity = ?7, rules = ?8, quiet_hours = ?9, enabled = ?10
  WHERE team_id = ?1 AND id = ?3 AND ${CHANGED}`
const REMOVE = `DELETE FROM alert_channels WHERE team_id = ?1 AND id = ?3 AND ${CHANGED}`
const PUT_EVENT = 'INSERT INTO webhook_events (team_id, id, type, body, created_at) VALUES (?1, ?2, ?3, ?4, ?5)'
const PUT_DELIVERY = `INSERT INTO webhook_deliveries
  (team_id, id, event_id, channel_id, status, attempt, made, due_at, attempts, claimed_until, ordered_until, created_at)
  VALUES (?1, ?2, ?3, ?4, 'PENDING', 0, 0, ?5, '[]', 0, ?6, ?5)`

/** The door over D1. */
export function alertChannels(parts: ChannelParts): AlertChannelDoor {
  const { db, clock, hash, ids } = parts
  const list = async (teamId: string, id: string | null): Promise<AlertChannelListed[]> => {
    const [rows, lasts] = await db.batch([db.prepare(LIST).bind(teamId, id), db.prepare(LAST).bind(teamId)])
    const last = new Map((lasts!.results as LastDeliveryRow[]).map((row) => [row.channel_id, row]))
    return (rows!.results as ChannelRow[]).map((row) => listedChannel(row, last.get(row.id)))
  }
  return {
    list: (teamId) => list(teamId, null),
    get: async (teamId, id) => (await list(teamId, id))[0] ?? null,
    async create(teamId, id, given, change) {
      const { kind, name, min_severity, rules, quiet_hours, enabled } = given
      const { target, sealed } = await addressOf(parts, teamId, id, kind, given.address)
      const columns = [kind, name, target, sealed, min_severity, JSON.stringify(rules), textOf(quiet_hours), enabled ? 1 : 0, clock.now()]
      const [taken] = await db.batch([
        changeInto(db, change, IS_ROOM, [id]),
        db.prepare(CREATE).bind(teamId, change.run_id, id, ...columns)
      ])
      if (taken!.meta.changes > 0) return 'written'
      const standing = await db.prepare(LIST).bind(teamId, id).first<ChannelRow>()
      if (standing === null) return 'full'
      return (await isSame(parts, teamId, standing, given)) ? 'known' : 'other'
    },
    async change(teamId, before, { address, ...given }, change) {
      const after = { ...before, ...given }
      const moved =
        address === undefined ? { target: before.target, sealed: null } : await addressOf(parts, teamId, before.id, before.kind, address)
      const { name, min_severity, rules, quiet_hours, enabled } = after
      const columns = [name, moved.target, moved.sealed, min_severity, JSON.stringify(rules), textOf(quiet_hours), enabled ? 1 : 0]
      const [taken] = await db.batch([
        changeInto(db, change, AS_BEFORE, [before.id, printOf(before)]),
        db.prepare(CHANGE).bind(teamId, change.run_id, before.id, ...columns)
      ])
      return taken!.meta.changes > 0 ? 'written' : 'moved_on'
    },
    async remove(teamId, before, change) {
      const [taken] = await db.batch([
        changeInto(db, change, AS_BEFORE, [before.id, printOf(before)]),
        db.prepare(REMOVE).bind(teamId, change.run_id, before.id)
      ])
      return taken!.meta.changes > 0 ? 'written' : 'moved_on'
    },
    async test(teamId, id) {
      if ((await list(teamId, id)).length === 0) return null
      const now = clock.now()
      const event = derivedEventId([teamId, 'alert.test', id, ids.runId()], hash)
      const delivery_id = deliveryId(event, id, hash)
      const body = JSON.stringify({ type: 'alert.test', timestamp: timeText(now), data: {} })
      await db.batch([
        db.prepare(PUT_EVENT).bind(teamId, event, 'alert.test', body, now),
        db.prepare(PUT_DELIVERY).bind(teamId, delivery_id, event, id, now, now + OVERDUE_MS)
      ])
      await parts.attempt({ team_id: teamId, delivery_id, number: 1 })
      return parts.delivery(teamId, delivery_id)
    },
    problem: parts.problem
  }
}

/** An address that is a secret is sealed for this channel alone. */
async function addressOf(
  { keys, hash }: ChannelParts,
  teamId: string,
  id: string,
  kind: AlertChannelKind,
  address: string
): Promise<{ target: string; sealed: string | null }> {
  if (ALERT_CHANNELS[kind].address !== 'routing_key') return { target: address, sealed: null }
  return { target: '', sealed: await (await keys.team(teamId)).seal(hash.utf8(address), channelContext(teamId, id)) }
}

/** Whether the channel is as it was asked for, its secret too. */
async function isSame({ keys, hash }: ChannelParts, teamId: string, row: ChannelRow, given: NewAlertChannel): Promise<boolean> {
  const shown = listedChannel(row, undefined)
  const target = row.sealed === null ? given.address : ''
  if (shown.kind !== given.kind || printOf(shown) !== printOf({ ...shown, ...given, target })) return false
  if (row.sealed === null) return true
  const secret = await (await keys.team(teamId)).open(row.sealed, channelContext(teamId, row.id))
  return hash.text(secret) === given.address
}

function textOf(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value)
}

/** The row as SQLite writes it, to be compared with what is there. */
function printOf({ name, target, min_severity, rules, quiet_hours, enabled }: AlertChannelListed): string {
  return JSON.stringify([name, target, min_severity, JSON.stringify(rules), textOf(quiet_hours), enabled ? 1 : 0])
}
