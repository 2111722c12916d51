// Deliveries to channels of alerts: what one attempt needs, with the channel's address opened, and what its end means for what it carried.
import {
  type AlertParcel,
  type AlertStatus,
  type AlertTold,
  type ChannelParcel,
  type Delivery,
  type DeliveryStatus,
  type Hash,
  type Keys
} from '../../engine/index.ts'
import type { ChannelRow } from './alert_rows.ts'
import { deliveryOf, type DeliveryColumns } from './webhook_rows.ts'

const CHANNEL = 'SELECT * FROM alert_channels WHERE team_id = ?1 AND id = ?2'
const STATUS = 'SELECT status FROM alerts WHERE team_id = ?1 AND alert_id = ?2'
const HELD = `SELECT e.body FROM webhook_deliveries d JOIN webhook_events e ON e.team_id = d.team_id AND e.id = d.event_id
  WHERE d.team_id = ?1 AND d.channel_id = ?2 AND d.status = 'HELD' AND d.due_at <= ?3 ORDER BY d.position`
const CLOSE_HELD = `UPDATE webhook_deliveries SET status = ?4, due_at = NULL WHERE team_id = ?1 AND channel_id = ?2 AND status = 'HELD' AND due_at <= ?3`

/** A parcel for one attempt, or how the delivery ends without one, and why where that is not plain. */
export type ChannelClaim = { readonly parcel: ChannelParcel } | { readonly end: DeliveryStatus; readonly why?: string }

export interface AlertClaims {
  claim(row: DeliveryColumns & { readonly channel_id: string }): Promise<ChannelClaim>
  /** What is stored together with the end of an attempt. */
  beside(parcel: ChannelParcel, after: Delivery): D1PreparedStatement[]
}

/** What a channel's address is sealed for: it opens nowhere else. */
export function channelContext(teamId: string, channelId: string): string {
  return `enact/alert-channel/${teamId}/${channelId}`
}

/** Claims over D1. */
export function alertClaims({ db, keys, hash }: { db: D1Database; keys: Keys; hash: Hash }): AlertClaims {
  const addressOf = async ({ team_id, id, target, sealed }: ChannelRow): Promise<string> =>
    sealed === null ? target : hash.text(await (await keys.team(team_id)).open(sealed, channelContext(team_id, id)))
  const isOver = async (teamId: string, alertId: string): Promise<boolean> => {
    const row = await db.prepare(STATUS).bind(teamId, alertId).first<{ status: AlertStatus }>()
    return row === null || row.status === 'RESOLVED'
  }
  const carried = async (row: DeliveryColumns, channel: ChannelRow): Promise<{ parcel: AlertParcel; heldUntil: number | null } | null> => {
    const { team_id } = row
    const type: string = row.type
    if (type === 'alert.test') return { parcel: { kind: 'test', team_id }, heldUntil: null }
    if (type !== 'alert.digest') return { parcel: { kind: 'alert', team_id, told: dataOf(row.body) as AlertTold }, heldUntil: null }
    const { held_until } = dataOf(row.body) as { held_until: number }
    const { results } = await db.prepare(HELD).bind(team_id, channel.id, held_until).all<{ body: string }>()
    const told = results.map(({ body }) => dataOf(body) as AlertTold)
    const [first] = told
    if (first === undefined) return null
    return {
      parcel: told.length === 1 ? { kind: 'alert', team_id, told: first } : { kind: 'digest', team_id, told },
      heldUntil: held_until
    }
  }
  return {
    async claim(row) {
      const { team_id, id } = row
      const type: string = row.type
      const channel = await db.prepare(CHANNEL).bind(team_id, row.channel_id).first<ChannelRow>()
      const isTest = type === 'alert.test'
      if (channel === null || (channel.enabled === 0 && !isTest)) return { end: 'ENDPOINT_GONE' }
      // An incident that is over must not be opened by what was held back, or failed, before its end.
      if (channel.kind === 'pagerduty' && type === 'alert.fired' && (await isOver(team_id, row.alert_id!))) return { end: 'WITHDRAWN' }
      const what = await carried(row, channel)
      if (what === null) return { end: 'WITHDRAWN' }
      const address = await addressOf(channel).catch(() => null)
      if (address === null) return { end: 'DEAD', why: 'its address cannot be opened any more (was ENACT_SECRET changed?): set it again' }
      const target = { kind: channel.kind, address }
      return { parcel: { team_id, delivery_id: id, delivery: deliveryOf(row), type, target, channel_id: channel.id, ...what } }
    },
    beside({ team_id, channel_id, heldUntil }, { status }) {
      if (heldUntil === null || status === 'PENDING') return []
      return [db.prepare(CLOSE_HELD).bind(team_id, channel_id, heldUntil, status)]
    }
  }
}

function dataOf(body: string): unknown {
  return (JSON.parse(body) as { data: unknown }).data
}
