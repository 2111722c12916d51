// The table of pinned tools of MCP servers.
import { primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** One row a tool. `seen*`: how its server defines it now, where that is not what is pinned. Definitions are JSON. */
export const mcpPins = sqliteTable(
  'mcp_pins',
  {
    teamId: text('team_id').notNull(),
    server: text('server').notNull(),
    tool: text('tool').notNull(),
    pinnedDigest: text('pinned_digest').notNull(),
    pinned: text('pinned').notNull(),
    pinnedAt: text('pinned_at').notNull(),
    seenDigest: text('seen_digest'),
    seen: text('seen'),
    seenAt: text('seen_at')
  },
  (t) => [primaryKey({ columns: [t.teamId, t.server, t.tool] })]
)
