// The tables in D1. Receipts here are a projection of the ledger, for searching; everything else lives here alone.
import { sql } from 'drizzle-orm'
import type { JsonObject, Scope } from '../../engine/index.ts'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

/** Tenants. `parent` is the team whose admin made it and may give it keys. */
export const teams = sqliteTable('teams', {
  teamId: text('team_id').primaryKey(),
  name: text('name'),
  parent: text('parent'),
  createdBy: text('created_by').notNull(),
  createdAt: text('created_at').notNull(),
  /** Where the reconciler goes on: the first ledger place that it has not compared in this round. */
  reconcileFrom: integer('reconcile_from').notNull().default(0),
  /** When it last did, in milliseconds. */
  reconciledAt: integer('reconciled_at').notNull().default(0)
})

/** API keys: never the key, only its SHA-256. */
export const apiKeys = sqliteTable(
  'api_keys',
  {
    id: text('id').primaryKey(),
    teamId: text('team_id').notNull(),
    hash: text('hash').notNull(),
    scopes: text('scopes', { mode: 'json' }).$type<Scope[]>().notNull(),
    label: text('label'),
    userEmail: text('user_email'),
    attributes: text('attributes', { mode: 'json' }).$type<JsonObject>().notNull(),
    createdAt: text('created_at').notNull(),
    expiresAt: text('expires_at'),
    revokedAt: text('revoked_at')
  },
  (t) => [uniqueIndex('api_keys_hash').on(t.hash), index('api_keys_team').on(t.teamId, t.id)]
)

/** One row a run: its newest revision. `position` is the place of its first revision, so that a later finding does not move it in a list. */
export const receipts = sqliteTable(
  'receipts',
  {
    teamId: text('team_id').notNull(),
    runId: text('run_id').notNull(),
    position: integer('position').notNull(),
    revision: integer('revision').notNull(),
    workflow: text('workflow').notNull(),
    decision: text('decision').notNull(),
    outcome: text('outcome').notNull(),
    userEmail: text('user_email').notNull(),
    /** `user_email` in lower case. */
    agent: text('agent').notNull().default(''),
    /** Empty where no key asked. */
    apiKeyId: text('api_key_id').notNull().default(''),
    runMode: text('run_mode').notNull().default(''),
    /** The newest revision's place in the ledger. */
    seq: integer('seq').notNull().default(-1),
    /** The newest revision's time, in milliseconds. */
    at: integer('at').notNull(),
    /** What `q` searches, in lower case. */
    words: text('words').notNull(),
    /** The text that was signed; null where it is too long for a row: then the ledger has it. */
    body: text('body'),
    signatures: text('signatures').notNull(),
    place: text('place').notNull()
  },
  (t) => [
    primaryKey({ columns: [t.teamId, t.runId] }),
    index('receipts_position').on(t.teamId, t.position),
    index('receipts_workflow').on(t.teamId, t.workflow, t.position),
    index('receipts_decision').on(t.teamId, t.decision, t.position),
    index('receipts_outcome').on(t.teamId, t.outcome, t.position),
    index('receipts_agent').on(t.teamId, t.agent, t.position),
    index('receipts_key').on(t.teamId, t.apiKeyId, t.position),
    index('receipts_mode').on(t.teamId, t.runMode, t.position),
    // The newest that was enforced, however many were tried out after it.
    index('receipts_badge').on(t.teamId, t.workflow, t.runMode, t.position),
    index('receipts_seq').on(t.teamId, t.seq, t.position),
    // Beyond the time: what the histogram and the counts of keys read, so that they read nothing else.
    index('receipts_at').on(t.teamId, t.at, t.decision, t.apiKeyId, t.position)
  ]
)

/** The values of a receipt that are lists: the policies that stopped it, the systems that it touched; the session and the other receipts that it is tied to; what policies find past runs by. */
export const receiptTags = sqliteTable(
  'receipt_tags',
  {
    teamId: text('team_id').notNull(),
    kind: text('kind', { enum: ['policy', 'system', 'session', 'link', 'recipient', 'mail_key'] }).notNull(),
    value: text('value').notNull(),
    position: integer('position').notNull()
  },
  (t) => [primaryKey({ columns: [t.teamId, t.kind, t.value, t.position] }), index('receipt_tags_position').on(t.teamId, t.position)]
)

/** Named values that change hourly. */
export const facts = sqliteTable(
  'facts',
  {
    teamId: text('team_id').notNull(),
    name: text('name').notNull(),
    value: text('value').notNull(),
    updatedAt: text('updated_at').notNull()
  },
  (t) => [primaryKey({ columns: [t.teamId, t.name] })]
)

/** Originals of what receipts show redacted, under the team's key. */
export const sealed = sqliteTable(
  'sealed',
  { teamId: text('team_id').notNull(), runId: text('run_id').notNull(), part: integer('part').notNull(), text: text('text').notNull() },
  (t) => [primaryKey({ columns: [t.teamId, t.runId, t.part] })]
)

/** What the reconciler found: a row here means that D1 (or, `ledger_damaged`, the ledger) was not as it was written. */
export const findings = sqliteTable(
  'findings',
  {
    id: integer('id').primaryKey(),
    at: text('at').notNull(),
    teamId: text('team_id').notNull(),
    position: integer('position').notNull(),
    runId: text('run_id').notNull(),
    kind: text('kind', { enum: ['missing', 'differs', 'surplus', 'ledger_damaged'] }).notNull(),
    repaired: integer('repaired', { mode: 'boolean' })
      .notNull()
      .default(sql`0`)
  },
  (t) => [index('findings_team').on(t.teamId, t.id)]
)
