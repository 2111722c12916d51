// The table of teams' settings; a team without a row has the defaults.
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** `retained_at`: when retention was last applied to the end, in milliseconds. */
export const teamSettings = sqliteTable(
  'team_settings',
  {
    teamId: text('team_id').primaryKey(),
    retentionDays: integer('retention_days'),
    badge: integer('badge', { mode: 'boolean' }).notNull().default(true),
    retainedAt: integer('retained_at').notNull().default(0)
  },
  (t) => [index('team_settings_retained').on(t.retainedAt)]
)
