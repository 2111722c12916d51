// The table of sign-ins.
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Sessions: never the token, only its SHA-256; never the key, only the hash that finds it. */
export const sessions = sqliteTable(
  'sessions',
  {
    tokenHash: text('token_hash').primaryKey(),
    teamId: text('team_id').notNull(),
    keyHash: text('key_hash').notNull(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull()
  },
  (t) => [index('sessions_key').on(t.keyHash, t.createdAt), index('sessions_expires').on(t.expiresAt)]
)
