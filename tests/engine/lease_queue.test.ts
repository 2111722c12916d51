import { describe, expect, test } from 'vitest'
import { listWaiters } from '../../src/engine/lease.ts'
import { LOCK_QUEUE_MAX } from '../../src/engine/lease_event.ts'
import { listedWaiter } from '../../src/engine/lease_request.ts'
import { granted, T, table } from './lease_samples.ts'
import { seeded } from './seeded.ts'

describe('the queue', () => {
  test('those who want the same go in the order they came', () => {
    const { acquire, send, owner, woken } = table()
    granted(acquire('r0', 'a', { id: 'w0' }))
    for (let i = 1; i <= 5; i++) expect(acquire(`r${i}`, 'a', { wait: 50_000, id: `w${i}` }).kind).toBe('waiting')
    for (let i = 0; i < 5; i++) send({ type: 'release', lock_id: `w${i}`, owner: owner(`r${i}`) }, i)
    expect(woken.map((one) => one.lock_id)).toEqual(['w1', 'w2', 'w3', 'w4', 'w5'])
  })

  test('is shown in the order in which it is served, without those whose time is over', () => {
    const { acquire, send, owner, state } = table()
    granted(acquire('r0', 'a', { id: 'w0' }))
    acquire('r1', ['a', 'b'], { wait: 50_000 })
    acquire('r2', 'a', { wait: 1_000 })
    acquire(null, 'a', { wait: 50_000 })
    const shown = (at: number) => listWaiters(state(), T + at).map(listedWaiter)
    expect(shown(0)).toEqual([
      { place: 1, holder: 'agent-r1', run_id: 'r1', resources: ['a', 'b'], waits_until: '2026-03-01T04:30:50.000Z' },
      { place: 2, holder: 'agent-r2', run_id: 'r2', resources: ['a'], waits_until: '2026-03-01T04:30:01.000Z' },
      { place: 3, holder: 'agent-x', run_id: null, resources: ['a'], waits_until: '2026-03-01T04:30:50.000Z' }
    ])
    expect(shown(1_000).map(({ place, holder }) => [place, holder])).toEqual([
      [1, 'agent-r1'],
      [2, 'agent-x']
    ])
    send({ type: 'release', lock_id: 'w0', owner: owner('r0') })
    expect(shown(0).map(({ holder }) => holder)).toEqual(['agent-r2', 'agent-x'])
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
