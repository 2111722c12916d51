// Pins of MCP tools: what was let in, what a server says now, and an admin's yes to that.
import * as z from 'zod'
import { fault, JsonObject, timeText, visibleTexts, type McpPin } from '../../engine/index.ts'
import { applyChange, changeOf } from '../change.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { McpPath, upstreamOf } from './mcp.ts'

const PinShown = z.strictObject({
  tool: z.string(),
  status: z.enum(['pinned', 'changed']),
  pinned_digest: z.string(),
  pinned: JsonObject,
  pinned_at: z.string(),
  seen_digest: z.string().nullable(),
  seen: JsonObject.nullable(),
  seen_at: z.string().nullable()
})

const PinPath = McpPath.extend({ tool: z.string().max(128) })

/** `GET /mcp/{server}/pins`. */
export const listMcpPins = route({
  id: 'listMcpPins',
  method: 'GET',
  path: '/mcp/:server/pins',
  access: ['read', 'admin'],
  title: 'List the pinned tools of an MCP server',
  about:
    'A tool that its server defines otherwise than it is pinned is `changed`: hidden and refused until an admin approves what it is now. Hidden characters are shown as `⟨U+…⟩`.',
  tag: 'mcp',
  params: McpPath,
  answers: { 200: { title: 'By name', schema: z.strictObject({ data: z.array(PinShown) }) } },
  async handle({ host, actor, params: { server } }) {
    const { id } = upstreamOf(host, actor, server)
    return answer(200, { data: (await host.mcpPins.list(actor.team_id, id)).map(shown) })
  }
})

/** `PUT /mcp/{server}/pins/{tool}`. */
export const approveMcpPin = route({
  id: 'approveMcpPin',
  method: 'PUT',
  path: '/mcp/:server/pins/:tool',
  access: ['admin'],
  title: 'Let a changed tool in again',
  about: 'As it was looked at: `digest` is its `seen_digest`, and another one by now is a 409. Receipted as `mcp_tool_approved`.',
  tag: 'mcp',
  params: PinPath,
  body: z.strictObject({ digest: z.string().max(100) }),
  answers: { 200: { title: 'It is pinned as it is now', schema: PinShown.extend({ run_id: z.string().nullable() }) } },
  async handle({ host, actor, params: { server, tool }, body: { digest } }) {
    const { id } = upstreamOf(host, actor, server)
    const { value, run_id } = await applyChange<McpPin>(host, async () => {
      const pin = (await host.mcpPins.list(actor.team_id, id)).find((one) => one.tool === tool)
      if (pin === undefined) throw fault('not_found', `tool \`${tool}\` of \`${id}\` was never seen`)
      if (pin.seen_digest === null && pin.pinned_digest === digest) return { again: false, value: pin, change: null }
      if (pin.seen_digest !== digest) throw fault('request_changed', `tool \`${tool}\` is not what \`digest\` says: look at it again`)
      const at = timeText(host.ports.clock.now())
      const what = (is: string) => ({ tool, digest: is })
      const change = changeOf(host, actor, 'mcp_tool_approved', id, what(pin.pinned_digest), what(digest))
      if ((await host.mcpPins.approve(actor.team_id, id, pin, at, change)) === 'moved_on') return { again: true }
      const approved = { tool, pinned_digest: digest, pinned: pin.seen!, pinned_at: at, seen_digest: null, seen: null, seen_at: null }
      return { again: false, value: approved, change }
    })
    return answer(200, { ...shown(value), run_id })
  }
})

/** INVARIANT: what a person looks at before they say yes hides nothing. */
function shown(pin: McpPin): z.output<typeof PinShown> {
  const plain = (definition: JsonObject | null) => (definition === null ? null : (visibleTexts(definition) as JsonObject))
  return { ...pin, status: pin.seen_digest === null ? 'pinned' : 'changed', pinned: plain(pin.pinned)!, seen: plain(pin.seen) }
}
