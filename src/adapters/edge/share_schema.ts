// Links that show one receipt to whoever has them: never the token, only its SHA-256.
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Shares, live ones and those that are over. */
export const shares = sqliteTable(
  'shares',
  {
    /** SHA-256 of the token, in hex. */
    hash: text('hash').primaryKey(),
    shareId: text('share_id').notNull(),
    teamId: text('team_id').notNull(),
    runId: text('run_id').notNull(),
    /** What is shown beyond the usual, as JSON. */
    show: text('show').notNull(),
    sharedBy: text('shared_by').notNull(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    revokedAt: integer('revoked_at')
  },
  (t) => [index('shares_run').on(t.teamId, t.runId, t.createdAt), index('shares_id').on(t.teamId, t.shareId)]
)
