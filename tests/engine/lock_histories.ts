// Callers who take, renew and release locks at once, what each of them saw, and the table that must explain it.
import { areRelated } from '../../src/engine/lease_resource.ts'
import type { Operation, Sequential } from './linearizable.ts'
import { seeded, type Dice } from './seeded.ts'

export type LockInput = { readonly take: readonly string[] } | { readonly renew: string } | { readonly drop: string }
export type LockOutput = { readonly lock_id: string; readonly token: number } | 'locked' | boolean
type History = Operation<LockInput, LockOutput>[]

/** One team's locks, however they are reached. `null` = somebody else holds them; `false` = lost. */
export interface LockTable {
  take(resources: string[], waitSeconds: number): Promise<{ lock_id: string; token: number } | null>
  renew(lockId: string): Promise<boolean>
  release(lockId: string): Promise<boolean>
}

/**
 * Plays one history. Times are the order in which this process sent and heard.
 * Half of the histories ask for several resources and never wait, half for one and wait: then nothing is refused
 * that is not held, and the table below is exact.
 */
export async function playLocks(dice: Dice, table: LockTable, { callers, turns }: { callers: number; turns: number }): Promise<History> {
  const history: History = []
  let time = 0
  const isPatient = dice.chance(0.5)
  async function record<T>(input: LockInput, work: () => Promise<T>, seen: (answer: T) => LockOutput): Promise<T> {
    const called = time++
    const answer = await work()
    history.push({ called, returned: time++, input, output: seen(answer) })
    return answer
  }
  async function play(own: Dice): Promise<void> {
    for (let turn = 0; turn < turns; turn++) {
      const resources = isPatient
        ? [own.oneOf(['a', 'b'])]
        : [...new Set([own.oneOf(['a', 'b', 'c/x']), own.oneOf(['a', 'b', 'c', 'c/y'])])]
      const taken = await record(
        { take: resources },
        () => table.take(resources, isPatient ? 30 : 0),
        (lock) => lock ?? 'locked'
      )
      if (taken === null) continue
      const renew = () => record({ renew: taken.lock_id }, () => table.renew(taken.lock_id), Boolean)
      if (own.chance(0.3)) await renew()
      await record({ drop: taken.lock_id }, () => table.release(taken.lock_id), Boolean)
      if (own.chance(0.2)) await renew()
    }
  }
  await Promise.all(Array.from({ length: callers }, () => play(seeded(dice.upTo(2 ** 31)))))
  return history
}

interface Held {
  readonly lock_id: string
  readonly resources: readonly string[]
}

/** Locks as their callers see them where nothing expires: who holds what, and tokens without a gap from wherever they begin. */
export const LOCK_TABLE: Sequential<{ readonly held: readonly Held[]; readonly fence: number | null }, LockInput, LockOutput> = {
  start: { held: [], fence: null },
  step({ held, fence }, input, output) {
    if ('renew' in input) return held.some(({ lock_id }) => lock_id === input.renew) === output ? { held, fence } : undefined
    if ('drop' in input) return output === true ? { held: held.filter(({ lock_id }) => lock_id !== input.drop), fence } : undefined
    const isTaken = held.some(({ resources }) => resources.some((mine) => input.take.some((wanted) => areRelated(mine, wanted))))
    if (output === 'locked') return isTaken ? { held, fence } : undefined
    if (isTaken || output === null || typeof output === 'boolean' || (fence !== null && output.token !== fence + 1)) return undefined
    return { held: [...held, { lock_id: output.lock_id, resources: input.take }], fence: output.token }
  },
  key: ({ held, fence }) =>
    `${fence} ${held
      .map(({ lock_id }) => lock_id)
      .toSorted()
      .join(' ')}`
}
