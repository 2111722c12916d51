// Signing in to the UI: a key becomes a cookie that no script can read, and that ends with the key, by signing out, or after half a day.
import * as z from 'zod'
import { base64url, fault, SCOPES } from '../../engine/index.ts'
import { actorByKey, addressOf, GUESS_COST, hashKey } from '../auth.ts'
import { NO_SESSION_COOKIE, sessionCookie, sessionToken } from '../cookie.ts'
import type { Actor, Host } from '../host.ts'
import { isOwnOrigin } from '../origin.ts'
import { answer } from '../problem.ts'
import { takeRate } from '../rate.ts'
import { route } from '../route.ts'
import { Scope } from '../schema.ts'

const SESSION_MS = 43_200_000
const TOKEN_BYTES = 32

/** What this server has; a page that is not among them is not offered. The folder server of `enact ui` has fewer. */
const FEATURES = [
  'receipts',
  'search',
  'approvals',
  'policies',
  'agents',
  'locks',
  'webhooks',
  'alerts',
  'budgets',
  'settings',
  'exports',
  'shares',
  'rollback'
] as const

const Session = z.strictObject({
  team_id: z.string(),
  team_name: z.string().nullable(),
  api_key_id: z.string(),
  user_email: z.string().nullable(),
  scopes: z.array(Scope),
  via: z.enum(['key', 'access', 'folder']),
  expires_at: z.string().nullable(),
  features: z.array(z.enum(FEATURES)),
  is_dev: z.boolean()
})

/** `POST /session`. */
export const signIn = route({
  id: 'signIn',
  method: 'POST',
  path: '/session',
  access: 'public',
  title: 'Sign in',
  about:
    'For browsers. The cookie `__Host-enact` stands for the key for 12 hours, or as long as the key lives. Writes with it need an `Origin` of this installation.',
  tag: 'sessions',
  body: z.strictObject({ key: z.string().min(1).max(1_024) }),
  answers: { 201: { title: 'Signed in; the cookie is set', schema: Session } },
  async handle({ host, body, method, headers, url }) {
    // Who is made to sign in by another site would work, unknowing, in the account of whoever made them.
    if (headers.has('origin') && !isOwnOrigin({ method, headers, url }, host.uiOrigins))
      throw fault('foreign_origin', 'signing in is for pages of this installation')
    const actor = await actorOf(host, body.key.trim(), headers)
    const now = host.ports.clock.now()
    const expires_at_ms = Math.min(now + SESSION_MS, actor.expires_at === null ? Infinity : Date.parse(actor.expires_at))
    // INVARIANT: always a fresh token, and the one that was shown is over: nobody can fix beforehand what will be signed in.
    const token = base64url(host.ports.ids.random(TOKEN_BYTES))
    await forget(host, headers)
    const { team_id } = actor
    await host.sessions.create({ token_hash: hashKey(host, token), team_id, key_hash: hashKey(host, body.key.trim()), expires_at_ms }, now)
    const session: Actor = { ...actor, via: 'session', expires_at: new Date(expires_at_ms).toISOString() }
    const seconds = Math.floor((expires_at_ms - now) / 1_000)
    return answer(201, await shown(host, session), { location: '/session', 'set-cookie': sessionCookie(token, seconds) })
  }
})

/** `GET /session`. */
export const readSession = route({
  id: 'readSession',
  method: 'GET',
  path: '/session',
  access: SCOPES,
  title: 'See who is signed in',
  about: 'By cookie, by Cloudflare Access or by key.',
  tag: 'sessions',
  answers: { 200: { title: 'Who, and what they may', schema: Session } },
  handle: async ({ host, actor }) => answer(200, await shown(host, actor))
})

/** `DELETE /session`. */
export const signOut = route({
  id: 'signOut',
  method: 'DELETE',
  path: '/session',
  access: SCOPES,
  title: 'Sign out',
  about: 'At once and everywhere. A key in the request counts alone: then no session ends.',
  tag: 'sessions',
  answers: { 204: { title: 'Signed out; the cookie is gone' } },
  async handle({ host, actor, headers }) {
    if (actor.via === 'key') return answer(204)
    await forget(host, headers)
    return answer(204, undefined, { 'set-cookie': NO_SESSION_COOKIE })
  }
})

/** The actor of this key. A guess costs what it costs everywhere. */
async function actorOf(host: Host, key: string, headers: Headers): Promise<Actor> {
  try {
    const actor = await actorByKey(host, key)
    await takeRate(host, `key:${actor.api_key_id}`)
    return actor
  } catch (error) {
    await takeRate(host, `ip:${addressOf(headers)}`, GUESS_COST)
    throw error
  }
}

async function forget(host: Host, headers: Headers): Promise<void> {
  const token = sessionToken(headers)
  if (token !== null) await host.sessions.remove(hashKey(host, token))
}

async function shown(host: Host, { team_id, api_key_id, user_email, scopes, via, expires_at }: Actor) {
  const team = await host.directory.team(team_id)
  const who = { team_id, team_name: team?.name ?? null, api_key_id, user_email, scopes, via: via === 'access' ? 'access' : 'key' }
  return { ...who, expires_at, features: FEATURES, is_dev: host.outbox !== null }
}
