// Facts in D1. All of a team's are read at once and remembered for a second: a switch that is thrown is felt everywhere within one.
import type { Clock, Facts, Json } from '../../engine/index.ts'

const REMEMBER_MS = 1_000
const REMEMBER_TEAMS_MAX = 500

interface Remembered {
  readonly facts: ReadonlyMap<string, Json>
  readonly until: number
}

/** Facts over a D1 database. A read that fails is not remembered, and fails whoever asked. */
export function d1Facts(db: D1Database, clock: Clock): Facts {
  const remembered = new Map<string, Remembered>()
  const load = async (teamId: string): Promise<ReadonlyMap<string, Json>> => {
    const { results } = await db
      .prepare('SELECT name, value FROM facts WHERE team_id = ?')
      .bind(teamId)
      .all<{ name: string; value: string }>()
    return new Map(results.map(({ name, value }) => [name, JSON.parse(value) as Json]))
  }
  return {
    async read(teamId, name) {
      const known = remembered.get(teamId)
      if (known !== undefined && known.until > clock.now()) return known.facts.get(name)
      const facts = await load(teamId)
      if (remembered.size >= REMEMBER_TEAMS_MAX) remembered.clear()
      remembered.set(teamId, { facts, until: clock.now() + REMEMBER_MS })
      return facts.get(name)
    }
  }
}
