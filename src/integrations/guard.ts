// Any function behind the gate: asked before, told after. Every framework's adapter is this, in the framework's words.
import type { DecisionAnswer, Gate, OutcomeTold } from '../client/decisions.ts'
import type { Inverse, JsonObject } from '../engine/schema.ts'

/** Who acts, and where policies see what came before. */
export interface Acting {
  readonly enact: Gate
  readonly user_email: string
  readonly session_id?: string
  /** How long to wait for people where a policy asks; 0 = a hold is told at once. */
  readonly waitMs?: number
}

/** One call of a tool. */
export interface ToolUse {
  readonly action: string
  readonly input: JsonObject
  readonly tool_use_id?: string
}

/** Thrown instead of acting. `message` is made for a model to read: what was refused, why, and what would be allowed. */
export class NotAllowed extends Error {
  readonly decision: DecisionAnswer
  constructor(decision: DecisionAnswer) {
    super(refusalText(decision))
    this.name = 'NotAllowed'
    this.decision = decision
  }
}

/** The verdict on a call; throws nothing but what the gate throws. INVARIANT: without an answer there is no PASS. */
export async function askFor(use: ToolUse, { enact, user_email, session_id, waitMs = 0 }: Acting): Promise<DecisionAnswer> {
  const asked = { ...use, user_email, ...(session_id === undefined ? {} : { session_id }) }
  return enact.decide(asked, { waitMs })
}

/** Tells what became of a call. What cannot be told is left UNKNOWN in the receipt, and is no failure of the call. */
export async function tellOutcome(enact: Gate, runId: string, outcome: OutcomeTold): Promise<void> {
  try {
    await enact.reportOutcome(runId, outcome)
  } catch {
    // The receipt says UNKNOWN until somebody reports, which is true.
  }
}

/**
 * The function, gated: `NotAllowed` is thrown before it runs unless policies and people allow exactly this call; what it returns or throws
 * is reported and passed on.
 */
export function guard<A extends readonly unknown[], R>(
  acting: Acting & {
    readonly action: string
    /** What policies see of a call; by the catalogue's names (`command`, `path`, `sql`, `url`, …). */
    input(...args: A): JsonObject
    /** How it could be taken back: shown in the receipt, never run by Enact. */
    rollback?(result: R, ...args: A): Inverse | 'irreversible' | null
  },
  run: (...args: A) => R | Promise<R>
): (...args: A) => Promise<R> {
  return async (...args) => {
    const decision = await askFor({ action: acting.action, input: acting.input(...args) }, acting)
    if (decision.decision !== 'PASS') throw new NotAllowed(decision)
    return performed(
      acting.enact,
      decision.run_id,
      () => run(...args),
      (result) => acting.rollback?.(result, ...args) ?? null
    )
  }
}

/** Runs what was allowed and reports it; passes on what it returned or threw. */
export async function performed<R>(
  enact: Gate,
  runId: string,
  run: () => R | Promise<R>,
  rollback: (result: R) => Inverse | 'irreversible' | null = () => null
): Promise<R> {
  let result: R
  try {
    result = await run()
  } catch (error) {
    await tellOutcome(enact, runId, { success: false, error: String(error instanceof Error ? error.message : error).slice(0, 2_000) })
    throw error
  }
  await tellOutcome(enact, runId, { success: true, output: outputOf(result), rollback_data: rollback(result) })
  return result
}

/** More than this of a result is not put into a receipt: it is not what the receipt is for. */
const OUTPUT_CHARS_MAX = 64_000

/** A result as JSON; what is none, or is too long for a receipt, says what it was. */
export function outputOf(result: unknown): JsonObject {
  if (result === undefined || result === null) return {}
  try {
    const text = JSON.stringify(result)
    if (text.length > OUTPUT_CHARS_MAX) return { result: `[${text.length} characters]` }
    const plain = JSON.parse(text) as unknown
    return typeof plain === 'object' && plain !== null && !Array.isArray(plain) ? (plain as JsonObject) : { result: plain as never }
  } catch {
    return { result: `[unserializable ${typeof result}]` }
  }
}

/** Why not, in words for the model. */
export function refusalText({ decision, policy_results, approval_url }: DecisionAnswer): string {
  const stopping = policy_results.filter(({ passed }) => !passed)
  const why = stopping.map(({ policy, reason, remedy }) => `${policy}: ${reason}${remedy === undefined ? '' : ` (${remedy})`}`).join('; ')
  if (decision !== 'HOLD') return `Enact blocked this: ${why}. Do not try to reach the same in another way.`
  const where = approval_url === undefined ? '' : ` at ${approval_url}`
  return `Enact holds this until a person approves${where}: ${why}. Once it is approved, ask for exactly the same again.`
}
