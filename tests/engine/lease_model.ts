// The lock rules written down a second time, slowly: plain lists, every pair compared, segments instead of texts. For tests to hold the machine to.
import type { LockOwner, Want } from '../../src/engine/lease.ts'
import type { LeaseEvent } from '../../src/engine/lease_event.ts'

export interface ModelLock {
  id: string
  owner: LockOwner
  holds: { resource: string; mode: string; token: number }[]
  expires: number
}
interface ModelWaiter {
  id: string
  owner: LockOwner
  wants: readonly Want[]
  ttl: number
  until: number
}
/** `token` is the newest of those asked for. */
export interface ModelAnswer {
  kind: string
  token?: number
}

const same = (a: LockOwner, b: LockOwner) => a.api_key_id === b.api_key_id && a.run_id === b.run_id
const sameRun = (a: LockOwner, b: LockOwner) => a.run_id !== null && same(a, b)

/** Whether two wishes exclude each other: one a prefix of the other, segment by segment, and not both shared. */
export function exclude(a: { resource: string; mode: string }, b: { resource: string; mode: string }): boolean {
  if (a.mode === 'shared' && b.mode === 'shared') return false
  const left = a.resource.split('/')
  const right = b.resource.split('/')
  return left.slice(0, right.length).every((segment, index) => segment === right[index])
}

export function leaseModel() {
  let locks: ModelLock[] = []
  let queue: ModelWaiter[] = []
  let fence = 0
  const conflicts = (wants: readonly Want[], others: readonly { resource: string; mode: string }[]) =>
    wants.some((want) => others.some((other) => exclude(want, other)))
  const lockOf = (owner: LockOwner) => locks.find((lock) => sameRun(lock.owner, owner))

  const isFree = (owner: LockOwner, wants: readonly Want[], ahead: readonly ModelWaiter[]): boolean => {
    const own = lockOf(owner)
    if (locks.some((lock) => lock !== own && conflicts(wants, lock.holds))) return false
    return !ahead.some((waiter) => conflicts(wants, waiter.wants) && !(own && conflicts(waiter.wants, own.holds)))
  }

  const grant = (asked: { id: string; owner: LockOwner; wants: readonly Want[]; ttl: number }, now: number): ModelAnswer => {
    let lock = lockOf(asked.owner)
    if (lock === undefined) locks.push((lock = { id: asked.id, owner: asked.owner, holds: [], expires: 0 }))
    lock.expires = Math.max(lock.expires, now + asked.ttl)
    const { holds } = lock
    const fresh = asked.wants.filter(
      (want) => !holds.some((hold) => hold.resource === want.resource && (hold.mode === 'exclusive' || want.mode === 'shared'))
    )
    if (fresh.length > 0) fence++
    for (const want of fresh) {
      const hold = holds.find((one) => one.resource === want.resource)
      if (hold) Object.assign(hold, { mode: want.mode, token: fence })
      else holds.push({ ...want, token: fence })
    }
    return { kind: 'granted', token: Math.max(...asked.wants.map((want) => holds.find((hold) => hold.resource === want.resource)!.token)) }
  }

  const serve = (now: number, woken: [string, ModelAnswer][]) => {
    for (const waiter of queue) {
      const ahead = queue.slice(0, queue.indexOf(waiter))
      if (!isFree(waiter.owner, waiter.wants, ahead)) continue
      queue = queue.filter((one) => one !== waiter)
      woken.push([waiter.id, grant(waiter, now)])
    }
  }

  const pass = (now: number, woken: [string, ModelAnswer][]) => {
    for (;;) {
      const lockEnd = Math.min(...locks.map((lock) => lock.expires))
      const waitEnd = Math.min(...queue.map((waiter) => waiter.until))
      if (Math.min(lockEnd, waitEnd) > now) break
      if (lockEnd <= waitEnd) locks = locks.filter((lock) => lock.expires !== lockEnd)
      else {
        serve(now, woken)
        const over = queue.find((waiter) => waiter.until === waitEnd)
        if (over === undefined) continue
        queue = queue.filter((waiter) => waiter !== over)
        woken.push([over.id, { kind: 'locked' }])
      }
    }
    serve(now, woken)
  }

  const answer = (event: LeaseEvent, now: number, woken: [string, ModelAnswer][]): ModelAnswer => {
    if (event.type === 'tick') return { kind: 'passed' }
    const lock = locks.find((one) => one.id === event.lock_id)
    const drop = () => (locks = locks.filter((one) => one !== lock))
    if (event.type === 'acquire') {
      const asked = { id: event.lock_id, owner: event.owner, wants: event.wants, ttl: event.ttlMs }
      if (queue.some((waiter) => sameRun(waiter.owner, event.owner))) return { kind: 'locked' }
      if (isFree(event.owner, event.wants, queue)) return grant(asked, now)
      if (event.waitMs === 0 || lockOf(event.owner)) return { kind: 'locked' }
      queue.push({ ...asked, until: now + event.waitMs })
      return { kind: 'waiting' }
    }
    if (event.type === 'break') return lock ? (drop(), { kind: 'broken' }) : { kind: 'lost' }
    const waiter = queue.find((one) => one.id === event.lock_id)
    const owner = lock?.owner ?? (event.type === 'release' ? waiter?.owner : undefined)
    if (owner === undefined) return { kind: event.type === 'renew' ? 'lost' : 'released' }
    if (!same(owner, event.owner)) return { kind: 'not_owner' }
    if (event.type === 'renew') {
      lock!.expires = now + event.ttlMs
      return { kind: 'renewed' }
    }
    if (lock) drop()
    else {
      queue = queue.filter((one) => one !== waiter)
      woken.push([waiter!.id, { kind: 'cancelled' }])
    }
    return { kind: 'released' }
  }

  return {
    step(event: LeaseEvent, now: number) {
      const woken: [string, ModelAnswer][] = []
      pass(now, woken)
      const direct = answer(event, now, woken)
      serve(now, woken)
      return { answer: direct, woken }
    },
    locks: () => locks,
    queue: () => queue
  }
}
