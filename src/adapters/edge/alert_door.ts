// A team's alerts in D1, to be seen, acknowledged and resolved; what admins set of rules; and what time ends.
import {
  acknowledge,
  ALERT_CHANNEL_KINDS,
  IDLE_MS,
  resolveAlert,
  timeText,
  type AlertChannelKind,
  type AlertDelivery,
  type AlertDoor,
  type AlertSetting,
  type Change,
  type DeliveryAttempt
} from '../../engine/index.ts'
import { alertOf, type AlertRow } from './alert_rows.ts'
import { changeAlert, type AlertParts } from './alert_store.ts'
import { changeInto } from './changes.ts'
import { SELECT_DELIVERY, type DeliveryColumns } from './webhook_rows.ts'

const DAY_MS = 86_400_000
/** Alerts that are over, and memories, are forgotten so long after their last sighting. */
const KEEP_MS = 90 * DAY_MS
/** Memories of one team; the oldest go first. */
const TRACKS_MAX = 5_000
const IDLE_MAX = 200
const DELIVERIES_MAX = 100

const LIST = `SELECT * FROM alerts WHERE team_id = ?1 AND position < ?2 AND (?3 IS NULL OR status = ?3) AND (?4 IS NULL OR severity = ?4)
  AND (?5 IS NULL OR rule = ?5) ORDER BY position DESC LIMIT ?6`
const GET = 'SELECT * FROM alerts WHERE team_id = ?1 AND alert_id = ?2'
/** What `AlertDelivery` is made of, for one delivery or those of an alert. */
const TOLD = `${SELECT_DELIVERY.replace('e.body FROM', 'e.body, c.kind, c.target, w.url FROM')}
  LEFT JOIN alert_channels c ON c.team_id = d.team_id AND c.id = d.channel_id
  LEFT JOIN webhook_endpoints w ON w.team_id = d.team_id AND w.id = d.endpoint_id`
const TALLIES = `SELECT rule, sum(first_at >= ?2) AS fired_24h, max(last_at) AS last_at FROM alerts WHERE team_id = ?1 GROUP BY rule`
const AS_BEFORE = `coalesce((SELECT json_array(muted_until, severity) FROM alert_settings WHERE team_id = ?1 AND rule = ?3), '[null,null]') = ?4`
const SET = `INSERT OR REPLACE INTO alert_settings (team_id, rule, muted_until, severity)
  SELECT ?1, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM changes WHERE team_id = ?1 AND run_id = ?2)`
const IDLE = `SELECT team_id, alert_id FROM alerts WHERE status IN ('OPEN', 'ACKNOWLEDGED') AND last_at < ?1 AND severity <> 'critical'
  ORDER BY last_at LIMIT ${IDLE_MAX}`
const FORGET = [
  `DELETE FROM alert_runs WHERE (team_id, alert_id) IN (SELECT team_id, alert_id FROM alerts WHERE status = 'RESOLVED' AND last_at < ?1)`,
  `DELETE FROM alerts WHERE status = 'RESOLVED' AND last_at < ?1`,
  `DELETE FROM alert_tracks WHERE last_at < ?1 AND NOT EXISTS
    (SELECT 1 FROM alerts a WHERE a.team_id = alert_tracks.team_id AND a.alert_id = alert_tracks.alert_id AND a.status <> 'RESOLVED')`
]
const FORGET_MOST = `DELETE FROM alert_tracks WHERE (team_id, key) IN (SELECT team_id, key FROM
  (SELECT team_id, key, row_number() OVER (PARTITION BY team_id ORDER BY last_at DESC) AS place FROM alert_tracks) WHERE place > ${TRACKS_MAX})`

interface ToldRow extends DeliveryColumns {
  readonly kind: AlertChannelKind | null
  readonly target: string | null
  readonly url: string | null
}

/** What time ends of alerts, for the job that looks. */
export interface AlertSweep {
  /** Ends what nobody has seen again for a week and forgets what is over for long; how many ended. `thorough` = also what a team has too much of. */
  sweep(thorough: boolean): Promise<number>
}

