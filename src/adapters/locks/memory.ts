// The Locks port in one process, for the embedded SDK and for tests: the same machine, nothing stored.
import {
  nextLeaseAlarm,
  restoreLeases,
  stepLeases,
  type Clock,
  type LeaseAnswer,
  type LeaseEvent,
  type LeaseState,
  type Locks
} from '../../engine/index.ts'

/** Locks that exclude each other within this process alone; a waiting request keeps the process alive until it is answered. */
export function memoryLocks(clock: Clock): Locks {
  const teams = new Map<string, Team>()
  return {
    ask(teamId, event) {
      const team = teams.get(teamId) ?? newTeam(clock)
      teams.set(teamId, team)
      return team(event)
    }
  }
}

type Team = (event: LeaseEvent) => Promise<LeaseAnswer>

function newTeam(clock: Clock): Team {
  // Tokens begin at the clock: a database may remember those of the process before.
  let state: LeaseState = restoreLeases(clock.now(), [])
  let timer: ReturnType<typeof setTimeout> | undefined
  const waiting = new Map<string, (answer: LeaseAnswer) => void>()

  function step(event: LeaseEvent): LeaseAnswer {
    const { state: next, answer, woken } = stepLeases(state, event, clock.now())
    state = next
    for (const { lock_id, answer: late } of woken) {
      waiting.get(lock_id)?.(late)
      waiting.delete(lock_id)
    }
    return answer
  }

  /** Only who waits needs to be told when something ends; everyone else finds out by asking. */
  function arm(): void {
    clearTimeout(timer)
    const at = waiting.size === 0 ? null : nextLeaseAlarm(state)
    if (at === null) return
    timer = setTimeout(
      () => {
        step({ type: 'tick' })
        arm()
      },
      Math.max(1, at - clock.now())
    )
  }

  return async (event) => {
    const answer = step(event)
    const settled =
      answer.kind === 'waiting' && event.type === 'acquire'
        ? new Promise<LeaseAnswer>((resolve) => waiting.set(event.lock_id, resolve))
        : answer
    arm()
    return settled
  }
}
