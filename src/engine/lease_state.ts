// What a team's locks are made of, and the four changes they know; everything indexed, so that nothing is ever scanned whole.
import { firstBetween, firstOf, sizeOf, valueAt, valuesOf, withKey, withoutKey, type Ordered } from './lease_index.ts'
import { areRelated, pathsTo } from './lease_resource.ts'

export type LockMode = 'shared' | 'exclusive'

/** Whose a lock is. Without a run each lock stands alone: two agents with one key exclude each other. */
export interface LockOwner {
  readonly api_key_id: string
  readonly run_id: string | null
}

export interface Want {
  readonly resource: string
  readonly mode: LockMode
}

/** One resource of a lock, with the token that was drawn when it was taken in this mode. */
export interface Hold extends Want {
  readonly fencing_token: number
}

/** A lease over some resources, taken together. It is over once `now` reaches `expiresAtMs`. */
export interface Lock {
  readonly lock_id: string
  readonly owner: LockOwner
  /** What the owner calls itself: shown, never trusted. */
  readonly holder: string
  readonly holds: readonly Hold[]
  readonly acquiredAtMs: number
  readonly expiresAtMs: number
}

/** A request in the queue. It is over once `now` reaches `untilMs`. */
export interface Waiter {
  readonly lock_id: string
  readonly owner: LockOwner
  readonly holder: string
  readonly wants: readonly Want[]
  readonly ttlMs: number
  readonly untilMs: number
  readonly place: string
}

/** Where a hold or a wish points: `id` is a lock's id, or a waiter's place. */
interface Mark {
  readonly id: string
  readonly resource: string
}

/** All locks of a team. JSON, and never changed in place. */
export interface LeaseState {
  /** The last fencing token drawn. INVARIANT: it never shrinks, whatever becomes of the locks. */
  readonly fence: number
  /** The last place given out in the queue. */
  readonly place: number
  readonly locks: Ordered<Lock>
  /** The lock of each run: a run has one at most. */
  readonly runs: Ordered<string>
  readonly holds: Ordered<Mark>
  readonly waiters: Ordered<Waiter>
  readonly wants: Ordered<Mark>
  /** Everything that ends by itself, the soonest first. */
  readonly ends: Ordered<End>
}

interface End {
  readonly atMs: number
  readonly kind: 'lock' | 'waiter'
  readonly id: string
}

/** A state under change within one step. */
export type LeaseDraft = { -readonly [K in keyof LeaseState]: LeaseState[K] } & {
  readonly written: Set<string>
  readonly removed: Set<string>
  /** Whether somebody in the queue may have become free to go. */
  freed: boolean
}

export const NO_LEASES: LeaseState = { fence: 0, place: 0, locks: null, runs: null, holds: null, waiters: null, wants: null, ends: null }

/** The run's name in the index; null for an owner without a run. */
export function runKey(owner: LockOwner): string | null {
  return owner.run_id === null ? null : `${owner.run_id}\0${owner.api_key_id}`
}

/** Whether both are the same key in the same run, or the same key without one. */
export function isSameOwner(a: LockOwner, b: LockOwner): boolean {
  return a.api_key_id === b.api_key_id && a.run_id === b.run_id
}

/** The one lock of a run; undefined for owners without one. */
export function lockOfRun(state: LeaseState | LeaseDraft, owner: LockOwner): Lock | undefined {
  const key = runKey(owner)
  const id = key === null ? undefined : valueAt(state.runs, key)
  return id === undefined ? undefined : valueAt(state.locks, id)
}

/** Puts a lock in, in the place of the one with its id. */
export function addLock(draft: LeaseDraft, lock: Lock): void {
  dropLock(draft, lock.lock_id)
  const run = runKey(lock.owner)
  draft.locks = withKey(draft.locks, lock.lock_id, lock)
  if (run !== null) draft.runs = withKey(draft.runs, run, lock.lock_id)
  for (const hold of lock.holds)
    draft.holds = withKey(draft.holds, markKey(hold, lock.lock_id), { id: lock.lock_id, resource: hold.resource })
  draft.ends = withKey(draft.ends, endKey(lock.expiresAtMs, 'lock', lock.lock_id), {
    atMs: lock.expiresAtMs,
    kind: 'lock',
    id: lock.lock_id
  })
  draft.written.add(lock.lock_id)
}

