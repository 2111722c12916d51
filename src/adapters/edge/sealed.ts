// Sealed originals in D1. What it holds is encrypted before it comes here.
import type { Sealed } from '../../engine/index.ts'

/** A row takes 2 MB; originals that are larger go in pieces. */
const CHARS_MAX = 1_000_000

/** Sealed originals over a D1 database; putting the same again changes nothing. */
export function d1Sealed(db: D1Database): Sealed {
  return {
    async put(teamId, runId, text) {
      const statements = [db.prepare('DELETE FROM sealed WHERE team_id = ?1 AND run_id = ?2').bind(teamId, runId)]
      for (let at = 0, part = 0; at === 0 || at < text.length; at += CHARS_MAX, part++) {
        statements.push(
          db
            .prepare('INSERT INTO sealed (team_id, run_id, part, text) VALUES (?1, ?2, ?3, ?4)')
            .bind(teamId, runId, part, text.slice(at, at + CHARS_MAX))
        )
      }
      await db.batch(statements)
    },
    async get(teamId, runId) {
      const { results } = await db
        .prepare('SELECT text FROM sealed WHERE team_id = ?1 AND run_id = ?2 ORDER BY part')
        .bind(teamId, runId)
        .all<{ text: string }>()
      return results.length === 0 ? null : results.map(({ text }) => text).join('')
    }
  }
}
