// A team's locks as a pure machine: all or nothing, leases, fencing tokens that only grow, a bounded first-come queue. No clock: `now` decides.
import { fault } from './fault.ts'
import {
  LOCK_QUEUE_MAX,
  LOCK_RESOURCES_MAX,
  LOCK_TTL_MS_MAX,
  LOCK_TTL_MS_MIN,
  LOCK_WAIT_MS_MAX,
  type LeaseAnswer,
  type LeaseEvent,
  type LeaseStep
} from './lease_event.ts'
import { grant, rivalTo } from './lease_grant.ts'
import { sizeOf, valueAt, valuesOf } from './lease_index.ts'
import { normaliseResource } from './lease_resource.ts'
import {
  addLock,
  addWaiter,
  dropLock,
  dropWaiter,
  extendLock,
  isSameOwner,
  lockOfRun,
  nextEnd,
  NO_LEASES,
  queueOf,
  type LeaseDraft,
  type LeaseState,
  type Lock,
  type Waiter,
  type Want
} from './lease_state.ts'

export { NO_LEASES, type Hold, type LeaseState, type Lock, type LockMode, type LockOwner, type Waiter, type Want } from './lease_state.ts'

/**
 * One step. What is over at `now` goes first, then the queue, then the event, then the queue again.
 *
 * - A request is granted whole or not at all, and only if nothing it wants is held by others or was wanted earlier by somebody still waiting;
 *   it may pass a waiter only where that one waits for this very run anyway.
 * - A run has one lock. Asking again adds to it and extends it: what it holds keeps its token, what is new (or was shared and becomes
 *   exclusive) gets a fresh one. A run that holds something never waits, and one that
 *   waits gets nothing else meanwhile: with all-or-nothing this leaves no cycle to deadlock in.
 * - Asking again under the same id for what was granted is answered as the first time, and changes nothing.
 * - A lease that is over is lost for good, even where nobody took its resources since.
 */
export function stepLeases(state: LeaseState, event: LeaseEvent, now: number): LeaseStep {
  const draft: LeaseDraft = { ...state, written: new Set(), removed: new Set(), freed: false }
  const woken: { lock_id: string; answer: LeaseAnswer }[] = []
  const wake = (waiter: Waiter, answer: LeaseAnswer) => {
    dropWaiter(draft, waiter)
    woken.push({ lock_id: waiter.lock_id, answer })
  }
  endWhatIsOver(draft, now, wake)
  serveQueue(draft, now, wake)
  const answer = answerTo(draft, event, now, wake)
  serveQueue(draft, now, wake)
  const { fence, place, locks, runs, holds, waiters, wants, ends } = draft
  const written = [...draft.written].flatMap((id) => valueAt(locks, id) ?? [])
  const removed = [...draft.removed].filter((id) => valueAt(locks, id) === undefined && valueAt(state.locks, id) !== undefined)
  return { state: { fence, place, locks, runs, holds, waiters, wants, ends }, answer, woken, written, removed }
}

/** When something ends by itself next: an alarm then is enough. Null = nothing is held, nobody waits. */
export function nextLeaseAlarm(state: LeaseState): number | null {
  return nextEnd(state)?.atMs ?? null
}

/** The state again from what was stored. Nobody waits in it: requests die with the host that answered them. */
export function restoreLeases(fence: number, locks: Iterable<Lock>): LeaseState {
  const draft: LeaseDraft = { ...NO_LEASES, fence, written: new Set(), removed: new Set(), freed: false }
  for (const lock of locks) {
    addLock(draft, lock)
    for (const hold of lock.holds) draft.fence = Math.max(draft.fence, hold.fencing_token)
  }
  const { written: _written, removed: _removed, freed: _freed, ...state } = draft
  return state
}

/** The locks that live at `now`, by id, after the id `after`. */
export function listLocks(state: LeaseState, now: number, after: string | null = null, limit = Number.POSITIVE_INFINITY): Lock[] {
  return valuesOf(state.locks, after)
    .filter((lock) => lock.expiresAtMs > now)
    .slice(0, limit)
}

/** Who still waits at `now`, the longest waiting first: those whose time is over are told so by the next step, and are not in line any more. */
export function listWaiters(state: LeaseState, now: number): Waiter[] {
  return queueOf(state).filter((waiter) => waiter.untilMs > now)
}

/** The newest of a lock's tokens, the one that `POST /locks` answers. */
export function fencingTokenOf(lock: Lock): number {
  return Math.max(...lock.holds.map((hold) => hold.fencing_token))
}

type Wake = (waiter: Waiter, answer: LeaseAnswer) => void

/** In the order of time, so that a late alarm answers as a punctual one: who could have gone before its wait was over, goes. */
function endWhatIsOver(draft: LeaseDraft, now: number, wake: Wake): void {
  for (let end = nextEnd(draft); end !== null && end.atMs <= now; end = nextEnd(draft)) {
    if (end.kind === 'lock') {
      dropLock(draft, end.id)
      continue
    }
    serveQueue(draft, now, wake)
    const waiter = valueAt(draft.waiters, end.id)
    if (waiter === undefined) continue
    const rival = rivalTo(draft, waiter, waiter.place)
    wake(waiter, rival === null ? grant(draft, waiter, now) : { kind: 'locked', rival, reason: 'waited' })
  }
}

