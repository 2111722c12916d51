// A team's locks as a pure machine: all or nothing, leases, fencing tokens that only grow, a bounded first-come queue. No clock: `now` decides.
import { fault } from './fault.ts'
import { sizeOf, valueAt, valuesOf } from './lease_index.ts'
import { normaliseResource } from './lease_resource.ts'
import {
  addLock,
  addWaiter,
  doExclude,
  dropLock,
  dropWaiter,
  extendLock,
  holdCount,
  isSameOwner,
  lockOfRun,
  nextEnd,
  NO_LEASES,
  queueOf,
  rivalOf,
  type Draft,
  type Hold,
  type LeaseState,
  type Lock,
  type LockOwner,
  type Waiter,
  type Want
} from './lease_state.ts'
import { timeText } from './plain.ts'
import { visible } from './visible.ts'

export { NO_LEASES, type Hold, type LeaseState, type Lock, type LockMode, type LockOwner, type Want } from './lease_state.ts'

export const LOCK_TTL_MS_MIN = 1_000
export const LOCK_TTL_MS_MAX = 600_000
export const LOCK_WAIT_MS_MAX = 55_000
/** Resources in one request, in one run's lock, in a team; requests that wait. */
export const LOCK_RESOURCES_MAX = 64
export const LOCK_HOLDS_MAX = 1_024
export const TEAM_HOLDS_MAX = 50_000
export const LOCK_QUEUE_MAX = 256

/** What can happen to a team's locks. `acquire.lock_id` is a fresh id: the request's, and the lock's unless its run has one already. */
export type LeaseEvent =
  | {
      readonly type: 'acquire'
      readonly lock_id: string
      readonly owner: LockOwner
      readonly holder: string
      readonly wants: readonly Want[]
      readonly ttlMs: number
      readonly waitMs: number
    }
  | { readonly type: 'renew'; readonly lock_id: string; readonly owner: LockOwner; readonly ttlMs: number }
  | { readonly type: 'release'; readonly lock_id: string; readonly owner: LockOwner }
  /** An admin's: whoever sends it has checked that. */
  | { readonly type: 'break'; readonly lock_id: string }
  /** The alarm: nothing but time passing. */
  | { readonly type: 'tick' }

/** Who stands in the way. `isPromised`: not held, but somebody who was here first waits for it. */
export interface LockRival {
  readonly resource: string
  readonly holder: string
  readonly run_id: string | null
  readonly expires_at: string
  readonly isPromised: boolean
}

/** `granted.holds` are the resources asked for, in the order asked, each with its token; `lock.holds` may be more. */
export type LeaseAnswer =
  | { readonly kind: 'granted'; readonly lock: Lock; readonly holds: readonly Hold[] }
  | { readonly kind: 'waiting'; readonly untilMs: number }
  | { readonly kind: 'locked'; readonly rival: LockRival; readonly reason: 'held' | 'queue_full' | 'waited' }
  | { readonly kind: 'full'; readonly detail: string }
  | { readonly kind: 'renewed'; readonly lock: Lock }
  | { readonly kind: 'released' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'broken'; readonly lock: Lock }
  | { readonly kind: 'lost' }
  | { readonly kind: 'not_owner' }
  | { readonly kind: 'passed' }

/** `woken` answers requests that had been told `waiting`, by their `lock_id`. `written` and `removed` are what storage must follow, with `state.fence`. */
export interface LeaseStep {
  readonly state: LeaseState
  readonly answer: LeaseAnswer
  readonly woken: readonly { readonly lock_id: string; readonly answer: LeaseAnswer }[]
  readonly written: readonly Lock[]
  readonly removed: readonly string[]
}

/**
 * One step. What is over at `now` goes first, then the queue, then the event, then the queue again.
 *
 * - A request is granted whole or not at all, and only if nothing it wants is held by others or was wanted earlier by somebody still waiting;
 *   it may pass a waiter only where that one waits for this very run anyway.
 * - A run has one lock. Asking again adds to it and extends it: what it holds keeps its token, what is new (or was shared and becomes
 *   exclusive) gets a fresh one. A run that holds something never waits, and one that
 *   waits gets nothing else meanwhile: with all-or-nothing this leaves no cycle to deadlock in.
 * - A lease that is over is lost for good, even where nobody took its resources since.
 */
