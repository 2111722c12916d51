import { describe, expect, test } from 'vitest'
import { fencingTokenOf, listLocks, nextLeaseAlarm, restoreLeases, stepLeases } from '../../src/engine/lease.ts'
import { lockedSentence } from '../../src/engine/lease_event.ts'
import type { LockMode } from '../../src/engine/lease_state.ts'
import { granted, T, table } from './lease_samples.ts'

describe('who excludes whom', () => {
  test.each<[string, LockMode, string, LockMode, boolean]>([
    ['a/b', 'exclusive', 'a/b', 'exclusive', true],
    ['a/b', 'exclusive', 'a', 'exclusive', true],
    ['a', 'exclusive', 'a/b/c', 'exclusive', true],
    ['a', 'shared', 'a/b', 'shared', false],
    ['a', 'shared', 'a/b', 'exclusive', true],
    ['a/b', 'exclusive', 'a', 'shared', true],
    ['a/b', 'exclusive', 'a/c', 'exclusive', false],
    ['a/b', 'exclusive', 'a/bc', 'exclusive', false],
    ['a/b', 'exclusive', 'a/b-c', 'exclusive', false],
    ['a', 'exclusive', 'a0', 'exclusive', false],
    ['a/b', 'exclusive', 'a/%62', 'exclusive', true],
    ['a/%c3%a9', 'exclusive', 'a/é', 'exclusive', true]
  ])('%s %s, then %s %s: excluded %s', (first, firstMode, second, secondMode, excluded) => {
    const { acquire } = table()
    granted(acquire('r1', first, { mode: firstMode }))
    expect(acquire('r2', second, { mode: secondMode }).kind).toBe(excluded ? 'locked' : 'granted')
  })

  test('two requests of one key without a run exclude each other', () => {
    const { acquire } = table()
    granted(acquire(null, 'a'))
    expect(acquire(null, 'a').kind).toBe('locked')
  })

  test('the same run id under another key is another owner', () => {
    const { acquire } = table()
    granted(acquire('r1', 'a', { key: 'k1' }))
    expect(acquire('r1', 'a', { key: 'k2' }).kind).toBe('locked')
  })

  test('a request that cannot have everything takes nothing', () => {
    const { acquire } = table()
    granted(acquire('r1', 'b'))
    expect(acquire('r2', ['a', 'b', 'c']).kind).toBe('locked')
    expect(acquire('r3', ['a', 'c']).kind).toBe('granted')
  })

  test('the loser is told who holds what until when', () => {
    const { acquire } = table()
    granted(acquire('0198-xyz', 'github/acme/app/branch/main'))
    const answer = acquire('r2', 'github/acme/app')
    if (answer.kind !== 'locked') throw new Error('expected to be refused')
    expect(answer.rival).toEqual({
      resource: 'github/acme/app/branch/main',
      holder: 'agent-0198-xyz',
      run_id: '0198-xyz',
      expires_at: '2026-03-01T04:31:00.000Z',
      isPromised: false
    })
    expect(lockedSentence(answer.rival)).toBe(
      'resource `github/acme/app/branch/main` locked by agent-0198-xyz run 0198-xyz until 2026-03-01T04:31:00.000Z'
    )
  })

  test('a holder that names itself with hidden characters is shown with them', () => {
    expect(lockedSentence({ resource: 'a', holder: 'ad\u202emin', run_id: null, expires_at: 'x', isPromised: false })).toBe(
      'resource `a` locked by ad⟨U+202E⟩min until x'
    )
  })
})

describe('time', () => {
  test('a lease is held until the millisecond before its end, and not in it', () => {
    const { acquire } = table()
    granted(acquire('r1', 'a', { ttl: 5_000 }))
    expect(acquire('r2', 'a', { at: 4_999 }).kind).toBe('locked')
    expect(acquire('r2', 'a', { at: 5_000 }).kind).toBe('granted')
  })

  test('a lease that is over cannot be renewed, though nobody took its place', () => {
    const { acquire, send, owner } = table()
    const { lock } = granted(acquire('r1', 'a', { ttl: 5_000 }))
    expect(send({ type: 'renew', lock_id: lock.lock_id, owner: owner('r1'), ttlMs: 5_000 }, 5_000)).toEqual({ kind: 'lost' })
  })

  test('a renewed lease ends its time after the renewal', () => {
    const { acquire, send, owner } = table()
    const { lock } = granted(acquire('r1', 'a', { ttl: 5_000 }))
    expect(send({ type: 'renew', lock_id: lock.lock_id, owner: owner('r1'), ttlMs: 5_000 }, 4_999).kind).toBe('renewed')
    expect(acquire('r2', 'a', { at: 9_998 }).kind).toBe('locked')
    expect(acquire('r2', 'a', { at: 9_999 }).kind).toBe('granted')
  })

  test('a list shows only what lives at that moment', () => {
    const { acquire, state } = table()
    granted(acquire('r1', 'a', { ttl: 5_000 }))
    granted(acquire('r2', 'b', { ttl: 6_000 }))
    expect(listLocks(state(), T + 5_000).map((lock) => lock.owner.run_id)).toEqual(['r2'])
    expect(listLocks(state(), T, 'lock-1', 1).map((lock) => lock.lock_id)).toEqual(['lock-2'])
  })

  test('the alarm is set for whatever ends first, and for nothing when nothing is held', () => {
    const { acquire, send, owner, state } = table()
    expect(nextLeaseAlarm(state())).toBeNull()
    const { lock } = granted(acquire('r1', 'a', { ttl: 60_000 }))
    acquire('r2', 'a', { wait: 10_000 })
    expect(nextLeaseAlarm(state())).toBe(T + 10_000)
    send({ type: 'tick' }, 10_000)
    expect(nextLeaseAlarm(state())).toBe(T + 60_000)
    send({ type: 'release', lock_id: lock.lock_id, owner: owner('r1') }, 11_000)
    expect(nextLeaseAlarm(state())).toBeNull()
  })

  test('an alarm that comes late answers those who waited as a punctual one would have', () => {
    const { acquire, send, woken } = table()
    granted(acquire('r1', 'a', { ttl: 5_000 }))
    acquire('r2', 'a', { wait: 6_000, id: 'second' })
    acquire('r3', 'a', { wait: 4_000, id: 'third' })
    send({ type: 'tick' }, 30_000)
    expect(woken.map(({ lock_id, answer }) => [lock_id, answer.kind])).toEqual([
      ['third', 'locked'],
      ['second', 'granted']
    ])
  })
})

