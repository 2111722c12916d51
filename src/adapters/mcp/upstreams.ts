// Conversations with upstream MCP servers, through the protocol's own client.
import * as sdk from '@modelcontextprotocol/client'
import type { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import * as z from 'zod'
import {
  ENGINE_VERSION,
  MCP_TOOLS_MAX,
  McpUpstreamError,
  redactText,
  visible,
  type Json,
  type JsonObject,
  type McpConnection,
  type McpUpstream,
  type McpUpstreams,
  type McpUpstreamSession
} from '../../engine/index.ts'
import { boundedFetch, UpstreamBreach } from './bounded_fetch.ts'

/** Each item is looked at by itself: one that is wrong must not hide the others. */
const AnyPage = z.looseObject({})

const TIMEOUT_MS = 30_000
const PAGES_MAX = 20
const MESSAGE_CHARS_MAX = 500
/** A header value that is shorter is no credential, and would be found everywhere. */
const SECRET_CHARS_MIN = 8

const LISTS = {
  tools: { method: 'tools/list', capability: 'tools', items: 'tools' },
  prompts: { method: 'prompts/list', capability: 'prompts', items: 'prompts' },
  resources: { method: 'resources/list', capability: 'resources', items: 'resources' },
  resourceTemplates: { method: 'resources/templates/list', capability: 'resources', items: 'resourceTemplates' }
} as const

/** Upstreams over the network. */
export function mcpOverHttp(): McpUpstreams {
  // Servers that speak the 2025 protocol are not asked again in each conversation whether they speak a newer one.
  const legacy = new Set<string>()
  return {
    async connect(upstream, session) {
      const timeoutMs = upstream.timeout_ms ?? TIMEOUT_MS
      const stop = new AbortController()
      const scrub = scrubber(Object.values(upstream.headers ?? {}))
      const transport = new sdk.StreamableHTTPClientTransport(new URL(upstream.url), {
        fetch: boundedFetch(upstream.url, timeoutMs, (breach) => stop.abort(breach)),
        requestInit: { headers: { ...upstream.headers } },
        reconnectionOptions: { maxRetries: 0, initialReconnectionDelay: 0, maxReconnectionDelay: 0, reconnectionDelayGrowFactor: 1 },
        ...(session === null ? {} : { sessionId: session.id, protocolVersion: session.protocol })
      })
      const client = new sdk.Client(
        { name: 'enact-gateway', version: ENGINE_VERSION },
        {
          capabilities: {},
          versionNegotiation: { mode: session !== null || legacy.has(upstream.url) ? 'legacy' : 'auto', probe: { timeoutMs } },
          inputRequired: { autoFulfill: false }
        }
      )
      const options = { timeout: timeoutMs, maxTotalTimeout: timeoutMs, signal: stop.signal }
      const explain = (error: unknown, isCall: boolean) => explained(sdk, upstream, stop.signal.reason ?? error, session, isCall, scrub)
      try {
        await client.connect(transport, options)
      } catch (error) {
        await client.close().catch(() => undefined)
        throw explain(error, false)
      }
      if (client.getProtocolEra() !== 'modern') legacy.add(upstream.url)
      return connection({ client, transport, options, explain, scrub, session })
    }
  }
}

interface Parts {
  readonly client: Client
  readonly transport: StreamableHTTPClientTransport
  readonly options: { readonly timeout: number; readonly maxTotalTimeout: number; readonly signal: AbortSignal }
  explain(error: unknown, isCall: boolean): McpUpstreamError
  scrub<T extends Json>(value: T): T
  readonly session: McpUpstreamSession | null
}

function connection({ client, transport, options, explain, scrub, session }: Parts): McpConnection {
  return {
    get session() {
      const { sessionId } = transport
      return sessionId === undefined
        ? null
        : { id: sessionId, protocol: session?.protocol ?? client.getNegotiatedProtocolVersion() ?? '2025-06-18' }
    },
    async list(what) {
      const { method, capability, items } = LISTS[what]
      const capabilities = client.getServerCapabilities()
      if (capabilities !== undefined && capabilities[capability] === undefined) return []
      const found: unknown[] = []
      let cursor: string | undefined
      try {
        for (let pages = 0; pages < PAGES_MAX && found.length < MCP_TOOLS_MAX; pages++) {
          const params = cursor === undefined ? {} : { cursor }
          const answer = await client.request({ method, params }, AnyPage, options)
          const page = answer[items]
          if (Array.isArray(page)) found.push(...(page as unknown[]))
          cursor = typeof answer.nextCursor === 'string' ? answer.nextCursor : undefined
          if (cursor === undefined) break
        }
      } catch (error) {
        if (isMissing(error)) return []
        throw explain(error, false)
      }
      return scrub(found as Json[])
    },
    async request(method, params) {
      try {
        const { _meta, ...answer } = (await client.request({ method, params }, options)) as JsonObject
        return scrub(answer)
      } catch (error) {
        throw explain(error, method === 'tools/call')
      }
    },
    async close(ends) {
      if (ends && transport.sessionId !== undefined) await transport.terminateSession().catch(() => undefined)
      await client.close().catch(() => undefined)
    }
  }
}

/** JSON-RPC: the server has no such method. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === -32601
}

type Sdk = typeof sdk

function explained(
  sdk: Sdk,
  upstream: McpUpstream,
  error: unknown,
  session: McpUpstreamSession | null,
  isCall: boolean,
  scrub: (text: string) => string
): McpUpstreamError {
  const name = `MCP server \`${upstream.id}\``
  if (error instanceof UpstreamBreach) {
    if (error.kind === 'too_large') return new McpUpstreamError('too_large', `${name} answered with more than it may`, isCall)
    if (error.kind === 'redirect')
      return new McpUpstreamError('refused', `${name} wants to send us elsewhere, which is not followed`, false)
    if (error.kind === 'timeout') return new McpUpstreamError('timeout', `${name} did not answer in time`, isCall)
  } else if (error instanceof sdk.ProtocolError) {
    return new McpUpstreamError('refused', `${name} refused: ${said(error.message, scrub)}`, false)
  }
  if (error instanceof sdk.SdkHttpError) {
    const { status } = error
    if (session !== null && status === 404)
      return new McpUpstreamError('is_unknown_session', `${name} does not know this session any more`, false)
    // What stands in the body of an error is not shown: it may hold what the request held.
    const kind = status !== undefined && status < 500 ? 'refused' : 'unreachable'
    return new McpUpstreamError(kind, `${name} answered with status ${status ?? 'unknown'}`, isCall && kind === 'unreachable')
  }
  if (error instanceof sdk.SdkError && error.code === sdk.SdkErrorCode.RequestTimeout)
    return new McpUpstreamError('timeout', `${name} did not answer in time`, isCall)
  if (error instanceof sdk.SdkError) return new McpUpstreamError('refused', `${name}: ${said(error.message, scrub)}`, isCall)
  return new McpUpstreamError('unreachable', `${name} cannot be reached`, isCall)
}

function said(text: string, scrub: (text: string) => string): string {
  return visible(redactText(scrub(text)).slice(0, MESSAGE_CHARS_MAX).toWellFormed())
}

/** Takes the configured header values out of whatever an upstream says: one that echoes its credential must not hand it to an agent. */
function scrubber(values: readonly string[]): <T extends Json>(value: T) => T {
  const secrets = [...new Set(values.flatMap((value) => [value, value.split(' ').at(-1)!]))].filter((one) => one.length >= SECRET_CHARS_MIN)
  const clean = (text: string) => secrets.reduce((left, secret) => left.replaceAll(secret, '[redacted]'), text)
  const walk = (value: Json): Json => {
    if (typeof value === 'string') return clean(value)
    if (Array.isArray(value)) return value.map(walk)
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [clean(key), walk(one)]))
  }
  return <T extends Json>(value: T) => (secrets.length === 0 ? value : (walk(value) as T))
}
