// Which tools of an upstream may be called now: the listed ones, as they were pinned. A tool that describes itself otherwise waits for an admin.
import { isListed, readTools, timeText, type McpConnection, type McpPin, type McpTool, type McpUpstream } from '../../engine/index.ts'
import { applyChange, changeOf } from '../change.ts'
import type { Actor, Host } from '../host.ts'

/** `changed`: the name is let in, and what stands behind it now is not what was pinned. */
export interface KnownTools {
  readonly callable: ReadonlyMap<string, McpTool>
  readonly changed: ReadonlyMap<string, McpTool>
}

/**
 * Asks the upstream for its tools. What is seen for the first time is pinned as it is, receipted as `mcp_tools_pinned`; what differs from
 * its pin is written down for an admin, and is not callable until they approve it.
 */
export async function knownTools(host: Host, actor: Actor, upstream: McpUpstream, connection: McpConnection): Promise<KnownTools> {
  const listed = readTools(await connection.list('tools'), host.ports.hash).filter(({ name }) => isListed(name, upstream.allow))
  const pins = await pinned(host, actor, upstream, listed)
  const callable = new Map<string, McpTool>()
  const changed = new Map<string, McpTool>()
  for (const tool of listed) {
    const pin = pins.get(tool.name)!
    const isSame = pin.pinned_digest === tool.digest
    ;(isSame ? callable : changed).set(tool.name, tool)
    if (pin.seen_digest !== (isSame ? null : tool.digest)) await note(host, actor, upstream, tool, isSame)
  }
  return { callable, changed }
}

/** Every listed tool's pin. */
async function pinned(host: Host, actor: Actor, { id }: McpUpstream, listed: readonly McpTool[]): Promise<ReadonlyMap<string, McpPin>> {
  const { team_id } = actor
  const { value } = await applyChange<ReadonlyMap<string, McpPin>>(host, async () => {
    const pins = new Map((await host.mcpPins.list(team_id, id)).map((pin) => [pin.tool, pin]))
    const fresh = listed.filter(({ name }) => !pins.has(name))
    if (fresh.length === 0) return { again: false, value: pins, change: null }
    const at = timeText(host.ports.clock.now())
    const digests = Object.fromEntries(fresh.map(({ name, digest }) => [name, digest]))
    const change = changeOf(host, actor, 'mcp_tools_pinned', id, null, digests)
    if ((await host.mcpPins.pin(team_id, id, fresh, at, change)) === 'moved_on') return { again: true }
    for (const { name, digest, definition } of fresh)
      pins.set(name, { tool: name, pinned_digest: digest, pinned: definition, pinned_at: at, seen_digest: null, seen: null, seen_at: null })
    return { again: false, value: pins, change }
  })
  return value
}

async function note(host: Host, { team_id }: Actor, { id }: McpUpstream, tool: McpTool, isSame: boolean): Promise<void> {
  if (!isSame) host.log({ level: 'warn', event: 'mcp_tool_changed', team_id, server: id, tool: tool.name, digest: tool.digest })
  await host.mcpPins.see(team_id, id, tool.name, isSame ? null : tool, timeText(host.ports.clock.now()))
}
