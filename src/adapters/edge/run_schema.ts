// The table of runs that are not over, for the sweep alone: their objects know the rest.
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** One row a run, from its claim to its end. `due_at`: when it should be over, or have been looked after by its own alarm. */
export const unfinishedRuns = sqliteTable(
  'unfinished_runs',
  {
    teamId: text('team_id').notNull(),
    runId: text('run_id').notNull(),
    dueAt: integer('due_at').notNull(),
    /** The run that this one takes back: it is not erased meanwhile. */
    rollbackOf: text('rollback_of')
  },
  (t) => [
    primaryKey({ columns: [t.teamId, t.runId] }),
    index('unfinished_runs_due').on(t.dueAt),
    index('unfinished_runs_rollback').on(t.teamId, t.rollbackOf)
  ]
)
