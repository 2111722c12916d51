// Teams and keys, for admins; and the claim of a fresh installation.
import { fault, type KeyRecord, type NewKey } from '../../engine/index.ts'
import * as z from 'zod'
import { deriveKey, mintKey } from '../auth.ts'
import type { Actor, Host } from '../host.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { idempotencyKeyOf } from '../run_id.ts'
import { count, KeyListed, KeyShown, NewKey as NewKeyBody, NewTeam, pageOf, Setup, TeamShown } from '../schema.ts'

/** `POST /setup`. */
export const setUp = route({
  id: 'setUp',
  method: 'POST',
  path: '/setup',
  access: 'public',
  title: 'Claim a fresh installation',
  about: 'Whoever knows ENACT_SECRET makes the first team and its admin key, once.',
  tag: 'installation',
  body: Setup,
  answers: { 201: { title: 'The first team; the key is shown this once', schema: TeamShown } },
  async handle({ host, body: { secret, team_id, name } }) {
    if (!host.isSecret(secret)) throw fault('unauthorized', 'this is not the ENACT_SECRET of this installation')
    const { key, record } = mintKey(host, adminKey(team_id))
    const made = await host.directory.createTeam(
      { team_id, name: name ?? null, parent: null, created_at: '' },
      record,
      host.ports.clock.now(),
      true
    )
    if (!made) throw fault('already_exists', 'this installation has been claimed: its admins make further teams and keys')
    return answer(201, { team_id, name: name ?? null, id: record.id, key })
  }
})

/** `POST /teams`. */
export const createTeam = route({
  id: 'createTeam',
  method: 'POST',
  path: '/teams',
  access: ['admin'],
  title: 'Make a team',
  about: 'The answer has its first admin key. The team that makes it may give it further keys; neither sees the other’s receipts.',
  tag: 'keys and teams',
  body: NewTeam,
  idempotent: true,
  answers: { 201: { title: 'The team; the key is shown this once', schema: TeamShown } },
  async handle({ host, actor, body: { team_id, name = null }, headers }) {
    const { key, record } = await keyFor(host, actor, headers, adminKey(team_id))
    const made =
      (await isAgain(host, record)) ||
      (await host.directory.createTeam({ team_id, name, parent: actor.team_id, created_at: '' }, record, host.ports.clock.now(), false))
    if (!made) throw fault('already_exists', `team \`${team_id}\` exists already`)
    return answer(201, { team_id, name, id: record.id, key })
  }
})

/** `POST /keys`. */
export const createKey = route({
  id: 'createKey',
  method: 'POST',
  path: '/keys',
  access: ['admin'],
  title: 'Make a key',
  about: 'For the own team, or one that the own team made.',
  tag: 'keys and teams',
  body: NewKeyBody,
  idempotent: true,
  answers: { 201: { title: 'The key, shown this once', schema: KeyShown } },
  async handle({ host, actor, body, headers }) {
    const now = host.ports.clock.now()
    const team_id = body.team_id ?? actor.team_id
    if (!(await mayKey(host, actor, team_id))) throw fault('not_found', `there is no team \`${team_id}\``)
    if (body.expires_at !== undefined && Date.parse(body.expires_at) <= now) {
      throw fault('invalid', '`expires_at` is in the past', { errors: [{ pointer: '/expires_at', detail: 'is in the past' }] })
    }
    const { scopes, label = null, user_email = null, attributes = {}, expires_at = null } = body
    const { key, record } = await keyFor(host, actor, headers, { team_id, scopes, label, user_email, attributes, expires_at })
    if (!(await isAgain(host, record))) await host.directory.create(record, now)
    return answer(201, { id: record.id, key })
  }
})

/** `GET /keys`. */
export const listKeys = route({
  id: 'listKeys',
  method: 'GET',
  path: '/keys',
  access: ['admin'],
  title: "List the team's keys",
  about: 'Revoked ones too; never a key itself.',
  tag: 'keys and teams',
  query: z.strictObject({ limit: count(1, 200, 50), cursor: z.string().min(1).max(64).optional() }),
  answers: { 200: { title: 'A page of keys', schema: pageOf(KeyListed) } },
  async handle({ host, actor, query: { limit, cursor } }) {
    const found: KeyRecord[] = await host.directory.list(actor.team_id, cursor ?? null, limit + 1)
    const data = found.slice(0, limit)
    const has_more = found.length > limit
    return answer(200, { data, next_cursor: has_more ? data.at(-1)!.id : null, has_more })
  }
})

/** `DELETE /keys/{id}`. */
export const revokeKey = route({
  id: 'revokeKey',
  method: 'DELETE',
  path: '/keys/:id',
  access: ['admin'],
  title: 'Revoke a key',
  about: 'It stops within a minute, everywhere. The last admin key stays: without it nobody could make another.',
  tag: 'keys and teams',
  params: z.strictObject({ id: z.string().min(1).max(64) }),
  answers: { 204: { title: 'It is revoked' } },
  async handle({ host, actor, params: { id } }) {
    const done = await host.directory.revoke(actor.team_id, id, host.ports.clock.now())
    if (done === 'unknown') throw fault('not_found', `there is no key \`${id}\``)
    if (done === 'last_admin') throw fault('last_admin_key', 'make another admin key first')
    return answer(204)
  }
})

function adminKey(team_id: string): Omit<NewKey, 'id' | 'hash'> {
  return { team_id, scopes: ['admin'], label: 'first key', user_email: null, attributes: {}, expires_at: null }
}

function keyFor(host: Host, actor: Actor, headers: Headers, given: Omit<NewKey, 'id' | 'hash'>) {
  const idempotencyKey = idempotencyKeyOf(headers)
  return idempotencyKey === null ? mintKey(host, given) : deriveKey(host, actor, idempotencyKey, given)
}

/** Whether the key was made before by the same request. Throws `idempotency_key_reused` where it was by another. */
async function isAgain(host: Host, record: NewKey): Promise<boolean> {
  const known = await host.directory.find(record.hash)
  if (known === null) return false
  const isSame = (['team_id', 'scopes', 'label', 'user_email', 'attributes', 'expires_at'] as const).every(
    (name) => JSON.stringify(known[name]) === JSON.stringify(record[name])
  )
  if (!isSame) throw fault('idempotency_key_reused', 'this Idempotency-Key was used for another request')
  return true
}

/** Another team's id tells nothing, not even that it exists. */
async function mayKey(host: Host, actor: Actor, teamId: string): Promise<boolean> {
  if (teamId === actor.team_id) return true
  return (await host.directory.team(teamId))?.parent === actor.team_id
}
