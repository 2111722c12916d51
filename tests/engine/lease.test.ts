import { describe, expect, test } from 'vitest'
import {
  fencingTokenOf,
  listLocks,
  lockedSentence,
  LOCK_QUEUE_MAX,
  nextLeaseAlarm,
  NO_LEASES,
  restoreLeases,
  stepLeases,
  type LeaseAnswer,
  type LeaseEvent,
  type LeaseState,
  type LeaseStep,
  type LockMode
} from '../../src/engine/lease.ts'
import { faultOfLease, LockRequest, viewLock } from '../../src/engine/lease_request.ts'
import { normaliseResource } from '../../src/engine/lease_resource.ts'
import { seeded } from './seeded.ts'

const T = Date.parse('2026-03-01T04:30:00Z')

/** A table of locks that moves only when told: `at` is in milliseconds after T. */
function table() {
  let state: LeaseState = NO_LEASES
  let count = 0
  const woken: LeaseStep['woken'][number][] = []
  const send = (event: LeaseEvent, at = 0): LeaseAnswer => {
    const step = stepLeases(state, event, T + at)
    state = step.state
    woken.push(...step.woken)
    return step.answer
  }
  const owner = (run: string | null, key = 'key') => ({ api_key_id: key, run_id: run })
  const acquire = (
    run: string | null,
    resources: string | string[],
    more: { at?: number; ttl?: number; wait?: number; mode?: LockMode; id?: string; key?: string } = {}
  ) =>
    send(
      {
        type: 'acquire',
        lock_id: more.id ?? `lock-${++count}`,
        owner: owner(run, more.key),
        holder: `agent-${run ?? 'x'}`,
        wants: [resources].flat().map((resource) => ({ resource, mode: more.mode ?? 'exclusive' })),
        ttlMs: more.ttl ?? 60_000,
        waitMs: more.wait ?? 0
      },
      more.at
    )
  return { send, acquire, owner, woken, state: () => state }
}

function granted(answer: LeaseAnswer) {
  if (answer.kind !== 'granted') throw new Error(`expected a lock, got ${JSON.stringify(answer)}`)
  return answer
}

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

