// Settings of teams in D1.
import { DEFAULT_SETTINGS, type Change, type SettingsDirectory, type TeamSettings } from '../../engine/index.ts'
import { changeInto } from './changes.ts'

const AS_BEFORE = `coalesce((SELECT json_array(retention_days, badge) FROM team_settings WHERE team_id = ?1), '[null,1]') = ?3`
const WRITE = `INSERT INTO team_settings (team_id, retention_days, badge, retained_at)
  SELECT ?1, ?3, ?4, 0 WHERE EXISTS (SELECT 1 FROM changes WHERE team_id = ?1 AND run_id = ?2)
  ON CONFLICT (team_id) DO UPDATE SET retention_days = excluded.retention_days, badge = excluded.badge, retained_at = 0`

interface Row {
  readonly retention_days: number | null
  readonly badge: number
}

/** Settings over a D1 database. */
export function d1Settings(db: D1Database): SettingsDirectory {
  return {
    async get(teamId) {
      const row = await db.prepare('SELECT retention_days, badge FROM team_settings WHERE team_id = ?1').bind(teamId).first<Row>()
      return row === null ? DEFAULT_SETTINGS : { retention_days: row.retention_days, badge: row.badge === 1 }
    },
    async write(before: TeamSettings, after: TeamSettings, change: Change) {
      const { team_id, run_id } = change
      const was = JSON.stringify([before.retention_days, before.badge ? 1 : 0])
      const written = db.prepare(WRITE).bind(team_id, run_id, after.retention_days, after.badge ? 1 : 0)
      const [taken] = await db.batch([changeInto(db, change, AS_BEFORE, [was]), written])
      return taken!.meta.changes > 0 ? 'written' : 'moved_on'
    },
    async toRetain(before, limit) {
      const { results } = await db
        .prepare(
          `SELECT team_id, retention_days FROM team_settings WHERE retention_days IS NOT NULL AND retained_at <= ?1 ORDER BY retained_at LIMIT ?2`
        )
        .bind(before, limit)
        .all<{ team_id: string; retention_days: number }>()
      return results
    },
    async retained(teamId, now) {
      await db.prepare('UPDATE team_settings SET retained_at = ?2 WHERE team_id = ?1').bind(teamId, now).run()
    }
  }
}
