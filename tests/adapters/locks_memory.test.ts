// The locks of one process: the port's promises, with a real timer for who waits.
import { expect, test } from 'vitest'
import { systemClock } from '../../src/adapters/clock/system.ts'
import { memoryLocks } from '../../src/adapters/locks/index.ts'
import type { LeaseAnswer, LeaseEvent, Lock, Locks } from '../../src/engine/index.ts'

let count = 0
function acquire(resource: string, more: Partial<Extract<LeaseEvent, { type: 'acquire' }>> = {}): Extract<LeaseEvent, { type: 'acquire' }> {
  const lock_id = `lock-${++count}`
  const wants = [{ resource, mode: 'exclusive' as const }]
  return { type: 'acquire', lock_id, owner: { api_key_id: 'key', run_id: null }, holder: lock_id, wants, ttlMs: 60_000, waitMs: 0, ...more }
}

function granted(answer: LeaseAnswer) {
  if (answer.kind !== 'granted') throw new Error(JSON.stringify(answer))
  return answer
}

const release = (locks: Locks, { lock_id, owner }: Pick<Lock, 'lock_id' | 'owner'>) =>
  locks.ask('acme', { type: 'release', lock_id, owner })

test('who waits is answered when the lock is released, in the order of asking, and when the wait is over', async () => {
  const locks = memoryLocks(systemClock)
  const first = acquire('a')
  granted(await locks.ask('acme', first))
  const second = acquire('a', { waitMs: 20_000 })
  const third = acquire('a', { waitMs: 30 })
  const waiting = locks.ask('acme', second)
  expect(await locks.ask('acme', third)).toMatchObject({ kind: 'locked', reason: 'waited', rival: { holder: first.holder } })
  await release(locks, first)
  expect(granted(await waiting).lock.lock_id).toBe(second.lock_id)
})

test('who waits is answered when the lease of whoever holds it is over', async () => {
  const locks = memoryLocks(systemClock)
  granted(await locks.ask('acme', acquire('a', { ttlMs: 1_000 })))
  const next = acquire('a', { waitMs: 20_000 })
  expect(granted(await locks.ask('acme', next)).lock.lock_id).toBe(next.lock_id)
})

test('teams do not see each other, and a fault rejects without a trace', async () => {
  const locks = memoryLocks(systemClock)
  granted(await locks.ask('acme', acquire('a')))
  granted(await locks.ask('rival', acquire('a')))
  await expect(locks.ask('acme', acquire('a/../b'))).rejects.toMatchObject({ code: 'invalid' })
  expect(await locks.ask('acme', acquire('a'))).toMatchObject({ kind: 'locked' })
})

test('the tokens of a process outrank those of the process before', async () => {
  let now = 1_000
  const tokenOf = async (locks: Locks) => granted(await locks.ask('acme', acquire(`r/${++count}`))).holds[0]!.fencing_token
  const before = memoryLocks({ now: () => now })
  const old = [await tokenOf(before), await tokenOf(before), await tokenOf(before)]
  now += 60_000
  expect(await tokenOf(memoryLocks({ now: () => now }))).toBeGreaterThan(Math.max(...old))
})

test('asking again under the same id is the same answer and changes nothing; for anything else the id is taken', async () => {
  const locks = memoryLocks(systemClock)
  const event = acquire('a')
  const first = granted(await locks.ask('acme', event))
  expect(await locks.ask('acme', event)).toEqual(first)
  for (const other of [
    { ...event, wants: [{ resource: 'b', mode: 'exclusive' as const }] },
    { ...event, wants: [{ resource: 'a', mode: 'shared' as const }] },
    { ...event, owner: { api_key_id: 'other', run_id: null } }
  ])
    await expect(locks.ask('acme', other)).rejects.toMatchObject({ code: 'already_exists' })
  const waiting = acquire('a', { waitMs: 20_000 })
  const answer = locks.ask('acme', waiting)
  await expect(locks.ask('acme', waiting)).rejects.toMatchObject({ code: 'already_exists' })
  await release(locks, event)
  expect(granted(await answer).lock.lock_id).toBe(waiting.lock_id)
})