describe('the queue', () => {
  test('those who want the same go in the order they came', () => {
    const { acquire, send, owner, woken } = table()
    granted(acquire('r0', 'a', { id: 'w0' }))
    for (let i = 1; i <= 5; i++) expect(acquire(`r${i}`, 'a', { wait: 50_000, id: `w${i}` }).kind).toBe('waiting')
    for (let i = 0; i < 5; i++) send({ type: 'release', lock_id: `w${i}`, owner: owner(`r${i}`) }, i)
    expect(woken.map((one) => one.lock_id)).toEqual(['w1', 'w2', 'w3', 'w4', 'w5'])
  })

  test('who waits for the whole is not passed by an endless row of parts', () => {
    const { acquire, send, owner, woken } = table()
    granted(acquire('r0', 'a/0', { id: 'part-0' }))
    acquire('whole', 'a', { wait: 50_000, id: 'whole' })
    for (let i = 1; i < 20; i++) expect(acquire(`r${i}`, `a/${i}`, { at: i }).kind).toBe('locked')
    send({ type: 'release', lock_id: 'part-0', owner: owner('r0') }, 30)
    expect(woken.map((one) => [one.lock_id, one.answer.kind])).toEqual([['whole', 'granted']])
  })

  test('a newcomer who is held up by a wish alone is told whose', () => {
    const { acquire } = table()
    granted(acquire('r1', 'a/1'))
    acquire('r2', 'a', { wait: 10_000 })
    const answer = acquire('r3', 'a/2')
    expect(answer).toMatchObject({
      kind: 'locked',
      rival: { resource: 'a', run_id: 'r2', isPromised: true, expires_at: '2026-03-01T04:30:10.000Z' }
    })
  })

  test('a run may take more of what a waiter cannot have before the run is over anyway', () => {
    const { acquire } = table()
    granted(acquire('r1', 'a/1'))
    acquire('r2', 'a', { wait: 10_000 })
    expect(acquire('r1', 'a/2').kind).toBe('granted')
    expect(acquire('r1', 'z').kind).toBe('granted')
  })

  test('a run that holds something does not wait, and one that waits gets nothing else: there is no cycle to deadlock in', () => {
    const { acquire } = table()
    granted(acquire('r1', 'a'))
    granted(acquire('r2', 'b'))
    expect(acquire('r1', 'b', { wait: 10_000 }).kind).toBe('locked')
    expect(acquire('r3', 'a', { wait: 10_000 }).kind).toBe('waiting')
    expect(acquire('r3', 'c').kind).toBe('locked')
  })

  test('who gives up waiting leaves at once, and those behind move up', () => {
    const { acquire, send, owner, woken } = table()
    granted(acquire('r1', 'a/1'))
    acquire('r2', 'a', { wait: 50_000, id: 'gone' })
    acquire('r3', 'a/2', { wait: 50_000, id: 'behind' })
    expect(send({ type: 'release', lock_id: 'gone', owner: owner('r3') }).kind).toBe('not_owner')
    expect(send({ type: 'release', lock_id: 'gone', owner: owner('r2') }).kind).toBe('released')
    expect(woken.map((one) => [one.lock_id, one.answer.kind])).toEqual([
      ['gone', 'cancelled'],
      ['behind', 'granted']
    ])
  })

  test('it is bounded', () => {
    const { acquire } = table()
    granted(acquire('r', 'a'))
    for (let i = 0; i < LOCK_QUEUE_MAX; i++) acquire(`r${i}`, 'a', { wait: 1_000 })
    expect(acquire('late', 'a', { wait: 1_000 })).toMatchObject({ kind: 'locked', reason: 'queue_full' })
  })

  test('twenty runs that each want several of eight resources, in any order, all get their turn', () => {
    const dice = seeded(7)
    const { send, owner, woken } = table()
    const left = new Map(Array.from({ length: 20 }, (_, run) => [`r${run}`, 10]))
    const ends: { at: number; run: string; id: string }[] = []
    let at = 0
    const start = (run: string) => {
      const wants = Array.from({ length: 1 + dice.upTo(4) }, () => ({
        resource: `s/${dice.upTo(8)}`,
        mode: dice.oneOf(['shared', 'exclusive'] as const)
      }))
      const id = `${run}-${left.get(run)}`
      const answer = send({ type: 'acquire', lock_id: id, owner: owner(run), holder: run, wants, ttlMs: 60_000, waitMs: 55_000 }, at)
      if (answer.kind === 'granted') ends.push({ at: at + 1 + dice.upTo(50), run, id })
      else expect(answer.kind).toBe('waiting')
    }
    for (const run of left.keys()) start(run)
    while (ends.length > 0) {
      const { run, id, ...end } = ends.sort((a, b) => b.at - a.at).pop()!
      at = end.at
      send({ type: 'release', lock_id: id, owner: owner(run) }, at)
      for (const { lock_id, answer } of woken.splice(0)) {
        expect(answer.kind).toBe('granted')
        ends.push({ at: at + 1 + dice.upTo(50), run: lock_id.split('-')[0]!, id: lock_id })
      }
      left.set(run, left.get(run)! - 1)
      if (left.get(run)! > 0) start(run)
    }
    expect([...left.values()].every((count) => count === 0)).toBe(true)
  })
})

describe('resources', () => {
  test.each([
    ['github/acme/app', 'github/acme/app'],
    ['a/%41', 'a/A'],
    ['a/%c3%a9', 'a/%C3%A9'],
    ['a/é', 'a/%C3%A9'],
    ['a/b c', 'a/b%20c'],
    ['postgres/default/public/t/id=7', 'postgres/default/public/t/id=7'],
    ['a/x%3D7', 'a/x%3D7'],
    ['a/agent%2Fx', 'a/agent%2Fx'],
    ['a/%21', 'a/!'],
    ['a/💥', 'a/%F0%9F%92%A5']
  ])('`%s` is written `%s`, and so stays', (given, wanted) => {
    expect(normaliseResource(given)).toBe(wanted)
    expect(normaliseResource(wanted)).toBe(wanted)
  })

  test.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    'a/..',
    'a/%2e%2E/b',
    'a/%',
    'a/%2',
    'a/%zz',
    'a/%ff',
    'a/%c3',
    'a/\ud800',
    'x'.repeat(1_025),
    'é'.repeat(400),
    'a/'.repeat(32) + 'a'
  ])('`%s` is no resource, and the fault names the place', (given) => {
    expect(() => normaliseResource(given, '/resources/3')).toThrow(
      expect.objectContaining({ code: 'invalid', errors: [expect.objectContaining({ pointer: '/resources/3' })] })
    )
  })

  test.each([
    ['no resource', { wants: [] }],
    ['too many resources', { wants: Array.from({ length: 65 }, (_, i) => ({ resource: `a/${i}`, mode: 'exclusive' as const })) }],
    ['a lease too short', { ttlMs: 999 }],
    ['a lease too long', { ttlMs: 600_001 }],
    ['a lease that is no number', { ttlMs: Number.NaN }],
    ['a wait too long', { waitMs: 55_001 }],
    ['a wait that is no number', { waitMs: Number.NaN }]
  ])('%s is refused', (_what, more) => {
    const event: LeaseEvent = {
      type: 'acquire',
      lock_id: 'x',
      owner: { api_key_id: 'k', run_id: null },
      holder: 'h',
      wants: [{ resource: 'a', mode: 'exclusive' }],
      ttlMs: 1_000,
      waitMs: 0,
      ...more
    }
    expect(() => stepLeases(NO_LEASES, event, T)).toThrow(expect.objectContaining({ code: 'invalid' }))
  })
})

