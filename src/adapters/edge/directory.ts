// Keys and teams in D1. Look-ups of keys are remembered for half a minute, so that a revocation is everywhere within one.
import { and, asc, eq, gt } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import type { Clock, Directory, KeyRecord, NewKey, Team } from '../../engine/index.ts'
import { apiKeys, teams } from './schema.ts'

const REMEMBER_MS = 30_000
const REMEMBER_MAX = 2_000

// One statement each, so that two at once cannot both pass: D1 runs a batch as one transaction.
const REVOKE = `UPDATE api_keys SET revoked_at = ?3 WHERE team_id = ?1 AND id = ?2 AND revoked_at IS NULL AND (
  NOT EXISTS (SELECT 1 FROM json_each(scopes) WHERE value = 'admin')
  OR EXISTS (SELECT 1 FROM api_keys other, json_each(other.scopes) scope WHERE other.team_id = ?1 AND other.id <> ?2 AND scope.value = 'admin'
    AND other.revoked_at IS NULL AND (other.expires_at IS NULL OR other.expires_at > ?3)))`
const CREATE_TEAM = `INSERT INTO teams (team_id, name, parent, created_by, created_at)
  SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM teams WHERE team_id = ?1 OR ?6)`
const CREATE_FIRST_KEY = `INSERT INTO api_keys (id, team_id, hash, scopes, label, user_email, attributes, created_at, expires_at)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE EXISTS (SELECT 1 FROM teams WHERE team_id = ?2 AND created_by = ?1)`

/** Keys and teams, and where the reconciler stands with each. */
export interface EdgeDirectory extends Directory {
  /** Longest unvisited first. */
  toReconcile(limit: number): Promise<{ team_id: string; from: number }[]>
  reconciled(teamId: string, next: number, now: number): Promise<void>
}

/** The directory over a D1 database. */
export function d1Directory(db: D1Database, clock: Clock): EdgeDirectory {
  const orm = drizzle(db)
  const remembered = new Map<string, { record: KeyRecord | null; until: number }>()
  return {
    async find(hash) {
      const known = remembered.get(hash)
      if (known !== undefined && known.until > clock.now()) return known.record
      const row = await orm.select().from(apiKeys).where(eq(apiKeys.hash, hash)).get()
      const record = row === undefined ? null : keyOf(row)
      // Guessed keys must not push real ones out one by one: when full, it starts over.
      if (remembered.size >= REMEMBER_MAX) remembered.clear()
      remembered.set(hash, { record, until: clock.now() + REMEMBER_MS })
      return record
    },
    async create(key, now) {
      // Made twice at once under one Idempotency-Key it is still one key.
      await orm.insert(apiKeys).values(rowOf(key, now)).onConflictDoNothing()
      remembered.delete(key.hash)
    },
    async list(teamId, after, limit) {
      const later = after === null ? undefined : gt(apiKeys.id, after)
      const rows = await orm
        .select()
        .from(apiKeys)
        .where(and(eq(apiKeys.teamId, teamId), later))
        .orderBy(asc(apiKeys.id))
        .limit(limit)
      return rows.map(keyOf)
    },
    async revoke(teamId, id, now) {
      const done = await db.prepare(REVOKE).bind(teamId, id, new Date(now).toISOString()).run()
      remembered.clear()
      if (done.meta.changes > 0) return 'revoked'
      const row = await orm
        .select()
        .from(apiKeys)
        .where(and(eq(apiKeys.teamId, teamId), eq(apiKeys.id, id)))
        .get()
      if (row === undefined) return 'unknown'
      return row.revokedAt === null ? 'last_admin' : 'revoked'
    },
    async team(teamId) {
      const row = await orm.select().from(teams).where(eq(teams.teamId, teamId)).get()
      return row === undefined ? null : teamOf(row)
    },
    async teams(limit) {
      return (await orm.select().from(teams).orderBy(asc(teams.teamId)).limit(limit)).map(teamOf)
    },
    async toReconcile(limit) {
      return orm.select({ team_id: teams.teamId, from: teams.reconcileFrom }).from(teams).orderBy(asc(teams.reconciledAt)).limit(limit)
    },
    async reconciled(teamId, next, now) {
      await orm.update(teams).set({ reconcileFrom: next, reconciledAt: now }).where(eq(teams.teamId, teamId))
    },
    async createTeam({ team_id, name, parent }, key, now, first) {
      const at = new Date(now).toISOString()
      const { scopes, attributes } = key
      const [made] = await db.batch([
        db.prepare(CREATE_TEAM).bind(team_id, name, parent, key.id, at, first ? 1 : 0),
        db
          .prepare(CREATE_FIRST_KEY)
          .bind(
            key.id,
            team_id,
            key.hash,
            JSON.stringify(scopes),
            key.label,
            key.user_email,
            JSON.stringify(attributes),
            at,
            key.expires_at
          )
      ])
      remembered.delete(key.hash)
      return made!.meta.changes > 0
    }
  }
}

function keyOf(row: typeof apiKeys.$inferSelect): KeyRecord {
  const { id, teamId, scopes, label, userEmail, attributes, createdAt, expiresAt, revokedAt } = row
  return {
    id,
    team_id: teamId,
    scopes,
    label,
    user_email: userEmail,
    attributes,
    created_at: createdAt,
    expires_at: expiresAt,
    revoked_at: revokedAt
  }
}

function rowOf(key: NewKey, now: number): typeof apiKeys.$inferInsert {
  return {
    id: key.id,
    teamId: key.team_id,
    hash: key.hash,
    scopes: [...key.scopes],
    label: key.label,
    userEmail: key.user_email,
    attributes: key.attributes,
    createdAt: new Date(now).toISOString(),
    expiresAt: key.expires_at
  }
}

function teamOf(row: typeof teams.$inferSelect): Team {
  return { team_id: row.teamId, name: row.name, parent: row.parent, created_at: row.createdAt }
}