/** Takes a lock out, and gives it where it was there. */
export function dropLock(draft: LeaseDraft, id: string): Lock | undefined {
  const lock = valueAt(draft.locks, id)
  if (lock === undefined) return undefined
  const run = runKey(lock.owner)
  draft.locks = withoutKey(draft.locks, id)
  if (run !== null) draft.runs = withoutKey(draft.runs, run)
  for (const hold of lock.holds) draft.holds = withoutKey(draft.holds, markKey(hold, id))
  draft.ends = withoutKey(draft.ends, endKey(lock.expiresAtMs, 'lock', id))
  draft.removed.add(id)
  draft.freed = true
  return lock
}

/** Changes nothing but when a lock ends. */
export function extendLock(draft: LeaseDraft, lock: Lock, expiresAtMs: number): Lock {
  const extended = { ...lock, expiresAtMs }
  draft.locks = withKey(draft.locks, lock.lock_id, extended)
  draft.ends = withoutKey(draft.ends, endKey(lock.expiresAtMs, 'lock', lock.lock_id))
  draft.ends = withKey(draft.ends, endKey(expiresAtMs, 'lock', lock.lock_id), { atMs: expiresAtMs, kind: 'lock', id: lock.lock_id })
  draft.written.add(lock.lock_id)
  return extended
}

/** Puts a request at the end of the queue. */
export function addWaiter(draft: LeaseDraft, given: Omit<Waiter, 'place'>): Waiter {
  const place = sortable(++draft.place)
  const waiter = { ...given, place }
  draft.waiters = withKey(draft.waiters, place, waiter)
  for (const want of waiter.wants) draft.wants = withKey(draft.wants, markKey(want, place), { id: place, resource: want.resource })
  draft.ends = withKey(draft.ends, endKey(waiter.untilMs, 'waiter', place), { atMs: waiter.untilMs, kind: 'waiter', id: place })
  return waiter
}

/** Takes a request out of the queue. */
export function dropWaiter(draft: LeaseDraft, waiter: Waiter): void {
  draft.waiters = withoutKey(draft.waiters, waiter.place)
  for (const want of waiter.wants) draft.wants = withoutKey(draft.wants, markKey(want, waiter.place))
  draft.ends = withoutKey(draft.ends, endKey(waiter.untilMs, 'waiter', waiter.place))
  draft.freed = true
}

/** What ends next, if anything does. */
export function nextEnd(state: LeaseState | LeaseDraft): End | null {
  return firstOf(state.ends)?.value ?? null
}

/** The first mark on the resource, above it or below it, that excludes `want` and is accepted. Two shared ones never exclude each other. */
export function rivalOf(marks: Ordered<Mark>, want: Want, accepts: (mark: Mark) => boolean): Mark | undefined {
  const { resource } = want
  for (const mode of want.mode === 'exclusive' ? (['exclusive', 'shared'] as const) : (['exclusive'] as const)) {
    for (const path of pathsTo(resource)) {
      const above = firstBetween(marks, `${mode} ${path}\0`, `${mode} ${path}\x01`, accepts)
      if (above !== undefined) return above
    }
    // `0` is the character after `/`: the range holds exactly what is below the resource.
    const below = firstBetween(marks, `${mode} ${resource}/`, `${mode} ${resource}0`, accepts)
    if (below !== undefined) return below
  }
  return undefined
}

/** Whether the two cannot be held by two owners at once. */
export function doExclude(a: Want, b: Want): boolean {
  return (a.mode === 'exclusive' || b.mode === 'exclusive') && areRelated(a.resource, b.resource)
}

/** The queue, the longest waiting first. */
export function queueOf(state: LeaseState | LeaseDraft): Waiter[] {
  return valuesOf(state.waiters)
}

/** How many resources are held by anybody. */
export function holdCount(state: LeaseState | LeaseDraft): number {
  return sizeOf(state.holds)
}

function markKey(want: Want, id: string): string {
  return `${want.mode} ${want.resource}\0${id}`
}

function endKey(atMs: number, kind: End['kind'], id: string): string {
  return `${sortable(atMs)} ${kind} ${id}`
}

function sortable(count: number): string {
  return String(count).padStart(16, '0')
}
