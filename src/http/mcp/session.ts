// Sessions and request states of MCP clients. Both travel through the client: they are sealed, and good only for the key and the server they were made for.
import { hex, type JsonObject, type McpUpstreamSession } from '../../engine/index.ts'
import type { Actor, Host } from '../host.ts'

/** A client that speaks the 2025 protocol keeps a session; whoever forgets to end it has it for a day. */
const SESSION_MS = 86_400_000
/** As long as people have to answer. */
const STATE_MS = 3_600_000

/** What a session is about: a gateway to one server, or Enact's own tools (''). */
export interface McpPlace {
  readonly host: Host
  readonly actor: Actor
  readonly server: string
}

/** Which session of an agent a request belongs to, and the upstream's own behind it. */
export interface McpSession {
  /** The session that policies see. */
  readonly label: string
  readonly upstream: McpUpstreamSession | null
}

/** The `Mcp-Session-Id` of a new session. INVARIANT: nobody can make one up, and another key's opens nothing. */
export function mintSession(place: McpPlace, upstream: McpUpstreamSession | null): Promise<string> {
  return seal(place, 'mcp-session', { upstream: upstream === null ? null : { ...upstream } }, SESSION_MS)
}

/** Null for one that is made up, changed, over, or not this key's and server's. */
export async function openSession(place: McpPlace, token: string): Promise<McpSession | null> {
  const found = await open<{ upstream: McpUpstreamSession | null }>(place, 'mcp-session', token)
  if (found === null) return null
  const { hash } = place.host.ports
  return { label: `mcp:${hex(hash.sha256(hash.utf8(token))).slice(0, 32)}`, upstream: found.upstream }
}

/** A client without a session: the day of its key, so that what came before still counts. */
export function sessionOfDay({ host, server }: McpPlace): McpSession {
  const day = new Date(host.ports.clock.now()).toISOString().slice(0, 10)
  return { label: `mcp:${server}:${day}`, upstream: null }
}

/** What a client brings back once people were asked. It lets nothing through by itself: the approval does, once. */
export interface McpState {
  readonly hitl_id: string
  /** The session in which was asked, or the run that waits. */
  readonly label: string
}

/** `asked` is the digest of what was asked for: a state is good for exactly that. */
export function mintState(place: McpPlace, asked: string, { hitl_id, label }: McpState): Promise<string> {
  return seal(place, `mcp-state\n${asked}`, { hitl_id, label }, STATE_MS)
}

/** Null for one that is made up, changed, over, or for something else. */
export function openState(place: McpPlace, asked: string, token: string): Promise<McpState | null> {
  return open<McpState>(place, `mcp-state\n${asked}`, token)
}

function contextOf({ actor, server }: McpPlace, what: string): string {
  return `${what}\n${server}\n${actor.api_key_id}`
}

async function seal(place: McpPlace, what: string, value: JsonObject, ms: number): Promise<string> {
  const { keys, hash, clock } = place.host.ports
  const ring = await keys.team(place.actor.team_id)
  return ring.seal(hash.utf8(JSON.stringify({ ...value, until: clock.now() + ms })), contextOf(place, what))
}

async function open<T>(place: McpPlace, what: string, token: string): Promise<T | null> {
  if (token.length > 4_096) return null
  const { keys, hash, clock } = place.host.ports
  const ring = await keys.team(place.actor.team_id)
  try {
    const found = JSON.parse(hash.text(await ring.open(token, contextOf(place, what)))) as T & { until: number }
    return found.until > clock.now() ? found : null
  } catch {
    return null
  }
}
