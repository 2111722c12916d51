// MCP over Streamable HTTP: Enact's own tools, and the gateway in front of the team's MCP servers.
import * as z from 'zod'
import { fault, type McpUpstream } from '../../engine/index.ts'
import { gatewayTo } from '../mcp/gateway.ts'
import { ownTools } from '../mcp/own.ts'
import { serveMcp } from '../mcp/serve.ts'
import { openSession } from '../mcp/session.ts'
import type { Actor, Host } from '../host.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'

export const McpPath = z.strictObject({ server: z.string().max(63) })

const ANSWERS = {
  200: { title: 'The answer, in JSON or as an event stream' },
  202: { title: 'A notification was taken' }
} as const

/** `POST /mcp`. */
export const enactMcp = route({
  id: 'enactMcp',
  method: 'POST',
  path: '/mcp',
  access: ['run', 'read'],
  title: "Speak MCP with Enact's own server",
  about:
    'One JSON-RPC message. Each allowed workflow and action is a tool (scope `run`), beside tools to search, read and prove receipts (scope `read`). `X-Enact-User` names the user a key without one acts for.',
  tag: 'mcp',
  reads: 'text',
  idempotent: true,
  answers: ANSWERS,
  handle: (call) => serveMcp(call, '', ownTools(call.host, call.actor))
})

/** `POST /mcp/{server}`. */
export const gatewayMcp = route({
  id: 'gatewayMcp',
  method: 'POST',
  path: '/mcp/:server',
  access: ['run'],
  title: 'Speak MCP with one of the team’s servers, judged',
  about:
    'Tools that are not listed, or are not what they were when they were let in, are hidden. Each call is judged, carried out by the gateway and receipted with its outcome; the server’s credential stays here.',
  tag: 'mcp',
  params: McpPath,
  reads: 'text',
  answers: ANSWERS,
  handle: (call) => {
    const upstream = upstreamOf(call.host, call.actor, call.params.server)
    return serveMcp(call, upstream.id, gatewayTo(call.host, call.actor, upstream))
  }
})

/** `DELETE /mcp/{server}`. */
export const endMcpSession = route({
  id: 'endMcpSession',
  method: 'DELETE',
  path: '/mcp/:server',
  access: ['run'],
  title: 'End a session with one of the team’s servers',
  about: 'The one of `Mcp-Session-Id`, and the server’s own behind it.',
  tag: 'mcp',
  params: McpPath,
  answers: { 204: { title: 'It is over' } },
  async handle({ host, actor, params, headers }) {
    const upstream = upstreamOf(host, actor, params.server)
    const token = headers.get('mcp-session-id')
    const session = token === null ? null : await openSession({ host, actor, server: upstream.id }, token)
    if (session === null) throw fault('not_found', 'this session is not known here, or over')
    if (session.upstream !== null) {
      const connection = await host.mcpUpstreams.connect(upstream, session.upstream).catch(() => null)
      await connection?.close(true)
    }
    return answer(204)
  }
})

/** Throws `not_found` for a server that this team does not have. */
export function upstreamOf(host: Host, actor: Actor, server: string): McpUpstream {
  const upstream = host.installation(actor.team_id).mcp.get(server)
  if (upstream === undefined) throw fault('not_found', `this team has no MCP server \`${server}\``)
  return upstream
}
