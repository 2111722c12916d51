// The sessions of agents inside one process: for embedded programs, and as the model of the edge's.
import { SESSION_CHARS_MAX, SESSION_STEPS_MAX } from '../../engine/index.ts'
import type { OpenQuestion, SessionEnd, SessionPlace, SessionStep, AgentSessions } from '../../engine/index.ts'

interface Kept {
  readonly step: SessionStep
  decision: SessionEnd['decision'] | null
}

interface Session {
  readonly steps: Kept[]
  readonly questions: Map<string, OpenQuestion>
}

/** They live as long as the process. */
export function memoryAgentSessions(): AgentSessions {
  const sessions = new Map<string, Session>()
  const open = (place: SessionPlace): Session => {
    const name = JSON.stringify([place.team_id, place.api_key_id, place.session_id])
    const session = sessions.get(name) ?? { steps: [], questions: new Map() }
    sessions.set(name, session)
    return session
  }
  return {
    async begin(place, step, digest) {
      const { steps, questions } = open(place)
      const question = questions.get(digest) ?? null
      if (place.session_id === null) return { steps: [], count: 0, question }
      const known = steps.findIndex((kept) => kept.step.run_id === step.run_id)
      const at = known === -1 ? steps.push({ step, decision: null }) - 1 : known
      const before = steps.slice(0, at).filter(({ decision }) => decision !== 'BLOCK')
      return { steps: newest(before.map((kept) => kept.step)), count: before.length, question }
    },
    async end(place, { run_id, decision, digest, question }) {
      const { steps, questions } = open(place)
      const kept = steps.find(({ step }) => step.run_id === run_id)
      if (kept !== undefined) kept.decision = decision
      if (question === null) questions.delete(digest)
      else questions.set(digest, question)
    },
    async blocked(place, limit) {
      return open(place)
        .steps.filter(({ decision }) => decision === 'BLOCK')
        .map(({ step: { run_id, at, workflow, payload } }) => ({ run_id, at, workflow, payload }))
        .slice(-limit)
        .reverse()
    }
  }
}

/** The newest steps that fit, oldest first. */
function newest(steps: readonly SessionStep[]): SessionStep[] {
  let room = SESSION_CHARS_MAX
  const shown: SessionStep[] = []
  for (const step of steps.slice(-SESSION_STEPS_MAX).reverse()) {
    room -= JSON.stringify(step).length
    if (room < 0) break
    shown.push(step)
  }
  return shown.reverse()
}
