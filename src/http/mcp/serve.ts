// From a request over Streamable HTTP to the protocol's own server and back.
// INVARIANT: imported like everything else: loaded on demand, esbuild would start zod only then, which the rest needs from the start.
import * as sdk from '@modelcontextprotocol/server'
import type { McpRequestContext, Server } from '@modelcontextprotocol/server'
import { ENGINE_VERSION, fault, parseJson, type JsonObject, type McpUpstreamSession } from '../../engine/index.ts'
import type { Actor } from '../host.ts'
import type { Answer } from '../problem.ts'
import type { Call } from '../route.ts'
import { mintSession, openSession, sessionOfDay, type McpPlace, type McpSession } from './session.ts'

/** The protocol's library. */
export type Sdk = typeof sdk

/** One request of an MCP client. */
export interface McpTurn extends McpPlace {
  readonly sdk: Sdk
  readonly session: McpSession
  /** The user that the agent acts for; the receipt names them. */
  readonly user_email: string
  readonly origin: string
  readonly headers: Headers
  /** The 2026 protocol, where approvals are part of the conversation. */
  readonly isModern: boolean
  /** What makes this request the same as another one; null where nothing does. */
  readonly idempotencyKey: string | null
}

/** What stands behind an address. */
export interface McpService {
  readonly title: string
  readonly capabilities: JsonObject
  readonly instructions: string
  /** The upstream's session for a new session of ours. */
  begin(): Promise<McpUpstreamSession | null>
  handle(server: Server, turn: McpTurn): void
}

type McpRequest = Pick<Call<unknown, unknown, unknown, Actor>, 'host' | 'actor' | 'headers' | 'url' | 'text'>

/** Serves one request. Throws `bad_json`, `invalid` and `not_found` (the session is not known: begin a new one). */
export async function serveMcp(given: McpRequest, server: string, service: McpService): Promise<Answer> {
  const { host, actor, headers, url, text } = given
  const place: McpPlace = { host, actor, server }
  const message = messageOf(text)
  const token = headers.get('mcp-session-id')
  const session = token === null ? sessionOfDay(place) : await openSession(place, token)
  if (session === null) throw fault('not_found', 'this session is not known here, or over: initialize anew')
  // A stream that nobody publishes on would stand open until the platform ends it.
  if (message.method === 'subscriptions/listen') return notOffered(message)
  const user_email = headers.get('x-enact-user')?.trim() || (actor.user_email ?? `mcp@${actor.team_id.replaceAll('_', '-')}.invalid`)
  const idempotencyKey = headers.get('idempotency-key') ?? (token === null ? null : keyOf(session, message))
  const turn = { ...place, sdk, session: named(session, headers), user_email, origin: url.origin, headers, idempotencyKey }
  const make = ({ era }: McpRequestContext) => {
    const made = new sdk.Server(
      { name: service.title, version: ENGINE_VERSION },
      { capabilities: service.capabilities, instructions: service.instructions, inputRequired: { legacyShim: false } }
    )
    service.handle(made, { ...turn, isModern: era === 'modern' })
    return made
  }
  const handler = sdk.createMcpHandler(make, { keepAliveMs: 0 })
  const request = new Request(url, { method: 'POST', headers: forLibrary(headers), body: text })
  const response = await handler.fetch(request, { parsedBody: message })
  const begins = message.method === 'initialize' && response.status === 200
  const minted: Record<string, string> = begins ? { 'mcp-session-id': await mintSession(place, await service.begin()) } : {}
  const body = await response.text()
  const type = response.headers.get('content-type')
  return {
    status: response.status,
    ...(body === '' ? {} : { body }),
    headers: { ...(type === null ? {} : { 'content-type': type }), ...minted }
  }
}

/** Through Enact's own gate for JSON, one message at a time: whatever a batch hides would be judged as one. */
function messageOf(text: string): JsonObject {
  const message = parseJson(text)
  if (message === null || typeof message !== 'object' || Array.isArray(message))
    throw fault('invalid', 'send one JSON-RPC message', { errors: [{ pointer: '', detail: 'is not an object' }] })
  return message as JsonObject
}

/** Ids of requests are never used twice in a session; without one they begin anew with each connection and say nothing. */
function keyOf({ label }: McpSession, { id }: JsonObject): string | null {
  return typeof id === 'number' || (typeof id === 'string' && /^[\x21-\x7e]{1,128}$/.test(id)) ? `${label}:${id}` : null
}

/** `X-Enact-Session` in a client's configuration names the session that policies see. */
function named(session: McpSession, headers: Headers): McpSession {
  const name = headers.get('x-enact-session')?.trim()
  return name ? { ...session, label: name.slice(0, 256) } : session
}

/** INVARIANT: the library sees nothing of who asks. */
function forLibrary(headers: Headers): Headers {
  const kept = new Headers()
  for (const [name, value] of headers) if (/^(?:content-type|accept|mcp-(?!session-id).*)$/.test(name)) kept.set(name, value)
  return kept
}

function notOffered({ id = null }: JsonObject): Answer {
  return { status: 200, body: { jsonrpc: '2.0', id, error: { code: -32_601, message: 'Method not found' } } }
}
