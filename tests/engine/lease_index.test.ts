// The index at the size of a busy team: what a step reads, and that it changes nothing that was before.
import { describe, expect, test } from 'vitest'
import { listLocks, restoreLeases, stepLeases } from '../../src/engine/lease.ts'
import type { LeaseEvent } from '../../src/engine/lease_event.ts'
import { firstOf, sizeOf, valueAt, valuesOf, withKey, withoutKey, type Ordered } from '../../src/engine/lease_index.ts'
import { T } from './lease_samples.ts'
import { seeded } from './seeded.ts'

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

test('the map is a sorted Map, whatever is put in and taken out, and never deep', () => {
  const dice = seeded(11)
  const depth = (map: Ordered<number>): number => (map === null ? 0 : 1 + Math.max(depth(map.left), depth(map.right)))
  for (const order of ['random', 'rising', 'falling']) {
    const known = new Map<string, number>()
    let map: Ordered<number> = null
    for (let i = 0; i < 3_000; i++) {
      const at = order === 'random' ? dice.upTo(1_000) : order === 'rising' ? i : 3_000 - i
      const key = String(at).padStart(5, '0')
      if (dice.chance(0.3)) {
        map = withoutKey(map, key)
        known.delete(key)
      } else {
        map = withKey(map, key, i)
        known.set(key, i)
      }
      if (i % 100 !== 0) continue
      const sorted = [...known].sort(([a], [b]) => (a < b ? -1 : 1))
      expect(valuesOf(map)).toEqual(sorted.map(([, value]) => value))
      expect([sizeOf(map), firstOf(map)?.value, valueAt(map, key)]).toEqual([known.size, sorted[0]?.[1], known.get(key)])
      expect(depth(map)).toBeLessThanOrEqual(2 * Math.log2(known.size + 2) + 2)
    }
    expect(valuesOf(map, '00500', 3)).toEqual(
      [...known]
        .filter(([key]) => key > '00500')
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, 3)
        .map(([, value]) => value)
    )
  }
})