/** In the order they came: who can go, goes; who cannot, keeps what it wants from everybody behind. */
function serveQueue(draft: LeaseDraft, now: number, wake: Wake): void {
  if (!draft.freed) return
  draft.freed = false
  for (const waiter of queueOf(draft)) {
    if (rivalTo(draft, waiter, waiter.place) === null) wake(waiter, grant(draft, waiter, now))
  }
  // INVARIANT: one pass is enough. A grant frees nothing, and who leaves the queue only ever stood in the way of those behind.
  draft.freed = false
}

function answerTo(draft: LeaseDraft, event: LeaseEvent, now: number, wake: Wake): LeaseAnswer {
  if (event.type === 'tick') return { kind: 'passed' }
  if (event.type === 'acquire') return acquire(draft, event, now)
  const lock = valueAt(draft.locks, event.lock_id)
  if (event.type === 'break') {
    if (lock === undefined) return { kind: 'lost' }
    dropLock(draft, lock.lock_id)
    return { kind: 'broken', lock }
  }
  if (event.type === 'renew') {
    if (lock === undefined) return { kind: 'lost' }
    if (!isSameOwner(lock.owner, event.owner)) return { kind: 'not_owner' }
    return { kind: 'renewed', lock: extendLock(draft, lock, now + checkedTtl(event.ttlMs)) }
  }
  const held = lock ?? queueOf(draft).find((waiter) => waiter.lock_id === event.lock_id)
  if (held === undefined) return { kind: 'released' }
  if (!isSameOwner(held.owner, event.owner)) return { kind: 'not_owner' }
  if ('place' in held) wake(held, { kind: 'cancelled' })
  else dropLock(draft, held.lock_id)
  return { kind: 'released' }
}

function acquire(draft: LeaseDraft, event: Extract<LeaseEvent, { type: 'acquire' }>, now: number): LeaseAnswer {
  const { lock_id, owner, holder, waitMs } = event
  if (!(waitMs >= 0 && waitMs <= LOCK_WAIT_MS_MAX))
    throw fault('invalid', `a lock is waited for at most ${LOCK_WAIT_MS_MAX / 1000} seconds`)
  const request = { lock_id, owner, holder, wants: checkedWants(event.wants), ttlMs: checkedTtl(event.ttlMs) }
  const known = valueAt(draft.locks, lock_id)
  if (known !== undefined) return grantedBefore(known, request)
  if (queueOf(draft).some((waiter) => waiter.lock_id === lock_id)) throw fault('already_exists', 'this request waits for its lock already')
  // INVARIANT: a run either holds or waits. Holding one thing while waiting for another is how deadlocks begin.
  const queued = owner.run_id === null ? undefined : queueOf(draft).find((waiter) => isSameOwner(waiter.owner, owner))
  const rival = rivalTo(draft, queued ?? request, queued?.place ?? null)
  if (rival === null) return grant(draft, request, now)
  if (waitMs === 0 || queued !== undefined || lockOfRun(draft, owner) !== undefined) return { kind: 'locked', rival, reason: 'held' }
  if (sizeOf(draft.waiters) >= LOCK_QUEUE_MAX) return { kind: 'locked', rival, reason: 'queue_full' }
  return { kind: 'waiting', untilMs: addWaiter(draft, { ...request, untilMs: now + waitMs }).untilMs }
}

/** The answer that a request got whose caller did not hear it. Throws `already_exists` where the id is another request's. */
function grantedBefore(lock: Lock, { owner, wants }: Pick<Lock, 'owner'> & { readonly wants: readonly Want[] }): LeaseAnswer {
  const holds = wants.map((want) => lock.holds.find((hold) => hold.resource === want.resource && hold.mode === want.mode))
  if (isSameOwner(lock.owner, owner) && holds.every((hold) => hold !== undefined)) return { kind: 'granted', lock, holds }
  throw fault('already_exists', 'a lock with this id exists already')
}

function checkedTtl(ttlMs: number): number {
  if (ttlMs >= LOCK_TTL_MS_MIN && ttlMs <= LOCK_TTL_MS_MAX) return ttlMs
  throw fault('invalid', `a lock lasts ${LOCK_TTL_MS_MIN / 1000} to ${LOCK_TTL_MS_MAX / 1000} seconds`)
}

/** Canonical, each resource once; where it was asked for both ways, exclusively. */
function checkedWants(wants: readonly Want[]): Want[] {
  if (wants.length === 0 || wants.length > LOCK_RESOURCES_MAX) throw fault('invalid', `a lock is over 1 to ${LOCK_RESOURCES_MAX} resources`)
  const asked = new Map<string, Want>()
  for (const [index, { resource, mode }] of wants.entries()) {
    const path = normaliseResource(resource, `/resources/${index}`)
    asked.set(path, { resource: path, mode: asked.get(path)?.mode === 'exclusive' ? 'exclusive' : mode })
  }
  return [...asked.values()]
}