/** The door over D1, and the sweep. Every statement of the door begins with the team. */
export function alertDoor(
  parts: AlertParts
): AlertDoor & AlertSweep & { delivery(teamId: string, id: string): Promise<AlertDelivery | null> } {
  const { db, clock } = parts
  const told = async (condition: string, teamId: string, id: string): Promise<AlertDelivery[]> => {
    const statement = db.prepare(`${TOLD} WHERE d.team_id = ?1 AND ${condition} ORDER BY d.position DESC LIMIT ${DELIVERIES_MAX}`)
    const { results } = await statement.bind(teamId, id).all<ToldRow & Record<string, never>>()
    return results.map(shownDelivery)
  }
  return {
    async list(teamId, { status = null, severity = null, rule = null }, cursor, limit) {
      const below = cursor ?? Number.MAX_SAFE_INTEGER
      const { results } = await db.prepare(LIST).bind(teamId, below, status, severity, rule, limit).all<AlertRow & Record<string, never>>()
      return results.map((row) => ({ position: row.position, alert: alertOf(row) }))
    },
    async get(teamId, alertId) {
      const row = await db.prepare(GET).bind(teamId, alertId).first<AlertRow>()
      return row === null ? null : alertOf(row)
    },
    deliveries: (teamId, alertId) => told('d.alert_id = ?2', teamId, alertId),
    delivery: async (teamId, id) => (await told('d.id = ?2 AND d.channel_id IS NOT NULL', teamId, id))[0] ?? null,
    acknowledge: (teamId, alertId, by, note) => changeAlert(parts, teamId, alertId, (alert) => acknowledge(alert, by, note, clock.now())),
    resolve: (teamId, alertId) => changeAlert(parts, teamId, alertId, (alert) => resolveAlert(alert, clock.now())),
    async settings(teamId) {
      const { results } = await db
        .prepare('SELECT * FROM alert_settings WHERE team_id = ?1')
        .bind(teamId)
        .all<AlertSetting & { rule: string }>()
      return new Map(results.map(({ rule, muted_until, severity }) => [rule, { muted_until, severity }]))
    },
    async writeSetting(rule: string, before: AlertSetting, after: AlertSetting, change: Change) {
      const { team_id, run_id } = change
      const was = JSON.stringify([before.muted_until, before.severity])
      const [taken] = await db.batch([
        changeInto(db, change, AS_BEFORE, [rule, was]),
        db.prepare(SET).bind(team_id, run_id, rule, after.muted_until, after.severity)
      ])
      return taken!.meta.changes > 0 ? 'written' : 'moved_on'
    },
    async tallies(teamId, now) {
      const { results } = await db
        .prepare(TALLIES)
        .bind(teamId, now - DAY_MS)
        .all<{ rule: string; fired_24h: number; last_at: number }>()
      return new Map(results.map(({ rule, fired_24h, last_at }) => [rule, { fired_24h, last_at }]))
    },
    async sweep(thorough) {
      const now = clock.now()
      const { results } = await db
        .prepare(IDLE)
        .bind(now - IDLE_MS)
        .all<{ team_id: string; alert_id: string }>()
      for (const { team_id, alert_id } of results)
        await changeAlert(parts, team_id, alert_id, (alert) =>
          // Somebody may have seen it again in between.
          alert.last_at < now - IDLE_MS ? resolveAlert(alert, now) : { tracks: new Map(), alerts: new Map(), notices: [] }
        )
      await db.batch(FORGET.map((statement) => db.prepare(statement).bind(now - KEEP_MS)))
      if (thorough) await db.prepare(FORGET_MOST).run()
      return results.length
    }
  }
}

function shownDelivery(row: ToldRow): AlertDelivery {
  return {
    id: row.id,
    type: row.type,
    channel_id: row.channel_id,
    endpoint_id: row.endpoint_id,
    to: addressee(row),
    status: row.status,
    next_attempt_at: row.due_at === null ? null : timeText(row.due_at),
    created_at: timeText(row.created_at),
    attempts: JSON.parse(row.attempts) as DeliveryAttempt[]
  }
}

/** In a word. Of a webhook the host alone: its path may be a secret. */
function addressee({ kind, target, url }: ToldRow): string {
  if (kind !== null && ALERT_CHANNEL_KINDS.includes(kind)) return `${kind} ${target ?? ''}`.trim()
  return url === null ? 'a channel that is gone' : `webhook ${/^https?:\/\/[^/?#]*/.exec(url)?.[0] ?? ''}`
}
