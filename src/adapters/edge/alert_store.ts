// Alerts in D1: what is known is read, the pure machine makes a step, and the step is stored with all its deliveries, or not at all and tried again.
import {
  considerSignal,
  fault,
  messageOf,
  noteSightings,
  type Alert,
  type AlertBook,
  type AlertChannel,
  type AlertSetting,
  type AlertStep,
  type AlertWatch,
  type Clock,
  type Hash,
  type Ids,
  type JsonObject,
  type Seen,
  type WebhookType
} from '../../engine/index.ts'
import { alertOf, channelOf, trackOfRow, type AlertRow, type ChannelRow, type TrackRow } from './alert_rows.ts'
import { deliveriesOf, type AlertEventRow, type AlertTargetRow, type Hearing } from './alert_targets.ts'
import type { WebhookOutbox } from './webhook_outbox.ts'

export interface AlertParts {
  readonly db: D1Database
  readonly outbox: Pick<WebhookOutbox, 'order'>
  readonly clock: Clock
  readonly ids: Ids
  readonly hash: Hash
  log(entry: JsonObject): void
}

/** Two who change one team's alerts at once: the second makes its step again on top of the first one's, so many times. */
const ATTEMPTS_MAX = 20
const FLOOD_MS = 3_600_000
/** A message that has not come so long after it was due will not come. */
const OVERDUE_MS = 120_000

const LOAD = [
  'SELECT version FROM alert_heads WHERE team_id = ?1',
  'SELECT * FROM alert_tracks WHERE team_id = ?1 AND key IN (SELECT value FROM json_each(?2))',
  `SELECT * FROM alerts WHERE team_id = ?1 AND alert_id IN (SELECT value FROM json_each(?3)
    UNION SELECT alert_id FROM alert_tracks WHERE team_id = ?1 AND key IN (SELECT value FROM json_each(?2)))`,
  'SELECT rule, count(*) AS opened FROM alerts WHERE team_id = ?1 AND first_at > ?2 GROUP BY rule',
  'SELECT * FROM alert_settings WHERE team_id = ?1',
  'SELECT * FROM alert_channels WHERE team_id = ?1',
  `SELECT id, types, verified_at FROM webhook_endpoints WHERE team_id = ?1 AND status <> 'DISABLED' AND verified_at IS NOT NULL`
] as const

const HEAD = `INSERT INTO alert_heads (team_id, version, commit_id) VALUES (?1, 1, ?2)
  ON CONFLICT (team_id) DO UPDATE SET version = alert_heads.version + 1, commit_id = excluded.commit_id WHERE alert_heads.version = ?3`
// INVARIANT: everything of a step is stored only where its head was: a batch is one transaction.
const CURRENT = 'EXISTS (SELECT 1 FROM alert_heads WHERE team_id = ?1 AND commit_id = ?2)'
const PUT_TRACKS = `INSERT OR REPLACE INTO alert_tracks (team_id, key, rule, recent, alert_id, last_at)
  SELECT ?1, value ->> 'key', value ->> 'rule', value ->> 'recent', value ->> 'alert_id', value ->> 'last_at' FROM json_each(?3) WHERE ${CURRENT}`
const COLUMNS =
  'alert_id rule title severity status subject message first_at last_at count run_ids acknowledged_by acknowledged_at note resolved_at notified_at'.split(
    ' '
  )
const PUT_ALERTS = `INSERT INTO alerts (team_id, ${COLUMNS.join(', ')})
  SELECT ?1, ${COLUMNS.map((name) => `value ->> '${name}'`).join(', ')} FROM json_each(?3) WHERE ${CURRENT}
  ON CONFLICT (team_id, alert_id) DO UPDATE SET ${COLUMNS.slice(1)
    .map((name) => `${name} = excluded.${name}`)
    .join(', ')}`
const PUT_RUNS = `INSERT OR IGNORE INTO alert_runs (team_id, run_id, alert_id)
  SELECT ?1, run.value, alert.value ->> 'alert_id' FROM json_each(?3) alert, json_each(alert.value ->> 'run_ids') run WHERE ${CURRENT}`
const PUT_EVENTS = `INSERT OR IGNORE INTO webhook_events (team_id, id, type, body, created_at)
  SELECT ?1, value ->> 'id', value ->> 'type', value ->> 'body', ?4 FROM json_each(?3) WHERE ${CURRENT}`
const PUT_DELIVERIES = `INSERT OR IGNORE INTO webhook_deliveries
  (team_id, id, event_id, endpoint_id, channel_id, alert_id, status, attempt, made, due_at, attempts, claimed_until, ordered_until, created_at)
  SELECT ?1, value ->> 'id', value ->> 'event_id', value ->> 'endpoint_id', value ->> 'channel_id', value ->> 'alert_id', value ->> 'status',
    0, 0, value ->> 'due_at', '[]', 0, max(value ->> 'due_at', ?5), ?4 FROM json_each(?3) WHERE ${CURRENT}`

/** What was read: `version` is what a step must still find. */
interface Loaded extends AlertBook {
  readonly version: number
  readonly channels: readonly AlertChannel[]
  readonly endpoints: readonly Hearing[]
}

