// Who asks: the team, the scopes and the attributes come from the API key alone.
import { fault, hex, type KeyRecord, type NewKey, type Scope } from '../engine/index.ts'
import type { Actor, Host } from './host.ts'

const KEY_LENGTH_MAX = 256

/** `admin` may do everything but approve: whoever asks must never be able to answer. */
const IMPLIED: Readonly<Record<Scope, readonly Scope[]>> = {
  run: ['run'],
  read: ['read'],
  approve: ['approve'],
  audit: ['audit', 'read'],
  admin: ['admin', 'run', 'read', 'audit']
}

/** The actor behind a request's key. Throws `unauthorized` for a key that is missing, unknown, revoked or expired: they look alike. */
export async function authenticate(host: Host, headers: Headers): Promise<Actor> {
  const key = presentedKey(headers)
  if (key === null) throw fault('unauthorized', 'send the API key as `X-Enact-Api-Key` or `Authorization: Bearer`')
  const now = host.ports.clock.now()
  // A key is 256 random bits, so its plain digest can be neither guessed nor, by timing the look-up, approached.
  const record = key.length > KEY_LENGTH_MAX ? null : await host.directory.find(hashKey(host, key))
  if (record === null || record.revoked_at !== null || isExpired(record, now)) throw fault('unauthorized', 'this API key is not known here')
  const { id, team_id, scopes, user_email, attributes } = record
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

/** SHA-256 of the key's text, in hex: all that is stored of it. */
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
