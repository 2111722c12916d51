// The checker itself, on histories whose answer is known; then the locks, answered out of order as over a network.
import { describe, expect, test } from 'vitest'
import { NO_LEASES, stepLeases } from '../../src/engine/lease.ts'
import type { LeaseEvent } from '../../src/engine/lease_event.ts'
import { linearizable, type Operation, type Sequential } from './linearizable.ts'
import { seeded } from './seeded.ts'

type RegisterInput = { write: number } | 'read'
const register: Sequential<number, RegisterInput, number | 'ok'> = {
  start: 0,
  step: (state, input, output) => (input === 'read' ? (output === null || output === state ? state : undefined) : input.write),
  key: String
}
const op = (called: number, returned: number | null, input: RegisterInput, output: number | 'ok' | null = 'ok') => ({
  called,
  returned,
  input,
  output
})
type History = Operation<RegisterInput, number | 'ok'>[]

describe('the checker', () => {
  test.each<[string, History]>([
    ['nothing', []],
    ['a write, then a read of it', [op(0, 1, { write: 1 }), op(2, 3, 'read', 1)]],
    [
      'a read during a write sees it or not, in either order of return',
      [op(0, 10, { write: 1 }), op(1, 2, 'read', 0), op(3, 4, 'read', 1)]
    ],
    ['a read that began before the write and ended after it', [op(0, 5, 'read', 1), op(1, 4, { write: 1 })]],
    ['a write without an answer that was seen', [op(0, null, { write: 1 }, null), op(2, 3, 'read', 1)]],
    ['a write without an answer that was not seen', [op(0, null, { write: 1 }, null), op(2, 3, 'read', 0)]],
    ['a write without an answer that takes effect late', [op(0, null, { write: 1 }, null), op(2, 3, 'read', 0), op(4, 5, 'read', 1)]],
    ['one returns in the moment the other is called: they are at once', [op(0, 5, { write: 1 }), op(5, 6, 'read', 0)]],
    ['the order of calls is not the order of effects', [op(0, 10, { write: 1 }), op(1, 9, { write: 2 }), op(11, 12, 'read', 1)]]
  ])('says yes to %s', (_name, history) => {
    const verdict = linearizable(history, register)
    expect(verdict.ok).toBe(true)
    // The order it gives is a proof: it can be replayed.
    let state = register.start
    for (const index of verdict.ok ? verdict.order : [])
      state = register.step(state, history[index]!.input, history[index]!.returned === null ? null : history[index]!.output)!
    expect(state).toBeDefined()
  })

  test.each<[string, History]>([
    ['a stale read after the write', [op(0, 1, { write: 1 }), op(2, 3, 'read', 0)]],
    ['a read of what nobody wrote', [op(0, 1, 'read', 7)]],
    ['a value seen and unseen again', [op(0, 10, { write: 1 }), op(1, 2, 'read', 1), op(3, 4, 'read', 0)]],
    [
      'two readers who see two writes in two orders',
      [op(0, 9, { write: 1 }), op(0, 9, { write: 2 }), op(10, 11, 'read', 1), op(12, 13, 'read', 2)]
    ],
    ['a write without an answer, seen before it was called', [op(5, null, { write: 1 }, null), op(2, 3, 'read', 1)]]
  ])('says no to %s', (_name, history) => {
    expect(linearizable(history, register).ok).toBe(false)
  })

  test('decides a thousand operations of eight callers, yes or no, in a moment', () => {
    const dice = seeded(3)
    const history: History = []
    let value = 0
    let time = 0
    const free = new Map(Array.from({ length: 8 }, (_, caller) => [caller, 0]))
    while (history.length < 1_000) {
      const caller = dice.upTo(8)
      const called = Math.max(free.get(caller)!, time - dice.upTo(20))
      time = Math.max(time, called) + 1
      const returned = time + dice.upTo(20)
      free.set(caller, returned + 1)
      if (dice.chance(0.5)) history.push(op(called, returned, { write: (value = dice.upTo(5)) }))
      else history.push(op(called, returned, 'read', value))
    }
    expect(linearizable(history, register).ok).toBe(true)
    expect(linearizable([...history, op(time + 100, time + 101, 'read', 9)], register).ok).toBe(false)
  })
})