describe('fencing tokens', () => {
  test('a token is never used again: not after release, expiry, a break, nor a restart of the host', () => {
    const { acquire, send, owner, state } = table()
    const first = granted(acquire('r1', 'a', { ttl: 5_000 }))
    const second = granted(acquire('r2', 'a', { at: 5_000 }))
    send({ type: 'break', lock_id: second.lock.lock_id }, 5_001)
    const third = granted(acquire('r3', 'a', { at: 5_002 }))
    send({ type: 'release', lock_id: third.lock.lock_id, owner: owner('r3') }, 5_003)
    const restored = restoreLeases(state().fence, listLocks(state(), T))
    const step = stepLeases(
      restored,
      {
        type: 'acquire',
        lock_id: 'after',
        owner: owner('r4'),
        holder: 'x',
        wants: [{ resource: 'z', mode: 'exclusive' }],
        ttlMs: 1_000,
        waitMs: 0
      },
      T + 5_004
    )
    const tokens = [first, second, third, granted(step.answer)].map(({ lock }) => fencingTokenOf(lock))
    expect(tokens).toEqual([1, 2, 3, 4])
  })

  test('a run that asks again keeps its token for what it holds and gets a fresh one for what is new', () => {
    const { acquire, state } = table()
    const first = granted(acquire('r1', 'a'))
    granted(acquire('r2', 'z'))
    const again = granted(acquire('r1', ['a', 'b'], { at: 1_000 }))
    expect(again.holds).toEqual([
      { resource: 'a', mode: 'exclusive', fencing_token: 1 },
      { resource: 'b', mode: 'exclusive', fencing_token: 3 }
    ])
    expect(again.lock.lock_id).toBe(first.lock.lock_id)
    expect(again.lock.expiresAtMs).toBe(T + 61_000)
    expect(listLocks(state(), T)).toHaveLength(2)
  })

  test('asking again for less time does not shorten the lease', () => {
    const { acquire } = table()
    granted(acquire('r1', 'a', { ttl: 60_000 }))
    expect(granted(acquire('r1', 'a', { ttl: 1_000 })).lock.expiresAtMs).toBe(T + 60_000)
  })

  test('a shared hold that becomes exclusive gets a fresh token, and only when no other shares it', () => {
    const { acquire, send, owner } = table()
    granted(acquire('r1', 'a', { mode: 'shared' }))
    const other = granted(acquire('r2', 'a', { mode: 'shared' }))
    expect(acquire('r1', 'a').kind).toBe('locked')
    send({ type: 'release', lock_id: other.lock.lock_id, owner: owner('r2') })
    expect(granted(acquire('r1', 'a')).holds).toEqual([{ resource: 'a', mode: 'exclusive', fencing_token: 3 }])
  })
})

describe('ownership', () => {
  test('nobody renews or releases the lock of another key, nor a key without the run a lock of its run', () => {
    const { acquire, send, owner } = table()
    const { lock } = granted(acquire('r1', 'a'))
    for (const thief of [owner('r1', 'other'), owner('r2'), owner(null)]) {
      expect(send({ type: 'renew', lock_id: lock.lock_id, owner: thief, ttlMs: 1_000 }).kind).toBe('not_owner')
      expect(send({ type: 'release', lock_id: lock.lock_id, owner: thief }).kind).toBe('not_owner')
    }
    expect(acquire('r2', 'a').kind).toBe('locked')
  })

  test('a release may be repeated', () => {
    const { acquire, send, owner } = table()
    const { lock } = granted(acquire('r1', 'a'))
    for (let i = 0; i < 3; i++) expect(send({ type: 'release', lock_id: lock.lock_id, owner: owner('r1') })).toEqual({ kind: 'released' })
  })

  test('a break tells what was broken, its owner then has lost it, and the next in the queue goes', () => {
    const { acquire, send, owner, woken } = table()
    const { lock } = granted(acquire('r1', ['a', 'b']))
    acquire('r2', 'a', { wait: 10_000, id: 'next' })
    expect(send({ type: 'break', lock_id: lock.lock_id }, 1_000)).toEqual({ kind: 'broken', lock })
    expect(woken.map(({ lock_id, answer }) => [lock_id, answer.kind])).toEqual([['next', 'granted']])
    expect(send({ type: 'renew', lock_id: lock.lock_id, owner: owner('r1'), ttlMs: 1_000 }, 1_000).kind).toBe('lost')
    expect(send({ type: 'break', lock_id: lock.lock_id }, 1_000).kind).toBe('lost')
  })
})
