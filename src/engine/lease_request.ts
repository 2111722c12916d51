// What callers send about locks, and what they are told: the shapes of `/locks`.
import * as z from 'zod'
import { fault, type Fault } from './fault.ts'
import { LOCK_RESOURCES_MAX, LOCK_TTL_MS_MAX, LOCK_WAIT_MS_MAX, lockedSentence, type LeaseAnswer } from './lease_event.ts'
import { fencingTokenOf } from './lease.ts'
import type { Lock, Waiter } from './lease_state.ts'
import { RESOURCE_LENGTH_MAX } from './lease_resource.ts'
import { timeText } from './plain.ts'

const TtlSeconds = z
  .int()
  .min(1)
  .max(LOCK_TTL_MS_MAX / 1000)

/** `POST /locks`. */
export const LockRequest = z.strictObject({
  resources: z.array(z.string().min(1).max(RESOURCE_LENGTH_MAX)).min(1).max(LOCK_RESOURCES_MAX),
  holder: z.string().min(1).max(128),
  mode: z.enum(['exclusive', 'shared']).default('exclusive'),
  ttl_seconds: TtlSeconds.default(60),
  wait_seconds: z
    .int()
    .min(0)
    .max(LOCK_WAIT_MS_MAX / 1000)
    .default(0)
})
export type LockRequest = z.infer<typeof LockRequest>

/** `POST /locks/{id}/break`. */
export const LockBreaking = z.strictObject({ reason: z.string().min(1).max(500).optional() })
export type LockBreaking = z.infer<typeof LockBreaking>

/** `PUT /locks/{id}`. */
export const LockRenewal = z.strictObject({ ttl_seconds: TtlSeconds.default(60) })
export type LockRenewal = z.infer<typeof LockRenewal>

/** A lock as its owner is told about it. `fencing_token` is the newest of its resources' tokens. */
export interface LockView {
  readonly lock_id: string
  readonly resources: readonly string[]
  readonly fencing_token: number
  readonly expires_at: string
}

/** What a lock is over, in the order it was taken. */
export function resourcesOf(lock: Lock): string[] {
  return lock.holds.map((hold) => hold.resource)
}

/** The answer to a lock that was taken or renewed. */
export function viewLock(lock: Lock): LockView {
  return {
    lock_id: lock.lock_id,
    resources: resourcesOf(lock),
    fencing_token: fencingTokenOf(lock),
    expires_at: timeText(lock.expiresAtMs)
  }
}

/** The same with whose it is, for `GET /locks`. */
export function listedLock(lock: Lock) {
  const { holder, owner, holds, acquiredAtMs } = lock
  return { ...viewLock(lock), holder, api_key_id: owner.api_key_id, run_id: owner.run_id, acquired_at: timeText(acquiredAtMs), holds }
}

/** A request in the queue, for `GET /locks/queue`. `place` counts from 1: who may pass nobody comes after all who were here first. */
export function listedWaiter({ holder, owner, wants, untilMs }: Waiter, index: number) {
  return {
    place: index + 1,
    holder,
    run_id: owner.run_id,
    resources: wants.map(({ resource }) => resource),
    waits_until: timeText(untilMs)
  }
}

/** The fault that a refusal is to an HTTP caller; null for what is no refusal. `locked` shows the rival beside its sentence. */
export function faultOfLease(answer: LeaseAnswer): Fault | null {
  if (answer.kind === 'locked') {
    const { resource, holder, run_id, expires_at } = answer.rival
    const sentence = lockedSentence(answer.rival)
    return fault('locked', answer.reason === 'queue_full' ? `${sentence}, and too many wait for locks already` : sentence, {
      shown: { resource, holder, run_id, expires_at }
    })
  }
  if (answer.kind === 'lost') return fault('lock_lost', 'this lock is not held any more: take it again and check what changed')
  if (answer.kind === 'not_owner') return fault('forbidden', 'this lock belongs to another key or run')
  if (answer.kind === 'full') return fault('too_many_locks', answer.detail)
  return null
}
