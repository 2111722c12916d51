// Facts in D1. All of a team's are read at once and remembered for a second: a switch that is thrown is felt everywhere within one.
import { FACTS_MAX, type Clock, type FactDirectory, type FactRecord, type Json } from '../../engine/index.ts'
import { changeInto } from './changes.ts'

const REMEMBER_MS = 1_000
const REMEMBER_TEAMS_MAX = 500

const AS_BEFORE = `(SELECT value FROM facts WHERE team_id = ?1 AND name = ?3) IS ?4
  AND (?4 IS NOT NULL OR (SELECT count(*) FROM facts WHERE team_id = ?1) < ?5)`
const CHANGED = 'EXISTS (SELECT 1 FROM changes WHERE team_id = ?1 AND run_id = ?2)'

interface Remembered {
  readonly facts: ReadonlyMap<string, Json>
  readonly until: number
}

interface Row {
  readonly name: string
  readonly value: string
  readonly updated_at: string
}

/** Facts over a D1 database. A read that fails is not remembered, and fails whoever asked. */
export function d1Facts(db: D1Database, clock: Clock): FactDirectory {
  const remembered = new Map<string, Remembered>()
  const load = async (teamId: string): Promise<ReadonlyMap<string, Json>> => {
    const { results } = await db.prepare('SELECT name, value FROM facts WHERE team_id = ?').bind(teamId).all<Row>()
    return new Map(results.map(({ name, value }) => [name, JSON.parse(value) as Json]))
  }
  const get = async (teamId: string, name: string) => {
    const row = await db
      .prepare('SELECT name, value, updated_at FROM facts WHERE team_id = ?1 AND name = ?2')
      .bind(teamId, name)
      .first<Row>()
    return row === null ? null : factOf(row)
  }
  return {
    get,
    async read(teamId, name) {
      const known = remembered.get(teamId)
      if (known !== undefined && known.until > clock.now()) return known.facts.get(name)
      // From before the read: what was written while it went on must not be old for longer than this.
      const until = clock.now() + REMEMBER_MS
      const facts = await load(teamId)
      if (remembered.size >= REMEMBER_TEAMS_MAX) remembered.clear()
      remembered.set(teamId, { facts, until })
      return facts.get(name)
    },
    async list(teamId, after, limit) {
      const page = db.prepare('SELECT name, value, updated_at FROM facts WHERE team_id = ?1 AND name > ?2 ORDER BY name LIMIT ?3')
      const { results } = await page.bind(teamId, after ?? '', limit).all<Row>()
      return results.map(factOf)
    },
    async write(name, before, after, change) {
      const { team_id, run_id } = change
      const written =
        after === null
          ? db.prepare(`DELETE FROM facts WHERE team_id = ?1 AND name = ?3 AND ${CHANGED}`).bind(team_id, run_id, name)
          : db
              .prepare(`INSERT OR REPLACE INTO facts (team_id, name, value, updated_at) SELECT ?1, ?3, ?4, ?5 WHERE ${CHANGED}`)
              .bind(team_id, run_id, name, JSON.stringify(after.value), after.updated_at)
      const value = before === null ? null : JSON.stringify(before.value)
      const [taken] = await db.batch([changeInto(db, change, AS_BEFORE, [name, value, FACTS_MAX]), written])
      remembered.delete(team_id)
      if (taken!.meta.changes > 0) return 'written'
      const now = await get(team_id, name)
      return before === null && now === null ? 'full' : 'moved_on'
    }
  }
}

function factOf({ name, value, updated_at }: Row): FactRecord {
  return { name, value: JSON.parse(value) as Json, updated_at }
}
