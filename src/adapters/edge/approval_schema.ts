// The tables of approvals in D1: the list of a team, Slack's requests that were here, and mail that development does not send.
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { ApprovalRow } from '../../engine/index.ts'

/** What may be listed of an approval; its object has the rest. Times are RFC 3339 in UTC, which sort as text. */
export const approvals = sqliteTable(
  'approvals',
  {
    teamId: text('team_id').notNull(),
    hitlId: text('hitl_id').notNull(),
    workflow: text('workflow').notNull(),
    runId: text('run_id'),
    status: text('status').$type<ApprovalRow['status']>().notNull(),
    userEmail: text('user_email').notNull(),
    createdAt: text('created_at').notNull(),
    expiresAt: text('expires_at').notNull(),
    decidedAt: text('decided_at'),
    decidedBy: text('decided_by')
  },
  (t) => [
    primaryKey({ columns: [t.teamId, t.hitlId] }),
    index('approvals_created').on(t.teamId, t.createdAt, t.hitlId),
    index('approvals_overdue').on(t.status, t.expiresAt)
  ]
)

/** Signatures of Slack's requests of the last minutes: none counts twice. */
export const slackRequests = sqliteTable(
  'slack_requests',
  { signature: text('signature').primaryKey(), at: integer('at').notNull() },
  (t) => [index('slack_requests_at').on(t.at)]
)

/** Mail of `npm run dev` with ENACT_EMAIL_DRY_RUN=1, links included: never written anywhere else. */
export const devOutbox = sqliteTable('dev_outbox', {
  id: text('id').primaryKey(),
  at: text('at').notNull(),
  mailTo: text('mail_to').notNull(),
  subject: text('subject').notNull(),
  text: text('text').notNull(),
  html: text('html').notNull(),
  approve: text('approve'),
  deny: text('deny')
})
