// The tables of alerts in D1: what there is, what is remembered, where it goes, and what admins have set of rules.
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { AlertChannelKind, AlertStatus, QuietHours, Severity } from '../../engine/index.ts'

/** One row a team: every change of its alerts is made against the version that was read, or not at all. `commit_id` is the last change's. */
export const alertHeads = sqliteTable('alert_heads', {
  teamId: text('team_id').primaryKey(),
  version: integer('version').notNull(),
  commitId: text('commit_id').notNull()
})

/** Times are in milliseconds. Texts are cleaned, and empty once the receipt that they came from was erased. */
export const alerts = sqliteTable(
  'alerts',
  {
    position: integer('position').primaryKey(),
    teamId: text('team_id').notNull(),
    alertId: text('alert_id').notNull(),
    rule: text('rule').notNull(),
    title: text('title').notNull(),
    severity: text('severity').$type<Severity>().notNull(),
    status: text('status').$type<AlertStatus>().notNull(),
    subject: text('subject').notNull(),
    message: text('message').notNull(),
    firstAt: integer('first_at').notNull(),
    lastAt: integer('last_at').notNull(),
    count: integer('count').notNull(),
    runIds: text('run_ids', { mode: 'json' }).$type<string[]>().notNull(),
    acknowledgedBy: text('acknowledged_by'),
    acknowledgedAt: integer('acknowledged_at'),
    note: text('note'),
    resolvedAt: integer('resolved_at'),
    notifiedAt: integer('notified_at')
  },
  (t) => [
    uniqueIndex('alerts_id').on(t.teamId, t.alertId),
    index('alerts_position').on(t.teamId, t.position),
    index('alerts_status').on(t.teamId, t.status, t.position),
    index('alerts_rule').on(t.teamId, t.rule, t.position),
    index('alerts_opened').on(t.teamId, t.firstAt, t.rule),
    index('alerts_idle').on(t.status, t.lastAt)
  ]
)

/** Which receipts an alert says something of: what must go when they are erased. */
export const alertRuns = sqliteTable(
  'alert_runs',
  { teamId: text('team_id').notNull(), runId: text('run_id').notNull(), alertId: text('alert_id').notNull() },
  (t) => [primaryKey({ columns: [t.teamId, t.runId, t.alertId] }), index('alert_runs_alert').on(t.teamId, t.alertId)]
)

/** What is remembered of a rule and a subject. `key` is a digest of both. */
export const alertTracks = sqliteTable(
  'alert_tracks',
  {
    teamId: text('team_id').notNull(),
    key: text('key').notNull(),
    rule: text('rule').notNull(),
    recent: text('recent', { mode: 'json' }).$type<[string, number][]>().notNull(),
    alertId: text('alert_id'),
    lastAt: integer('last_at').notNull()
  },
  (t) => [primaryKey({ columns: [t.teamId, t.key] }), index('alert_tracks_last').on(t.lastAt)]
)

/** `sealed` is an address that is a secret, under the team's key. */
export const alertChannels = sqliteTable(
  'alert_channels',
  {
    teamId: text('team_id').notNull(),
    id: text('id').notNull(),
    kind: text('kind').$type<AlertChannelKind>().notNull(),
    name: text('name'),
    target: text('target').notNull(),
    sealed: text('sealed'),
    minSeverity: text('min_severity').$type<Severity>().notNull(),
    rules: text('rules', { mode: 'json' }).$type<string[]>().notNull(),
    quietHours: text('quiet_hours', { mode: 'json' }).$type<QuietHours>(),
    enabled: integer('enabled', { mode: 'boolean' }).notNull(),
    createdAt: integer('created_at').notNull()
  },
  (t) => [primaryKey({ columns: [t.teamId, t.id] })]
)

export const alertSettings = sqliteTable(
  'alert_settings',
  {
    teamId: text('team_id').notNull(),
    rule: text('rule').notNull(),
    mutedUntil: integer('muted_until'),
    severity: text('severity').$type<Severity>()
  },
  (t) => [primaryKey({ columns: [t.teamId, t.rule] })]
)
