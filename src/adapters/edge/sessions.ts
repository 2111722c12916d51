// Sign-ins in D1, asked about at every request: who signs out is out everywhere at once.
import type { SessionRecord, Sessions } from '../../engine/index.ts'

/** So many browsers of one key; a program that signs in again and again fills no table. */
const PER_KEY_MAX = 50

/** Sessions over a D1 database. */
export function d1Sessions(db: D1Database): Sessions {
  return {
    async create({ token_hash, team_id, key_hash, expires_at_ms }, now) {
      await db.batch([
        db
          .prepare('INSERT INTO sessions (token_hash, team_id, key_hash, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)')
          .bind(token_hash, team_id, key_hash, now, expires_at_ms),
        db
          .prepare(
            `DELETE FROM sessions WHERE key_hash = ?1 AND token_hash <> ?2 AND rowid NOT IN
              (SELECT rowid FROM sessions WHERE key_hash = ?1 ORDER BY created_at DESC LIMIT ${PER_KEY_MAX})`
          )
          .bind(key_hash, token_hash)
      ])
    },
    find: (tokenHash, now) =>
      db
        .prepare(
          'SELECT token_hash, team_id, key_hash, expires_at AS expires_at_ms FROM sessions WHERE token_hash = ?1 AND expires_at > ?2'
        )
        .bind(tokenHash, now)
        .first<SessionRecord>(),
    async remove(tokenHash) {
      await db.prepare('DELETE FROM sessions WHERE token_hash = ?1').bind(tokenHash).run()
    },
    async sweep(now) {
      await db.prepare('DELETE FROM sessions WHERE expires_at <= ?1').bind(now).run()
    }
  }
}
