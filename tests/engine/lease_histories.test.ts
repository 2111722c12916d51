// Thousands of random histories of locks: held to a slow model, and to what must be true whatever the rules are.
import { describe, expect, test } from 'vitest'
import { listLocks, NO_LEASES, stepLeases, type LeaseState, type Lock, type LockOwner, type Want } from '../../src/engine/lease.ts'
import type { LeaseAnswer, LeaseEvent, LeaseStep } from '../../src/engine/lease_event.ts'
import { isSameOwner, queueOf } from '../../src/engine/lease_state.ts'
import { exclude, leaseModel } from './lease_model.ts'
import { seeded, type Dice } from './seeded.ts'

const PATHS = ['a', 'a/b', 'a/b/c', 'a/b/d', 'a/bb', 'a-b', 'a/b-c', 'a0', 'e', 'e/f', 'e/f/g', 'h']
type Model = ReturnType<typeof leaseModel>
const RUNS = ['r1', 'r2', 'r3', 'r4', null, null]

function randomEvent(dice: Dice, ids: string[], id: string): LeaseEvent {
  const owner: LockOwner = { api_key_id: dice.oneOf(['k1', 'k2']), run_id: dice.oneOf(RUNS) }
  const roll = dice.roll()
  const lock_id = ids.length > 0 ? dice.oneOf(ids.slice(-8)) : 'none'
  if (roll < 0.5) {
    const wants = new Map<string, Want>()
    for (let count = 1 + dice.upTo(3); count > 0; count--) {
      const resource = dice.oneOf(PATHS)
      wants.set(resource, { resource, mode: dice.chance(0.6) ? 'exclusive' : 'shared' })
    }
    const waitMs = dice.chance(0.6) ? dice.upTo(20_000) : 0
    return {
      type: 'acquire',
      lock_id: id,
      owner,
      holder: `agent-${owner.run_id ?? 'x'}`,
      wants: [...wants.values()],
      ttlMs: 1_000 + dice.upTo(15_000),
      waitMs
    }
  }
  if (roll < 0.62) return { type: 'renew', lock_id, owner, ttlMs: 1_000 + dice.upTo(10_000) }
  if (roll < 0.85) return { type: 'release', lock_id, owner }
  if (roll < 0.89) return { type: 'break', lock_id }
  return { type: 'tick' }
}

/** The event, with the true owner three times out of four, so that most renewals and releases are their owner's. */
function mostlyHonest(dice: Dice, state: LeaseState, event: LeaseEvent): LeaseEvent {
  if ((event.type !== 'renew' && event.type !== 'release') || dice.chance(0.25)) return event
  const own = [...listLocks(state, 0), ...queueOf(state)].find((one) => one.lock_id === event.lock_id)
  return own === undefined ? event : { ...event, owner: own.owner }
}

const tokenOf = (answer: LeaseAnswer) =>
  answer.kind === 'granted' ? Math.max(...answer.holds.map((hold) => hold.fencing_token)) : undefined

/** One comparison a step, since thousands of `expect` calls cost more than all the rest. */
function same(got: unknown, wanted: unknown, where: string): void {
  if (JSON.stringify(got) !== JSON.stringify(wanted)) expect(got, where).toEqual(wanted)
}

function machineView({ state, answer, woken }: LeaseStep, now: number) {
  return {
    answers: [['', answer.kind, tokenOf(answer)], ...woken.map((one) => [one.lock_id, one.answer.kind, tokenOf(one.answer)])],
    locks: listLocks(state, now).map((lock) => [
      lock.lock_id,
      lock.expiresAtMs,
      ...lock.holds.map((hold) => `${hold.mode} ${hold.resource} ${hold.fencing_token}`).sort()
    ]),
    queue: queueOf(state).map((waiter) => waiter.lock_id)
  }
}

function modelView({ answer, woken }: ReturnType<Model['step']>, model: Model) {
  return {
    answers: [['', answer.kind, answer.token], ...woken.map(([to, one]) => [to, one.kind, one.token])],
    locks: model
      .locks()
      .map((lock) => [lock.id, lock.expires, ...lock.holds.map((hold) => `${hold.mode} ${hold.resource} ${hold.token}`).sort()])
      .sort(([a], [b]) => (a! < b! ? -1 : 1)),
    queue: model.queue().map((waiter) => waiter.id)
  }
}

