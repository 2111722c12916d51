// Who asks: the team, the scopes and the attributes come from the API key alone, be it in the request or behind a session.
import { fault, hex, type KeyRecord, type NewKey, type Scope } from '../engine/index.ts'
import { actorByAccess } from './access.ts'
import { sessionToken } from './cookie.ts'
import type { Actor, Host } from './host.ts'
import { isOwnOrigin } from './origin.ts'

const KEY_LENGTH_MAX = 256
/** A key that is not one counts as so many requests of its address. */
export const GUESS_COST = 10

/** `admin` may do everything but approve: whoever asks must never be able to answer. */
const IMPLIED: Readonly<Record<Scope, readonly Scope[]>> = {
  run: ['run'],
  read: ['read'],
  approve: ['approve'],
  audit: ['audit', 'read'],
  admin: ['admin', 'run', 'read', 'audit']
}

/** What of a request says who asks. */
export interface Asking {
  readonly method: string
  readonly headers: Headers
  readonly url: URL
}

/**
 * The actor behind a request: its key, else its session, else whom Cloudflare Access vouches for. Throws `unauthorized` for a key that is
 * missing, unknown, revoked or expired (they look alike), and `foreign_origin` for a write that a browser may have been made to send.
 */
export async function authenticate(host: Host, asking: Asking): Promise<Actor> {
  const { headers } = asking
  // INVARIANT: a key in the request counts alone. What a browser adds by itself neither stands in for a wrong key nor adds to a right one.
  if (hasKey(headers)) {
    const key = presentedKey(headers)
    if (key === null) throw fault('unauthorized', 'send one API key, as `X-Enact-Api-Key` or `Authorization: Bearer`')
    return actorByKey(host, key)
  }
  if (!isKnownByBrowser(headers))
    throw fault('unauthorized', 'send the API key as `X-Enact-Api-Key` or `Authorization: Bearer`, or sign in')
  if (!isOwnOrigin(asking, host.uiOrigins))
    throw fault('foreign_origin', 'a write with a cookie must come from a page of this installation: `Origin` must be its own')
  const actor = (await actorBySession(host, headers)) ?? (await actorByAccess(host, headers))
  if (actor === null) throw fault('unauthorized', 'this session is over: sign in again')
  return actor
}

/** The actor of this key. Throws `unauthorized` for one that is unknown, revoked or expired. */
export async function actorByKey(host: Host, key: string): Promise<Actor> {
  // A key is 256 random bits, so its plain digest can be neither guessed nor, by timing the look-up, approached.
  const record = key.length > KEY_LENGTH_MAX ? null : await validKey(host, hashKey(host, key))
  if (record === null) throw fault('unauthorized', 'this API key is not known here')
  return { ...actorOf(record), via: 'key', expires_at: record.expires_at }
}

/** Who asks through a service binding of the account: it may run, as one user of one team. */
export function actorOfBinding({ team_id, user_email }: { readonly team_id: string; readonly user_email: string }): Actor {
  const api_key_id = `binding:${user_email}`
  return { api_key_id, team_id, scopes: ['run'], user_email, attributes: {}, via: 'key', expires_at: null }
}

/** Whether the request brings a key, good or not. */
export function hasKey(headers: Headers): boolean {
  return headers.has('x-enact-api-key') || headers.has('authorization')
}

/** Null where there is no session, or it or its key is over. */
async function actorBySession(host: Host, headers: Headers): Promise<Actor | null> {
  const token = sessionToken(headers)
  const session = token === null ? null : await host.sessions.find(hashKey(host, token), host.ports.clock.now())
  const record = session === null ? null : await validKey(host, session.key_hash)
  return record === null ? null : { ...actorOf(record), via: 'session', expires_at: new Date(session!.expires_at_ms).toISOString() }
}

function isKnownByBrowser(headers: Headers): boolean {
  return sessionToken(headers) !== null || headers.has('cf-access-jwt-assertion')
}

async function validKey(host: Host, hash: string): Promise<KeyRecord | null> {
  const record = await host.directory.find(hash)
  return record === null || record.revoked_at !== null || isExpired(record, host.ports.clock.now()) ? null : record
}

function actorOf({ id, team_id, scopes, user_email, attributes }: KeyRecord) {
  return { api_key_id: id, team_id, scopes, user_email, attributes }
}

/** Throws `forbidden` unless the key has one of these scopes, itself or through `admin` or `audit`. */
export function requireScope(actor: Actor, wanted: readonly Scope[]): void {
  if (actor.scopes.some((scope) => IMPLIED[scope].some((one) => wanted.includes(one)))) return
  throw fault('forbidden', `this needs a key with scope ${wanted.map((scope) => `\`${scope}\``).join(' or ')}`)
}

export function isAdmin(actor: Actor): boolean {
  return actor.scopes.includes('admin')
}

/** A key with an e-mail address acts as that user alone. Throws `forbidden`. */
export function requireUser(actor: Actor, email: string): void {
  if (actor.user_email === null || actor.user_email.toLowerCase() === email.toLowerCase()) return
  throw fault('forbidden', `this key may act only as \`${actor.user_email}\``)
}

/** A fresh key: its text, to be shown once, and the record to be stored. */
export function mintKey(host: Host, given: Omit<NewKey, 'id' | 'hash'>): { key: string; record: NewKey } {
  const { ids } = host.ports
  return keyOf(host, hex(ids.random(8)), hex(ids.random(32)), given)
}

/** The key that this Idempotency-Key of this admin means: the same every time, though it is stored nowhere. */
export async function deriveKey(
  host: Host,
  actor: Actor,
  idempotencyKey: string,
  given: Omit<NewKey, 'id' | 'hash'>
): Promise<{ key: string; record: NewKey }> {
  const ring = await host.ports.keys.team(actor.team_id)
  const derive = async (what: string) =>
    (await ring.commit(host.ports.hash.utf8(`enact/api-key/${what}\n${actor.api_key_id}\n${idempotencyKey}`))).slice('hmac-sha256:'.length)
  return keyOf(host, (await derive('id')).slice(0, 16), await derive('secret'), given)
}

function keyOf(host: Host, id: string, secret: string, given: Omit<NewKey, 'id' | 'hash'>): { key: string; record: NewKey } {
  const key = `enact_live_${id}_${secret}`
  return { key, record: { ...given, id, hash: hashKey(host, key) } }
}

/** SHA-256 of the text of a key or a session's token, in hex: all that is stored of it. */
export function hashKey(host: Pick<Host, 'ports'>, key: string): string {
  const { hash } = host.ports
  return hex(hash.sha256(hash.utf8(key)))
}

/** The caller's address, where Cloudflare tells it. */
export function addressOf(headers: Headers): string {
  return headers.get('cf-connecting-ip') ?? 'local'
}

function presentedKey(headers: Headers): string | null {
  const own = headers.get('x-enact-api-key')?.trim()
  const bearer = /^bearer +(\S+)$/i.exec(headers.get('authorization')?.trim() ?? '')?.[1]
  // Two different keys in one request: refuse rather than choose.
  if (own && bearer && own !== bearer) return null
  return own || bearer || null
}

function isExpired(record: KeyRecord, now: number): boolean {
  return record.expires_at !== null && Date.parse(record.expires_at) <= now
}
