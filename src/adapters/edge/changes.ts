// The outbox of changes in D1: a change is taken down in the transaction that makes it, and stays until its receipt is in the ledger.
import type { Change, ChangeOutbox } from '../../engine/index.ts'

/** Takes the change down where `condition` holds; `values` are its parameters from `?3` on, `?1` being the team. To be batched before what it changes. */
export function changeInto(
  db: D1Database,
  change: Change,
  condition: string,
  values: readonly (string | number | null)[]
): D1PreparedStatement {
  const { team_id, run_id, at } = change
  const [body, time] = [`?${values.length + 3}`, `?${values.length + 4}`]
  return db
    .prepare(`INSERT INTO changes (team_id, run_id, body, at) SELECT ?1, ?2, ${body}, ${time} WHERE ${condition}`)
    .bind(team_id, run_id, ...values, JSON.stringify(change), at)
}

/** The outbox over a D1 database. */
export function d1Changes(db: D1Database): ChangeOutbox {
  return {
    async waiting(limit) {
      const { results } = await db.prepare('SELECT body FROM changes ORDER BY at LIMIT ?1').bind(limit).all<{ body: string }>()
      return results.map(({ body }) => JSON.parse(body) as Change)
    },
    async done({ team_id, run_id }) {
      await db.prepare('DELETE FROM changes WHERE team_id = ?1 AND run_id = ?2').bind(team_id, run_id).run()
    }
  }
}
