// People in D1. One transaction holds the change, what it changes and the addresses that name the person.
import {
  addressKey,
  addressKeys,
  attributesOf,
  foldEmail,
  inLines,
  isApprover,
  personOf,
  type Change,
  type Clock,
  type JsonObject,
  type PeopleDirectory,
  type PersonRecord
} from '../../engine/index.ts'
import { changeInto } from './changes.ts'

const REMEMBER_MS = 1_000
const REMEMBER_MAX = 2_000
/** More than one approval can ask. */
const APPROVERS_READ_MAX = 64

const BY_ADDRESS = `SELECT people.body FROM person_addresses JOIN people USING (team_id, person_id)
  WHERE person_addresses.team_id = ?1 AND person_addresses.address = ?2`
// The last approver stays unless the one who is changed (?3) is, or goes on as, something else.
const AS_BEFORE = `(SELECT body FROM people WHERE team_id = ?1 AND person_id = ?3) IS ?4
  AND (?5 OR EXISTS (SELECT 1 FROM people WHERE team_id = ?1 AND approver = 1 AND person_id <> ?3))`
const CHANGED = 'EXISTS (SELECT 1 FROM changes WHERE team_id = ?1 AND run_id = ?2)'

/** People over a D1 database. */
export function d1People(db: D1Database, clock: Clock): PeopleDirectory {
  const remembered = new Map<string, { attributes: JsonObject; until: number }>()
  const get = async (teamId: string, personId: string) => {
    const row = await db.prepare('SELECT body FROM people WHERE team_id = ?1 AND person_id = ?2').bind(teamId, personId).first<Row>()
    return row === null ? null : recordOf(row)
  }
  const named = async (teamId: string, address: string) => {
    const row = await db.prepare(BY_ADDRESS).bind(teamId, addressKey(address)).first<Row>()
    return row === null ? null : recordOf(row)
  }
  return {
    get,
    named,
    async find(teamId, address) {
      const person = await named(teamId, address)
      return person === null || !isApprover(person) ? null : personOf(person)
    },
    async approvers(teamId) {
      const approvers = db.prepare(
        'SELECT body FROM people WHERE team_id = ?1 AND approver = 1 ORDER BY escalation_order, person_id LIMIT ?2'
      )
      const { results } = await approvers.bind(teamId, APPROVERS_READ_MAX).all<Row>()
      return inLines(results.map(recordOf))
    },
    async list(teamId, after, limit) {
      const page = db.prepare('SELECT body FROM people WHERE team_id = ?1 AND person_id > ?2 ORDER BY person_id LIMIT ?3')
      const { results } = await page.bind(teamId, after ?? '', limit).all<Row>()
      return results.map(recordOf)
    },
    async attributes(teamId, email) {
      const key = `${teamId}\n${foldEmail(email)}`
      const known = remembered.get(key)
      if (known !== undefined && known.until > clock.now()) return known.attributes
      const person = await named(teamId, email)
      // A mailbox that only reaches somebody does not make its user that person.
      const isTheirs = person !== null && foldEmail(person.email) === foldEmail(email)
      const attributes = isTheirs ? attributesOf(person) : {}
      if (remembered.size >= REMEMBER_MAX) remembered.clear()
      remembered.set(key, { attributes, until: clock.now() + REMEMBER_MS })
      return attributes
    },
    async write(personId, before, after, change) {
      const keepsApprover = before === null || !isApprover(before) || (after !== null && isApprover(after))
      try {
        const [taken] = await db.batch([
          changeInto(db, change, AS_BEFORE, [personId, before === null ? null : JSON.stringify(before), keepsApprover ? 1 : 0]),
          ...rowsOf(db, personId, after, change)
        ])
        remembered.clear()
        if (taken!.meta.changes > 0) return 'written'
      } catch (error) {
        if (error instanceof Error && error.message.includes('UNIQUE constraint failed: person_addresses')) return 'address_taken'
        throw error
      }
      const now = await get(change.team_id, personId)
      return JSON.stringify(now) === JSON.stringify(before) ? 'last_approver' : 'moved_on'
    }
  }
}

interface Row {
  readonly body: string
}

function recordOf({ body }: Row): PersonRecord {
  return JSON.parse(body) as PersonRecord
}

/** What makes the rows say `after`, where the change was taken down. */
function rowsOf(db: D1Database, personId: string, after: PersonRecord | null, { team_id, run_id }: Change): D1PreparedStatement[] {
  const of = [team_id, run_id, personId]
  const gone = ['people', 'person_addresses'].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE team_id = ?1 AND person_id = ?3 AND ${CHANGED}`).bind(...of)
  )
  if (after === null) return gone
  return [
    ...gone,
    db
      .prepare(`INSERT INTO people (team_id, person_id, body, approver, escalation_order) SELECT ?1, ?3, ?4, ?5, ?6 WHERE ${CHANGED}`)
      .bind(...of, JSON.stringify(after), isApprover(after) ? 1 : 0, after.escalation_order),
    db
      .prepare(`INSERT INTO person_addresses (team_id, address, person_id) SELECT ?1, value, ?3 FROM json_each(?4) WHERE ${CHANGED}`)
      .bind(...of, JSON.stringify(addressKeys(after)))
  ]
}
