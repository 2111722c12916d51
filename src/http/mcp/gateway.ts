// The gateway: an upstream MCP server as agents may see it. What is not listed does not exist, and every call is judged before it leaves.
import type { CallToolResult, InputRequiredResult, Server } from '@modelcontextprotocol/server'
import {
  isListed,
  McpUpstreamError,
  shownDefinition,
  visibleLines,
  type JsonObject,
  type McpConnection,
  type McpTool,
  type McpUpstream,
  type McpUpstreamSession,
  type PolicyResult
} from '../../engine/index.ts'
import type { Actor, Host } from '../host.ts'
import { errorText, protocolError } from './answers.ts'
import { judgedCall, type UpstreamCall } from './judged_call.ts'
import { knownTools } from './pins.ts'
import type { McpService, McpTurn } from './serve.ts'

/** A gateway in front of this server, for one request of this key. */
export function gatewayTo(host: Host, actor: Actor, upstream: McpUpstream): McpService {
  const hasResources = (upstream.resources ?? []).length > 0
  const hasPrompts = (upstream.prompts ?? []).length > 0
  return {
    title: `enact/${upstream.id}`,
    capabilities: { tools: {}, ...(hasResources ? { resources: {} } : {}), ...(hasPrompts ? { prompts: {} } : {}) },
    instructions:
      'Each call is judged by the policies of Enact first. A call that a person must approve is made again, exactly the same, once they have.',
    begin: () => beginUpstream(host, upstream),
    handle(server, turn) {
      const on = turnOn(server, turn, upstream)
      server.setRequestHandler('tools/list', () => on.safely(listTools(host, actor, upstream)))
      server.setRequestHandler('tools/call', async ({ params: { name, arguments: args = {} } }, ctx) => {
        const result = await on.call(async (connection) => {
          const { callable, changed } = await knownTools(host, actor, upstream, connection)
          const tool = callable.get(name)
          return {
            tool_name: `mcp__${upstream.id}__${name}`,
            args: args as JsonObject,
            more: moreOf(tool),
            refusal: tool !== undefined ? null : changed.has(name) ? isChanged(upstream, name) : isUnlisted(upstream, `tool \`${name}\``),
            send: () => connection.request('tools/call', { name, arguments: args as JsonObject })
          }
        }, ctx.mcpReq.requestState<string>())
        return typeof result === 'string' ? errorText(result) : (result as CallToolResult | InputRequiredResult)
      })
      if (hasResources) handleResources(server, turn, upstream, on)
      if (hasPrompts) handlePrompts(server, turn, upstream, on)
    }
  }
}

/** A session of ours has one of the upstream's behind it, where it keeps any. One that is down now may be up when it is called. */
async function beginUpstream(host: Host, upstream: McpUpstream): Promise<McpUpstreamSession | null> {
  try {
    const connection = await host.mcpUpstreams.connect(upstream, null)
    const { session } = connection
    await connection.close(false)
    return session
  } catch (error) {
    if (error instanceof McpUpstreamError) return null
    throw error
  }
}

/** What policies may know of a tool beside its name. */
function moreOf(tool: McpTool | undefined): JsonObject {
  return tool === undefined ? {} : { definition: tool.digest, hints: (tool.definition.annotations ?? {}) as JsonObject }
}

type WithConnection<T> = (connection: McpConnection) => Promise<T>

function listTools(host: Host, actor: Actor, upstream: McpUpstream): WithConnection<{ tools: never[] }> {
  return async (connection) => {
    const { callable } = await knownTools(host, actor, upstream, connection)
    return { tools: [...callable.values()].map(({ definition }) => shownDefinition(definition)) as never[] }
  }
}

/** Resources are read, never written; what is not listed is hidden. */
function handleResources(server: Server, turn: McpTurn, upstream: McpUpstream, on: TurnOn): void {
  const listed = (key: 'uri' | 'uriTemplate') => (one: unknown) => isListed(String((one as JsonObject)[key]), upstream.resources)
  server.setRequestHandler('resources/list', () =>
    on.safely(async (connection) => ({ resources: (await connection.list('resources')).filter(listed('uri')).map(shownItem) as never[] }))
  )
  server.setRequestHandler('resources/templates/list', () =>
    on.safely(async (connection) => ({
      resourceTemplates: (await connection.list('resourceTemplates')).filter(listed('uriTemplate')).map(shownItem) as never[]
    }))
  )
  server.setRequestHandler('resources/read', async ({ params: { uri } }, ctx) => {
    const call = async (connection: McpConnection): Promise<UpstreamCall> => ({
      tool_name: `mcp__${upstream.id}__read_resource`,
      args: { uri },
      more: {},
      refusal: isListed(uri, upstream.resources) ? null : isUnlisted(upstream, `resource \`${uri}\``),
      send: () => connection.request('resources/read', { uri })
    })
    return on.orError(await on.call(call, ctx.mcpReq.requestState<string>())) as never
  })
}

