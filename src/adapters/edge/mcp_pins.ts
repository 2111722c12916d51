// Pins of MCP tools in D1: a pin and the change that says so are written together.
import type { JsonObject, McpPin, McpPins } from '../../engine/index.ts'
import { changeInto } from './changes.ts'

type Row = Omit<McpPin, 'pinned' | 'seen'> & { readonly pinned: string; readonly seen: string | null }

const COLUMNS = 'tool, pinned_digest, pinned, pinned_at, seen_digest, seen, seen_at'
const IN_OUTBOX = 'EXISTS (SELECT 1 FROM changes WHERE team_id = ?1 AND run_id = ?2)'
/** Holds where none of the tools has a pin yet. `?4` is their names as JSON. */
const UNPINNED = 'NOT EXISTS (SELECT 1 FROM mcp_pins WHERE team_id = ?1 AND server = ?3 AND tool IN (SELECT value FROM json_each(?4)))'
const AS_SEEN =
  'EXISTS (SELECT 1 FROM mcp_pins WHERE team_id = ?1 AND server = ?3 AND tool = ?4 AND pinned_digest = ?5 AND seen_digest = ?6)'
/** `?5` is a list of name, digest, definition. */
const INSERT = `INSERT INTO mcp_pins (team_id, server, tool, pinned_digest, pinned, pinned_at)
  SELECT ?1, ?3, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), ?4 FROM json_each(?5) WHERE ${IN_OUTBOX}`
/** Tools in one statement: a definition has at most 64 KB, and D1 takes 2 MB in one value. */
const PER_STATEMENT = 15

/** Pins over a D1 database. */
export function d1McpPins(db: D1Database): McpPins {
  return {
    async list(teamId, server) {
      const { results } = await db
        .prepare(`SELECT ${COLUMNS} FROM mcp_pins WHERE team_id = ?1 AND server = ?2 ORDER BY tool`)
        .bind(teamId, server)
        .all<Row>()
      return results.map((row) => ({
        ...row,
        pinned: JSON.parse(row.pinned) as JsonObject,
        seen: row.seen === null ? null : (JSON.parse(row.seen) as JsonObject)
      }))
    },
    async pin(teamId, server, tools, at, change) {
      const names = JSON.stringify(tools.map(({ name }) => name))
      const inserts: D1PreparedStatement[] = []
      for (let i = 0; i < tools.length; i += PER_STATEMENT) {
        const rows = tools.slice(i, i + PER_STATEMENT).map(({ name, digest, definition }) => [name, digest, JSON.stringify(definition)])
        inserts.push(db.prepare(INSERT).bind(teamId, change.run_id, server, at, JSON.stringify(rows)))
      }
      const [taken] = await db.batch([changeInto(db, change, UNPINNED, [server, names]), ...inserts])
      return taken!.meta.changes > 0 ? 'written' : 'moved_on'
    },
    async see(teamId, server, tool, seen, at) {
      await db
        .prepare('UPDATE mcp_pins SET seen_digest = ?4, seen = ?5, seen_at = ?6 WHERE team_id = ?1 AND server = ?2 AND tool = ?3')
        .bind(teamId, server, tool, seen?.digest ?? null, seen === null ? null : JSON.stringify(seen.definition), seen === null ? null : at)
        .run()
    },
    async approve(teamId, server, before, at, change) {
      const updated = db
        .prepare(
          `UPDATE mcp_pins SET pinned_digest = seen_digest, pinned = seen, pinned_at = ?5, seen_digest = NULL, seen = NULL, seen_at = NULL
           WHERE team_id = ?1 AND server = ?3 AND tool = ?4 AND ${IN_OUTBOX}`
        )
        .bind(teamId, change.run_id, server, before.tool, at)
      const values = [server, before.tool, before.pinned_digest, before.seen_digest]
      const [taken] = await db.batch([changeInto(db, change, AS_SEEN, values), updated])
      return taken!.meta.changes > 0 ? 'written' : 'moved_on'
    }
  }
}