export function stepLeases(state: LeaseState, event: LeaseEvent, now: number): LeaseStep {
  const draft: Draft = { ...state, written: new Set(), removed: new Set(), freed: false }
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
  const draft: Draft = { ...NO_LEASES, fence, written: new Set(), removed: new Set(), freed: false }
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

/** The newest of a lock's tokens, the one that `POST /locks` answers. */
export function fencingTokenOf(lock: Lock): number {
  return Math.max(...lock.holds.map((hold) => hold.fencing_token))
}

/** What the loser is told: ``resource `github/acme/app/branch/main` locked by agent-A run 0198… until 2026-03-01T04:30:00.000Z``. */
export function lockedSentence(rival: LockRival): string {
  const who = `${visible(rival.holder)}${rival.run_id === null ? '' : ` run ${rival.run_id}`}`
  return `resource \`${rival.resource}\` ${rival.isPromised ? 'promised to' : 'locked by'} ${who} until ${rival.expires_at}`
}

type Wake = (waiter: Waiter, answer: LeaseAnswer) => void

/** In the order of time, so that a late alarm answers as a punctual one: who could have gone before its wait was over, goes. */
function endWhatIsOver(draft: Draft, now: number, wake: Wake): void {
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
function serveQueue(draft: Draft, now: number, wake: Wake): void {
  if (!draft.freed) return
  draft.freed = false
  for (const waiter of queueOf(draft)) {
    if (rivalTo(draft, waiter, waiter.place) === null) wake(waiter, grant(draft, waiter, now))
  }
  // INVARIANT: one pass is enough. A grant frees nothing, and who leaves the queue only ever stood in the way of those behind.
  draft.freed = false
}

function answerTo(draft: Draft, event: LeaseEvent, now: number, wake: Wake): LeaseAnswer {
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

function acquire(draft: Draft, event: Extract<LeaseEvent, { type: 'acquire' }>, now: number): LeaseAnswer {
  const { lock_id, owner, holder, waitMs } = event
  if (valueAt(draft.locks, lock_id) !== undefined) throw fault('already_exists', 'a lock with this id exists already')
  if (!(waitMs >= 0 && waitMs <= LOCK_WAIT_MS_MAX)) throw fault('invalid', `a lock is waited for at most ${LOCK_WAIT_MS_MAX / 1000} seconds`)
  const request = { lock_id, owner, holder, wants: checkedWants(event.wants), ttlMs: checkedTtl(event.ttlMs) }
  // INVARIANT: a run either holds or waits. Holding one thing while waiting for another is how deadlocks begin.
  const queued = owner.run_id === null ? undefined : queueOf(draft).find((waiter) => isSameOwner(waiter.owner, owner))
  const rival = rivalTo(draft, queued ?? request, queued?.place ?? null)
  if (rival === null) return grant(draft, request, now)
  if (waitMs === 0 || queued !== undefined || lockOfRun(draft, owner) !== undefined) return { kind: 'locked', rival, reason: 'held' }
  if (sizeOf(draft.waiters) >= LOCK_QUEUE_MAX) return { kind: 'locked', rival, reason: 'queue_full' }
  return { kind: 'waiting', untilMs: addWaiter(draft, { ...request, untilMs: now + waitMs }).untilMs }
}

type Asked = Omit<Waiter, 'untilMs' | 'place'>

function grant(draft: Draft, asked: Asked, now: number): LeaseAnswer {
  const own = lockOfRun(draft, asked.owner)
  const holds = new Map((own?.holds ?? []).map((hold) => [hold.resource, hold]))
  const fresh = asked.wants.filter((want) => !covers(holds.get(want.resource), want))
  if (holds.size + fresh.length > LOCK_HOLDS_MAX) return { kind: 'full', detail: `a run locks at most ${LOCK_HOLDS_MAX} resources` }
  if (holdCount(draft) + fresh.length > TEAM_HOLDS_MAX)
    return { kind: 'full', detail: `a team locks at most ${TEAM_HOLDS_MAX} resources at a time` }
  if (fresh.length > 0) draft.fence++
  for (const want of fresh) holds.set(want.resource, { ...want, fencing_token: draft.fence })
  const expiresAtMs = now + asked.ttlMs
  const lock: Lock =
    own === undefined
      ? { lock_id: asked.lock_id, owner: asked.owner, holder: asked.holder, holds: [...holds.values()], acquiredAtMs: now, expiresAtMs }
      : { ...own, holds: [...holds.values()], expiresAtMs: Math.max(own.expiresAtMs, expiresAtMs) }
  const { freed } = draft
  addLock(draft, lock)
  // A lock that grew in place freed nothing.
  draft.freed = freed
  return { kind: 'granted', lock, holds: asked.wants.map((want) => holds.get(want.resource)!) }
}

function covers(hold: Hold | undefined, want: Want): boolean {
  return hold !== undefined && (hold.mode === 'exclusive' || want.mode === 'shared')
}

/** Who stands in the way: a holder, else somebody before `place` in the queue (null = at its end); null = nobody. */
function rivalTo(draft: Draft, asked: Asked, place: string | null): LockRival | null {
  const own = lockOfRun(draft, asked.owner)
  for (const want of asked.wants) {
    const mark = rivalOf(draft.holds, want, ({ id }) => id !== own?.lock_id)
    if (mark === undefined) continue
    const { holder, owner, expiresAtMs } = valueAt(draft.locks, mark.id)!
    return { resource: mark.resource, holder, run_id: owner.run_id, expires_at: timeText(expiresAtMs), isPromised: false }
  }
  const isAhead = (id: string) => (place === null || id < place) && !waitsFor(valueAt(draft.waiters, id)!, own)
  for (const want of asked.wants) {
    const mark = rivalOf(draft.wants, want, ({ id }) => isAhead(id))
    if (mark === undefined) continue
    const { holder, owner, untilMs } = valueAt(draft.waiters, mark.id)!
    return { resource: mark.resource, holder, run_id: owner.run_id, expires_at: timeText(untilMs), isPromised: true }
  }
  return null
}

/** Whether a waiter cannot go before this lock is gone: then passing it takes nothing from it. */
function waitsFor(waiter: Waiter, lock: Lock | undefined): boolean {
  return lock !== undefined && lock.holds.some((hold) => waiter.wants.some((want) => doExclude(hold, want)))
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
