// Who may go: what stands in the way of a request, and what it gets when nothing does.
import { LOCK_HOLDS_MAX, TEAM_HOLDS_MAX, type LeaseAnswer, type LockRival } from './lease_event.ts'
import { valueAt } from './lease_index.ts'
import {
  addLock,
  doExclude,
  holdCount,
  lockOfRun,
  rivalOf,
  type Hold,
  type LeaseDraft,
  type Lock,
  type Waiter,
  type Want
} from './lease_state.ts'
import { timeText } from './plain.ts'

/** A request, in the queue or not. */
export type Asked = Omit<Waiter, 'untilMs' | 'place'>

/** The lock, with fresh tokens for what is new in it. Call it when nothing stands in the way. */
export function grant(draft: LeaseDraft, asked: Asked, now: number): LeaseAnswer {
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
export function rivalTo(draft: LeaseDraft, asked: Asked, place: string | null): LockRival | null {
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
