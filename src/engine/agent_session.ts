// An agent's session: what was decided in it, in order and never changed, and what it waits for people to decide.
import type { JudgedContext } from './policy.ts'
import type { Parsers } from './ports.ts'
import type { Decision, JsonObject } from './schema.ts'

/** A session belongs to one key of one team; null = what is asked for without a session, which remembers nothing but its open questions. */
export interface SessionPlace {
  readonly team_id: string
  readonly api_key_id: string
  readonly session_id: string | null
}

/** One decision as later ones see it. INVARIANT: `payload` is redacted: a session holds nothing that a receipt would not. */
export interface SessionStep {
  readonly run_id: string
  readonly at: number
  /** The action's one id, also where it has no target here. */
  readonly workflow: string
  readonly action: string | null
  readonly system: string | null
  readonly user_email: string
  readonly payload: JsonObject
}

/** A question that was put to people: a later request with the same digest meets it instead of asking anew. */
export interface OpenQuestion {
  readonly hitl_id: string
  readonly expires_at: string
}

/** What a session tells to somebody who begins a step. */
export interface SessionBefore {
  /** What came before it and was not blocked, oldest first: the newest `SESSION_STEPS_MAX`, about `SESSION_CHARS_MAX` in all. */
  readonly steps: readonly SessionStep[]
  /** How many there were in all. */
  readonly count: number
  /** What people were asked under this digest, and has not been settled. */
  readonly question: OpenQuestion | null
}

/** How a step ended. `question` is kept for the next one who asks the same; null takes it away. */
export interface SessionEnd {
  readonly run_id: string
  readonly decision: Decision | 'HOLD'
  readonly digest: string
  readonly question: OpenQuestion | null
}

/** What was blocked in a session, for whoever compares it with what an agent says it did. */
export interface BlockedStep {
  readonly run_id: string
  readonly at: number
  readonly workflow: string
  readonly payload: JsonObject
}

/**
 * The sessions of agents. INVARIANT: `begin` writes the step down before it answers, so that of two requests at once at least one sees the
 * other: a count or a sequence cannot be slipped past by asking in parallel.
 */
export interface AgentSessions {
  /** Idempotent per run id. */
  begin(place: SessionPlace, step: SessionStep, digest: string): Promise<SessionBefore>
  /** Idempotent. */
  end(place: SessionPlace, end: SessionEnd): Promise<void>
  /** Newest first. */
  blocked(place: SessionPlace, limit: number): Promise<readonly BlockedStep[]>
}

/** How many earlier steps policies see, and how much of them. */
export const SESSION_STEPS_MAX = 200
export const SESSION_CHARS_MAX = 1_000_000

/** Earlier steps as policies see them. */
export function contextsOf(steps: readonly SessionStep[], parsers: Parsers): JudgedContext[] {
  return steps.map(({ workflow, action, system, user_email, payload, at }) => ({
    workflow,
    action,
    system,
    user_email,
    user_attributes: {},
    payload,
    now: at,
    facts: {},
    before: [],
    parsers
  }))
}
