// Locks: take several resources at once or none, keep them, give them back; and take one away, for admins.
import * as z from 'zod'
import {
  fault,
  Fault,
  faultOfLease,
  listedLock,
  listedWaiter,
  LockBreaking,
  LockRenewal,
  LockRequest,
  normaliseResource,
  viewLock,
  type LeaseAnswer,
  type LeaseEvent
} from '../../engine/index.ts'
import type { Actor, Host } from '../host.ts'
import { isOwnLockId, newLockId } from '../lock_id.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { idempotencyKeyOf } from '../run_id.ts'
import { count, LockBroken, LockListed, LockPath, LockQueued, LockShown, pageOf } from '../schema.ts'

/** `POST /locks`. */
export const takeLock = route({
  id: 'takeLock',
  method: 'POST',
  path: '/locks',
  access: ['run'],
  title: 'Take locks',
  about:
    'All of the resources or none. A resource is a `/`-path that begins with its system; a lock on it excludes locks above and below it. Who may wait is served in the order of asking. `fencing_token` only grows: hand it to whatever can refuse an older one. Held by others: 409 `locked` with `resource`, `holder`, `run_id` and `expires_at`.',
  tag: 'locks',
  body: LockRequest,
  idempotent: true,
  answers: { 201: { title: 'The lock', schema: LockShown } },
  async handle({ host, actor, body, headers }) {
    const key = idempotencyKeyOf(headers)
    const event: LeaseEvent = {
      type: 'acquire',
      lock_id: await newLockId(actor, key, host.ports),
      owner: ownerOf(actor),
      holder: body.holder,
      wants: body.resources.map((resource, i) => ({ resource: normaliseResource(resource, `/resources/${i}`), mode: body.mode })),
      ttlMs: body.ttl_seconds * 1000,
      waitMs: body.wait_seconds * 1000
    }
    const lock = await host.locks.ask(actor.team_id, event).catch((error: unknown) => {
      if (!(error instanceof Fault) || error.code !== 'already_exists') throw error
      throw fault('idempotency_key_reused', 'this Idempotency-Key was used for another lock, or its first request still waits')
    })
    if (lock.kind !== 'granted') throw refusalOf(lock)
    return answer(201, viewLock(lock.lock))
  }
})

/** `PUT /locks/{id}`. */
export const renewLock = route({
  id: 'renewLock',
  method: 'PUT',
  path: '/locks/:id',
  access: ['run'],
  title: 'Renew a lock',
  about:
    'It then lasts `ttl_seconds` from now. 410 `lock_lost` once its time was over or it was broken: whatever it protected may have changed.',
  tag: 'locks',
  params: LockPath,
  body: LockRenewal,
  answers: { 200: { title: 'The lock', schema: LockShown } },
  async handle({ host, actor, params: { id }, body }) {
    const renewed = await host.locks.ask(actor.team_id, {
      type: 'renew',
      lock_id: id,
      owner: ownerOf(actor),
      ttlMs: body.ttl_seconds * 1000
    })
    if (renewed.kind === 'renewed') return answer(200, viewLock(renewed.lock))
    if (renewed.kind === 'lost') await requireOwnId(host, actor, id)
    throw refusalOf(renewed)
  }
})

/** `DELETE /locks/{id}`. */
export const releaseLock = route({
  id: 'releaseLock',
  method: 'DELETE',
  path: '/locks/:id',
  access: ['run'],
  title: 'Release a lock',
  about: 'Also one that is lost already.',
  tag: 'locks',
  params: LockPath,
  answers: { 204: { title: 'It is not held any more' } },
  async handle({ host, actor, params: { id } }) {
    const released = await host.locks.ask(actor.team_id, { type: 'release', lock_id: id, owner: ownerOf(actor) })
    if (released.kind !== 'released') throw refusalOf(released)
    await requireOwnId(host, actor, id)
    return answer(204)
  }
})

/** `GET /locks`. */
export const listLocks = route({
  id: 'listLocks',
  method: 'GET',
  path: '/locks',
  access: ['run', 'read'],
  title: "List the team's locks",
  about: 'What is held now, by agents and by runs.',
  tag: 'locks',
  query: z.strictObject({ limit: count(1, 200, 50), cursor: LockPath.shape.id.optional() }),
  answers: { 200: { title: 'A page of locks', schema: pageOf(LockListed) } },
  async handle({ host, actor, query: { limit, cursor } }) {
    const found = await host.locks.list(actor.team_id, cursor ?? null, limit + 1)
    const data = found.slice(0, limit).map(listedLock)
    const has_more = found.length > limit
    return answer(200, { data, next_cursor: has_more ? data.at(-1)!.lock_id : null, has_more })
  }
})

/** `GET /locks/queue`. */
export const listLockQueue = route({
  id: 'listLockQueue',
  method: 'GET',
  path: '/locks/queue',
  access: ['run', 'read'],
  title: 'See who waits for locks',
  about: 'In the order in which they are served; at most 256 wait at once, so this is always the whole queue.',
  tag: 'locks',
  answers: { 200: { title: 'The queue', schema: pageOf(LockQueued) } },
  async handle({ host, actor }) {
    return answer(200, { data: (await host.locks.queue(actor.team_id)).map(listedWaiter), next_cursor: null, has_more: false })
  }
})

/** `POST /locks/{id}/break`. */
export const breakLock = route({
  id: 'breakLock',
  method: 'POST',
  path: '/locks/:id/break',
  access: ['admin'],
  title: 'Break a lock',
  about:
    'Takes it from whoever holds it, who is told at the next renewal and whose older tokens are refused. The receipt says who broke what.',
  tag: 'locks',
  params: LockPath,
  body: LockBreaking,
  answers: { 200: { title: 'It is broken', schema: LockBroken } },
  async handle({ host, actor, params: { id }, body }) {
    const receipt = await host.locks.break({
      run_id: host.ports.ids.runId(),
      lock_id: id,
      team_id: actor.team_id,
      api_key_id: actor.api_key_id,
      user_email: actor.user_email ?? '',
      reason: body.reason ?? null,
      config_digest: host.installation(actor.team_id).digest
    })
    if (receipt === null) throw fault('not_found', `nobody holds a lock \`${id}\``)
    return answer(200, { lock_id: id, run_id: receipt.run_id, receipt })
  }
})

/** INVARIANT: over HTTP a lock belongs to its key; the locks of runs belong to their runs, and no request can speak for one. */
function ownerOf(actor: Actor) {
  return { api_key_id: actor.api_key_id, run_id: null }
}

async function requireOwnId(host: Host, actor: Actor, id: string): Promise<void> {
  if (!(await isOwnLockId(actor.team_id, id, host.ports))) throw fault('not_found', `there is no lock \`${id}\``)
}

function refusalOf(refused: LeaseAnswer) {
  return faultOfLease(refused) ?? fault('lock_lost', 'the request was taken back while it waited')
}
