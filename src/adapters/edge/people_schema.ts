// The tables of what admins change while the installation runs: people, and the outbox of changes whose receipts are still to be written.
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Registered people. `body` is the record; the columns beside it are what is asked for. */
export const people = sqliteTable(
  'people',
  {
    teamId: text('team_id').notNull(),
    personId: text('person_id').notNull(),
    body: text('body').notNull(),
    approver: integer('approver').notNull(),
    escalationOrder: integer('escalation_order').notNull()
  },
  (t) => [
    primaryKey({ columns: [t.teamId, t.personId] }),
    index('people_approvers').on(t.teamId, t.approver, t.escalationOrder, t.personId)
  ]
)

/** Every way to name a person: an address belongs to one. */
export const personAddresses = sqliteTable(
  'person_addresses',
  { teamId: text('team_id').notNull(), address: text('address').notNull(), personId: text('person_id').notNull() },
  (t) => [primaryKey({ columns: [t.teamId, t.address] }), index('person_addresses_person').on(t.teamId, t.personId)]
)

/** Changes of facts and people, written with the change itself; a row goes when its receipt is in the ledger. */
export const changes = sqliteTable(
  'changes',
  { teamId: text('team_id').notNull(), runId: text('run_id').notNull(), body: text('body').notNull(), at: integer('at').notNull() },
  (t) => [primaryKey({ columns: [t.teamId, t.runId] }), index('changes_at').on(t.at)]
)