describe('ten thousand leases', () => {
  const locks = Array.from({ length: 10_000 }, (_, i) => ({
    lock_id: `lock-${i}`,
    owner: { api_key_id: 'key', run_id: `run-${i}` },
    holder: 'agent',
    holds: [{ resource: `postgres/default/public/customers/id=${i}`, mode: 'exclusive' as const, fencing_token: i + 1 }],
    acquiredAtMs: T,
    expiresAtMs: T + 60_000 + i
  }))
  const full = restoreLeases(10_000, locks)
  const step = (event: Partial<Extract<LeaseEvent, { type: 'acquire' }>>, state = full) =>
    stepLeases(
      state,
      {
        type: 'acquire',
        lock_id: 'new',
        owner: { api_key_id: 'key', run_id: 'new' },
        holder: 'h',
        wants: [],
        ttlMs: 1_000,
        waitMs: 0,
        ...event
      },
      T
    )

  test.each([
    ['a new row', 'postgres/default/public/customers/id=x', 'granted'],
    ['a row that is held', 'postgres/default/public/customers/id=5000', 'locked'],
    ['the whole table', 'postgres/default/public/customers', 'locked'],
    ['another table', 'postgres/default/public/orders', 'granted']
  ])('taking %s reads some hundred entries of the index, not all', (_what, resource, kind) => {
    let reads = 0
    const watch = <T extends object>(value: T): T =>
      new Proxy(value, {
        get(target, key) {
          const item: unknown = Reflect.get(target, key)
          if (key === 'key') reads++
          return typeof item === 'object' && item !== null ? watch(item) : item
        }
      })
    expect(step({ wants: [{ resource, mode: 'exclusive' }] }, watch(full)).answer.kind).toBe(kind)
    expect(reads).toBeLessThan(1_000)
  })

  test('what was before a step is left as it was', () => {
    const before = JSON.stringify(full)
    step({ wants: [{ resource: 'postgres/default/public/orders', mode: 'exclusive' }] })
    expect(JSON.stringify(full)).toBe(before)
  })

  test('all of them end when their time is over', () => {
    const { state, removed } = stepLeases(full, { type: 'tick' }, T + 60_000 + 9_998)
    expect(listLocks(state, 0).map((lock) => lock.lock_id)).toEqual(['lock-9999'])
    expect(removed).toHaveLength(9_999)
  })
})

describe('what callers send and are told', () => {
  test('a request has the contract’s defaults', () => {
    expect(LockRequest.parse({ resources: ['a'], holder: 'h' })).toEqual({
      resources: ['a'],
      holder: 'h',
      mode: 'exclusive',
      ttl_seconds: 60,
      wait_seconds: 0
    })
  })

  test.each([
    { resources: [] },
    { holder: '' },
    { ttl_seconds: 601 },
    { ttl_seconds: 0 },
    { wait_seconds: 56 },
    { wait_seconds: 1.5 },
    { run_id: 'mine' }
  ])('%j is no part of one', (more) => {
    expect(LockRequest.safeParse({ resources: ['a'], holder: 'h', ...more }).success).toBe(false)
  })

  test('a lock is told with its newest token and its end', () => {
    const { acquire } = table()
    acquire('r1', 'a')
    expect(viewLock(granted(acquire('r1', 'b')).lock)).toEqual({
      lock_id: 'lock-1',
      resources: ['a', 'b'],
      fencing_token: 2,
      expires_at: '2026-03-01T04:31:00.000Z'
    })
  })

  test('each refusal has its fault', () => {
    const rival = { resource: 'a', holder: 'h', run_id: null, expires_at: 'then', isPromised: false }
    const faults = (
      [
        { kind: 'locked', rival, reason: 'held' },
        { kind: 'lost' },
        { kind: 'not_owner' },
        { kind: 'full', detail: 'full' },
        { kind: 'released' }
      ] as LeaseAnswer[]
    ).map(faultOfLease)
    expect(faults.map((one) => one && [one.code, one.status])).toEqual([
      ['locked', 409],
      ['lock_lost', 410],
      ['forbidden', 403],
      ['too_many_locks', 429],
      null
    ])
  })
})