/** The watch over D1. */
export function alertWatch(parts: AlertParts): AlertWatch {
  const { clock, hash, ids, log } = parts
  return {
    async consider(teamId, rules, signals) {
      const failed = (rule: string, error: unknown) =>
        log({ level: 'error', event: 'alert_rule_failed', team_id: teamId, rule, error: messageOf(error) })
      const seen = signals.flatMap((signal) => considerSignal(rules, signal, hash, failed))
      if (seen.length === 0) return
      const keys = [...new Set(seen.flatMap(({ track, overflow }: Seen) => [track, overflow]))]
      await stepOf(parts, teamId, keys, [], (book) => noteSightings(book, seen, clock.now(), () => ids.runId()))
    }
  }
}

/** One alert, changed by a person or by time; null where there is none. */
export async function changeAlert(
  parts: AlertParts,
  teamId: string,
  alertId: string,
  change: (alert: Alert) => AlertStep
): Promise<Alert | null> {
  let after: Alert | null = null
  await stepOf(parts, teamId, [], [alertId], ({ alerts }) => {
    const before = alerts.get(alertId) ?? null
    const step = before === null ? { tracks: new Map(), alerts: new Map(), notices: [] } : change(before)
    after = step.alerts.get(alertId) ?? before
    return step
  })
  return after
}

async function stepOf(
  parts: AlertParts,
  teamId: string,
  keys: readonly string[],
  alertIds: readonly string[],
  make: (loaded: Loaded) => AlertStep
): Promise<void> {
  for (let i = 0; i < ATTEMPTS_MAX; i++) {
    const loaded = await load(parts, teamId, keys, alertIds)
    const step = make(loaded)
    if (step.tracks.size === 0 && step.alerts.size === 0) return
    if (await store(parts, teamId, loaded, step)) return
  }
  throw fault('unavailable', 'too many change the alerts of this team at once', { retryAfterSeconds: 1 })
}

async function load({ db, clock }: AlertParts, teamId: string, keys: readonly string[], alertIds: readonly string[]): Promise<Loaded> {
  const [of, among] = [JSON.stringify(keys), JSON.stringify(alertIds)]
  const values = [[], [of], [of, among], [clock.now() - FLOOD_MS], [], [], []]
  const found = await db.batch(LOAD.map((statement, i) => db.prepare(statement).bind(teamId, ...values[i]!)))
  const rows = <T>(i: number) => found[i]!.results as T[]
  return {
    version: rows<{ version: number }>(0)[0]?.version ?? 0,
    tracks: new Map(rows<TrackRow>(1).map((row) => [row.key, trackOfRow(row)])),
    alerts: new Map(rows<AlertRow>(2).map((row) => [row.alert_id, alertOf(row)])),
    opened: new Map(rows<{ rule: string; opened: number }>(3).map(({ rule, opened }) => [rule, opened])),
    settings: new Map(rows<AlertSetting & { rule: string }>(4).map(({ rule, muted_until, severity }) => [rule, { muted_until, severity }])),
    channels: rows<ChannelRow>(5).map(channelOf),
    endpoints: rows<{ id: string; types: string; verified_at: number }>(6).map(({ id, types, verified_at }) => ({
      id,
      types: JSON.parse(types) as WebhookType[],
      verifiedAtMs: verified_at
    }))
  }
}

/** False = somebody else was first. The queue hears of what is stored, and the sweep finds what it loses. */
async function store(parts: AlertParts, teamId: string, loaded: Loaded, step: AlertStep): Promise<boolean> {
  const { db, clock, ids, hash, outbox } = parts
  const now = clock.now()
  const commit = ids.runId()
  const events: AlertEventRow[] = []
  const targets: AlertTargetRow[] = []
  for (const notice of step.notices) {
    const made = deliveriesOf(teamId, notice, loaded, now, hash)
    events.push(...made.events)
    targets.push(...made.targets)
  }
  const tracks = [...step.tracks].map(([key, { recent, ...track }]) => ({ key, ...track, recent: JSON.stringify(recent) }))
  const alerts = [...step.alerts.values()].map((alert) => ({ ...alert, run_ids: JSON.stringify(alert.run_ids) }))
  const put = (statement: string, rows: readonly unknown[], ...more: number[]) =>
    rows.length === 0 ? [] : [db.prepare(statement).bind(teamId, commit, JSON.stringify(rows), ...more)]
  const [head] = await db.batch([
    db.prepare(HEAD).bind(teamId, commit, loaded.version),
    ...put(PUT_TRACKS, tracks),
    ...put(PUT_ALERTS, alerts),
    ...put(PUT_RUNS, alerts),
    ...put(PUT_EVENTS, events, now),
    ...put(PUT_DELIVERIES, targets, now, now + OVERDUE_MS)
  ])
  if (head!.meta.changes === 0) return false
  const due = targets.filter(({ status, due_at }) => status === 'PENDING' && due_at <= now)
  if (due.length > 0)
    await outbox.order(
      due.map(({ id }) => ({ team_id: teamId, delivery_id: id, number: 1 })),
      0
    )
  return true
}