/** Locks as their callers see them, where nothing expires: who holds what, and the last token. */
type Lock = { run: string; resources: string[] }
type LockInput = { take: Lock } | { drop: string }
const lockTable: Sequential<{ held: Lock[]; fence: number }, LockInput, number | 'locked' | 'dropped'> = {
  start: { held: [], fence: 0 },
  step({ held, fence }, input, output) {
    if ('drop' in input) return { held: held.filter((lock) => lock.run !== input.drop), fence }
    const { take } = input
    const isTaken = held.some((lock) => lock.resources.some((resource) => take.resources.includes(resource)))
    if (output === 'locked') return isTaken ? { held, fence } : undefined
    return isTaken || output !== fence + 1 ? undefined : { held: [...held, take], fence: fence + 1 }
  },
  key: ({ held, fence }) =>
    `${fence} ${held
      .map((lock) => `${lock.run}:${lock.resources.join()}`)
      .sort()
      .join(' ')}`
}

test('1,000 concurrent histories of twelve callers are linearizable, tokens included, however late answers arrive', () => {
  for (let seed = 0; seed < 1_000; seed++) {
    const dice = seeded(seed)
    const history: Operation<LockInput, number | 'locked' | 'dropped'>[] = []
    const callers = Array.from({ length: 12 }, (_, index) => ({ run: `r${index}`, free: dice.upTo(10), holds: false }))
    let state = NO_LEASES
    // Effects happen in order of `effect`; each call is sent before its effect and answered after it.
    for (let effect = 0, turn = 0; turn < 40; turn++) {
      effect += dice.upTo(5)
      const caller = dice.oneOf(callers.filter((one) => one.free < effect).concat(callers[0]!))
      effect = Math.max(effect, caller.free + 1)
      const called = caller.free + dice.upTo(effect - caller.free)
      const returned = effect + 1 + dice.upTo(30)
      caller.free = returned + 1
      const owner = { api_key_id: 'k', run_id: caller.run }
      const resources = [...new Set([dice.oneOf(['a', 'b', 'c']), dice.oneOf(['a', 'b', 'c', 'd'])])]
      const event: LeaseEvent = caller.holds
        ? { type: 'release', lock_id: `${caller.run}-${seed}`, owner }
        : {
            type: 'acquire',
            lock_id: `${caller.run}-${seed}`,
            owner,
            holder: caller.run,
            wants: resources.map((resource) => ({ resource, mode: 'exclusive' as const })),
            ttlMs: 600_000,
            waitMs: 0
          }
      const step = stepLeases(state, event, effect)
      state = step.state
      const { answer } = step
      const output = answer.kind === 'granted' ? answer.holds[0]!.fencing_token : answer.kind === 'locked' ? 'locked' : 'dropped'
      caller.holds = answer.kind === 'granted'
      history.push({
        called,
        returned,
        input: event.type === 'release' ? { drop: caller.run } : { take: { run: caller.run, resources } },
        output
      })
    }
    const verdict = linearizable(history, lockTable)
    if (!verdict.ok) expect.fail(`seed ${seed} is not linearizable: ${JSON.stringify(history)}`)
  }
})

test('a lock table that hands one resource to two is found out', () => {
  const take = (called: number, returned: number, run: string, output: number) => ({
    called,
    returned,
    input: { take: { run, resources: ['a'] } },
    output
  })
  expect(linearizable([take(0, 5, 'r1', 1), take(1, 6, 'r2', 2)], lockTable).ok).toBe(false)
  expect(
    linearizable(
      [take(0, 5, 'r1', 1), { called: 1, returned: 8, input: { drop: 'r1' }, output: 'dropped' as const }, take(2, 9, 'r2', 2)],
      lockTable
    ).ok
  ).toBe(true)
})