/** The locks of others that keep a waiter waiting. */
const locksInTheWay = (state: LeaseState, { owner, wants }: { owner: LockOwner; wants: readonly Want[] }) =>
  listLocks(state, 0)
    .filter((lock) => owner.run_id === null || !isSameOwner(lock.owner, owner))
    .filter((lock) => lock.holds.some((hold) => wants.some((want) => exclude(hold, want))))
    .map((lock) => lock.lock_id)

describe('in up to 2,000 random histories of 60 events', { timeout: 60_000 }, () => {
  const histories = Array.from({ length: 2_000 }, (_, seed) => seed)

  test('the machine answers like the slow model, and holds the same locks', () => {
    for (const seed of histories) {
      const dice = seeded(seed)
      const model = leaseModel()
      const ids: string[] = []
      let state = NO_LEASES
      let now = 1_000_000
      for (let turn = 0; turn < 60; turn++) {
        now += dice.chance(0.3) ? 0 : dice.upTo(4_000)
        const id = `l${turn}`
        const event = mostlyHonest(dice, state, randomEvent(dice, ids, id))
        if (event.type === 'acquire') ids.push(id)
        const step = stepLeases(state, event, now)
        const expected = model.step(event, now)
        state = step.state
        same(machineView(step, now), modelView(expected, model), `seed ${seed} turn ${turn}`)
      }
    }
  })

  test('no two owners ever hold what excludes each other, tokens only grow, and nobody is passed by a newcomer', () => {
    for (const seed of histories.slice(0, 1_000)) {
      const dice = seeded(seed ^ 0x5eed)
      const ids: string[] = []
      const passedBy = new Map<string, Set<string>>()
      let state = NO_LEASES
      let now = 0
      for (let turn = 0; turn < 60; turn++) {
        now += dice.upTo(2_500)
        const event = mostlyHonest(dice, state, randomEvent(dice, ids, `l${turn}`))
        if (event.type === 'acquire') ids.push(event.lock_id)
        const step = stepLeases(state, event, now)
        const where = `seed ${seed} turn ${turn}`
        const locks = listLocks(step.state, 0)
        for (const a of locks) {
          if (a.expiresAtMs <= now) expect(a.expiresAtMs, where).toBeGreaterThan(now)
          const rival = locks.find((b) => a !== b && a.holds.some((hold) => b.holds.some((other) => exclude(hold, other))))
          if (rival !== undefined) expect(rival, where).toBeUndefined()
        }
        const drawn = [step.answer, ...step.woken.map(({ answer }) => answer)].flatMap((answer) =>
          answer.kind === 'granted' ? answer.holds.map((hold) => hold.fencing_token) : []
        )
        const held = new Set(listLocks(state, 0).flatMap((lock) => lock.holds.map((hold) => hold.fencing_token)))
        for (const token of drawn) if (!held.has(token)) expect(token, where).toBeGreaterThan(state.fence)
        expect(step.state.fence, where).toBeGreaterThanOrEqual(state.fence)
        const queue = queueOf(step.state)
        queue.forEach((waiter, index) => {
          const inTheWay = locksInTheWay(step.state, waiter)
          const known = passedBy.get(waiter.lock_id)
          if (known === undefined) {
            // Those who hold now, and those who were in the queue before: nobody else may ever come between.
            passedBy.set(waiter.lock_id, new Set([...inTheWay, ...queue.slice(0, index).map((one) => one.lock_id)]))
          } else
            same(
              inTheWay.filter((id) => !known.has(id)),
              [],
              `${where}: came before ${waiter.lock_id}`
            )
        })
        state = step.state
      }
    }
  })

  test('what storage was told to write and remove rebuilds exactly the locks that are held', () => {
    for (const seed of histories.slice(0, 500)) {
      const dice = seeded(seed ^ 0xd15c)
      const rows = new Map<string, Lock>()
      const ids: string[] = []
      let state = NO_LEASES
      let now = 0
      for (let turn = 0; turn < 60; turn++) {
        now += dice.upTo(2_500)
        const event = mostlyHonest(dice, state, randomEvent(dice, ids, `l${turn}`))
        if (event.type === 'acquire') ids.push(event.lock_id)
        const step = stepLeases(state, event, now)
        for (const id of step.removed) rows.delete(id)
        for (const lock of step.written) rows.set(lock.lock_id, lock)
        // Through JSON and back after every step: the state is data, nothing else.
        state = JSON.parse(JSON.stringify(step.state)) as LeaseState
        const stored = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, lock]) => lock)
        same(stored, listLocks(state, 0), `seed ${seed} turn ${turn}`)
      }
    }
  })
})
