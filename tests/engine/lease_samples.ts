// One team's table of locks, moved only when told.
import { NO_LEASES, stepLeases } from '../../src/engine/lease.ts'
import type { LeaseAnswer, LeaseEvent, LeaseStep } from '../../src/engine/lease_event.ts'
import type { LeaseState, LockMode } from '../../src/engine/lease_state.ts'

export const T = Date.parse('2026-03-01T04:30:00Z')

/** `at` is in milliseconds after T. */
export function table() {
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

/** The answer as a lock that was given; anything else fails the test. */
export function granted(answer: LeaseAnswer) {
  if (answer.kind !== 'granted') throw new Error(`expected a lock, got ${JSON.stringify(answer)}`)
  return answer
}
