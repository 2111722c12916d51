// What the MCP gateway needs of its host: connections to upstream servers, and where pins are kept.
import type { Change } from './change.ts'
import type { McpUpstream } from './mcp.ts'
import type { McpPin, McpTool } from './mcp_pin.ts'
import type { JsonObject } from './schema.ts'

/** A session that an upstream gave us. */
export interface McpUpstreamSession {
  readonly id: string
  readonly protocol: string
}

/**
 * One conversation with an upstream server. Everything it gives is bounded in size and time, came from the configured address itself
 * (redirects are not followed), and holds no configured header value.
 */
export interface McpConnection {
  /** Null where the server keeps none. */
  readonly session: McpUpstreamSession | null
  /** Every page of `tools/list`, `prompts/list`, …; empty where the server has no such thing. */
  list(what: 'tools' | 'prompts' | 'resources' | 'resourceTemplates'): Promise<readonly unknown[]>
  /** One request. Throws `McpUpstreamError`. */
  request(method: 'tools/call' | 'prompts/get' | 'resources/read', params: JsonObject): Promise<JsonObject>
  /** Ends it, and the session too where `ends` is true. Never throws. */
  close(ends: boolean): Promise<void>
}

/** Upstream MCP servers. */
export interface McpUpstreams {
  /** Throws `McpUpstreamError`; a `session` that the server does not know any more is `is_unknown_session`. */
  connect(upstream: McpUpstream, session: McpUpstreamSession | null): Promise<McpConnection>
}

/** Why an upstream gave no answer. `was_sent` = it may have done what was asked all the same. */
export class McpUpstreamError extends Error {
  readonly kind: 'unreachable' | 'timeout' | 'too_large' | 'refused' | 'is_unknown_session'
  readonly was_sent: boolean
  /** `message` is shown to agents: bounded, visible, without credentials. */
  constructor(kind: McpUpstreamError['kind'], message: string, was_sent: boolean) {
    super(message)
    this.name = 'McpUpstreamError'
    this.kind = kind
    this.was_sent = was_sent
  }
}

/** Pins of tools. */
export interface McpPins {
  list(teamId: string, server: string): Promise<readonly McpPin[]>
  /** Pins what was never seen before, with the change that says so, both or neither; `moved_on` = one of them was pinned in between. */
  pin(teamId: string, server: string, tools: readonly McpTool[], at: string, change: Change): Promise<'written' | 'moved_on'>
  /** Notes how a server defines a tool now, beside what is pinned; null = as pinned again. */
  see(teamId: string, server: string, tool: string, seen: McpTool | null, at: string): Promise<void>
  /** Pins the definition that was seen, with the change, both or neither; `moved_on` = it is another by now. */
  approve(teamId: string, server: string, before: McpPin, at: string, change: Change): Promise<'written' | 'moved_on'>
}