/** Prompts are read like resources: a text from the upstream on its way to a model. */
function handlePrompts(server: Server, turn: McpTurn, upstream: McpUpstream, on: TurnOn): void {
  server.setRequestHandler('prompts/list', () =>
    on.safely(async (connection) => ({
      prompts: (await connection.list('prompts'))
        .filter((one) => isListed(String((one as JsonObject).name), upstream.prompts))
        .map(shownItem) as never[]
    }))
  )
  server.setRequestHandler('prompts/get', async ({ params: { name, arguments: args = {} } }, ctx) => {
    const call = async (connection: McpConnection): Promise<UpstreamCall> => ({
      tool_name: `mcp__${upstream.id}__get_prompt`,
      args: { name, arguments: args },
      more: {},
      refusal: isListed(name, upstream.prompts) ? null : isUnlisted(upstream, `prompt \`${name}\``),
      send: () => connection.request('prompts/get', { name, arguments: args })
    })
    return on.orError(await on.call(call, ctx.mcpReq.requestState<string>())) as never
  })
}

interface TurnOn {
  /** Whatever goes wrong is an error of the protocol that says no more than it may. */
  safely<T>(work: WithConnection<T>): Promise<T>
  call(work: WithConnection<UpstreamCall>, state: string | undefined): Promise<JsonObject | InputRequiredResult | string>
  /** For methods whose answers cannot say that something went wrong. */
  orError<T>(result: T | string): T
}

function turnOn(server: Server, turn: McpTurn, upstream: McpUpstream): TurnOn {
  const { host, session, sdk } = turn
  const withConnection = async <T>(work: WithConnection<T>): Promise<T> => {
    const connection = await host.mcpUpstreams.connect(upstream, session.upstream)
    try {
      return await work(connection)
    } finally {
      // A session that is nobody's is over with the request that opened it.
      await connection.close(session.upstream === null)
    }
  }
  const failed = (error: unknown) => {
    if (!(error instanceof McpUpstreamError)) return protocolError(turn, error)
    return new sdk.ProtocolError(sdk.ProtocolErrorCode.InternalError, error.message)
  }
  return {
    safely: (work) =>
      withConnection(work).catch((error: unknown) => {
        throw failed(error)
      }),
    call: (work, state) =>
      withConnection(async (connection) => judgedCall(server, turn, await work(connection), state)).catch((error: unknown) => {
        if (error instanceof McpUpstreamError) return `${error.message}. Nothing was done.`
        throw protocolError(turn, error)
      }),
    orError(result) {
      if (typeof result === 'string') throw new sdk.ProtocolError(sdk.ProtocolErrorCode.InvalidParams, result)
      return result
    }
  }
}

/** Names and addresses stay as they are, since they are said back; what a model reads is shown as what it is. */
function shownItem(given: unknown): JsonObject {
  const { icons: _icons, _meta, ...item } = given as Record<string, never>
  const texts = Object.fromEntries(
    ['title', 'description'].flatMap((key) => (typeof item[key] === 'string' ? [[key, visibleLines(item[key])]] : []))
  )
  return { ...(item as JsonObject), ...texts }
}

function isChanged({ id }: McpUpstream, tool: string): PolicyResult {
  return {
    policy: 'mcp_pin',
    passed: false,
    effect: 'deny',
    reason: `the MCP server \`${id}\` defines tool \`${tool}\` otherwise than it did when it was let in`,
    remedy: `an admin looks at GET /mcp/${id}/pins and approves what it is now`,
    code: 'mcp_tool_changed'
  }
}

function isUnlisted({ id }: McpUpstream, what: string): PolicyResult {
  return {
    policy: 'allow_list',
    passed: false,
    effect: 'deny',
    reason: `${what} of the MCP server \`${id}\` is not on this team's list, or does not exist`,
    remedy: 'ask for one that is in the list',
    code: 'not_allowed'
  }
}
