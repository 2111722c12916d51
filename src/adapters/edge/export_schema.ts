// The list of exports that a team has made: each lives in its own object, which has the rest.
import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Times in milliseconds; `status` and the numbers are as its object last told them. */
export const exportList = sqliteTable(
  'exports',
  {
    teamId: text('team_id').notNull(),
    exportId: text('export_id').notNull(),
    fromAt: integer('from_at').notNull(),
    toAt: integer('to_at').notNull(),
    status: text('status', { enum: ['RUNNING', 'DONE', 'FAILED'] }).notNull(),
    done: integer('done').notNull().default(0),
    total: integer('total').notNull().default(0),
    sizeBytes: integer('size_bytes'),
    detail: text('detail'),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull()
  },
  (t) => [primaryKey({ columns: [t.teamId, t.exportId] })]
)
