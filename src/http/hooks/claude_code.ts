// Claude Code's hook events: what each asks, and how an answer is said. Shapes as of Claude Code 2.1 (docs: Hooks reference). Pure.
import * as z from 'zod'
import { quoted, visible, type BlockedStep, type Decided, JsonObject, type PolicyResult } from '../../engine/index.ts'

/** What every event carries; what is not named here is left alone. */
export const HookEvent = z.looseObject({
  session_id: z.string().min(1).max(256),
  hook_event_name: z.string().min(1).max(64),
  cwd: z.string().max(4_096).optional(),
  tool_name: z.string().min(1).max(256).optional(),
  tool_input: JsonObject.optional(),
  tool_use_id: z.string().min(1).max(256).optional(),
  // Whatever it is, it came as JSON.
  tool_response: z.unknown().optional(),
  error: z.unknown().optional(),
  last_assistant_message: z.string().optional(),
  file_path: z.string().max(4_096).optional(),
  source: z.string().max(256).optional()
})
export type HookEvent = z.output<typeof HookEvent>

/** What a hook answers; an empty one lets things take their course. INVARIANT: never `allow`, which would skip the user's own prompts. */
export type HookAnswer = JsonObject

export const NOTHING_TO_SAY: HookAnswer = {}

/** A refused tool call: for the model why, for the user a line and a notification of the terminal. */
export function denied(event: string, reason: string): HookAnswer {
  return {
    hookSpecificOutput: { hookEventName: event, permissionDecision: 'deny', permissionDecisionReason: reason },
    systemMessage: `Enact: ${firstLine(reason)}`,
    terminalSequence: notification(firstLine(reason))
  }
}

/** What people said to a permission that the agent asked for; null = they said nothing in time, and the terminal asks. */
export function permission(decision: 'PASS' | 'BLOCK', reason: string): HookAnswer {
  const behaviour: JsonObject = decision === 'PASS' ? { behavior: 'allow' } : { behavior: 'deny', message: reason }
  return { hookSpecificOutput: { hookEventName: 'PermissionRequest', decision: behaviour } }
}

/** Why not, for a model to read. */
export function refusal(
  { decision, policy_results, run_id }: Pick<Decided, 'decision' | 'policy_results' | 'run_id'>,
  approvalUrl: string | null
): string {
  const why = policy_results.filter(({ passed }) => !passed).map(because)
  const said = why.length > 0 ? why.join('; ') : 'a person must approve it'
  if (decision !== 'HOLD') return `Enact blocked this (receipt ${run_id}): ${said}. Do not try to reach the same in another way.`
  return `Enact holds this until a person approves it at ${approvalUrl ?? 'the approvals page'}: ${said}. Nobody has decided yet: when it is approved, run exactly the same again.`
}

function because({ policy, reason, remedy }: PolicyResult): string {
  return `${policy}: ${reason}${remedy === undefined ? '' : ` (${remedy})`}`
}

/** Words with which somebody admits that a thing was not done. */
const ADMITS =
  /\b(block(ed|s)?|den(y|ied|ies)|refus(e|ed|es|al)|prevent(ed|s)?|not (allowed|permitted|run|executed|deleted|done|possible)|(could|can|did|was|were)(n['’]t| not)|unable|fail(ed|s)?|held|hold|approval|enact)\b/i
/** Words with which somebody says that they did it. */
const CLAIMS =
  /\b(done|complete[ds]?|success(ful(ly)?)?|deleted|removed|dropped|pushed|ran|executed|updated|applied|cleaned|finished|reset|merged|deployed|fixed)\b/i
const SHOWN_MAX = 5

/**
 * The fabrication check: what to tell the user where an agent's last words leave out what was blocked in its session, or claim it done.
 * Null where nothing was blocked, or the words own up to it. It compares words and proves nothing: the receipts do.
 */
export function fabrication(words: string, blocked: readonly BlockedStep[]): string | null {
  if (blocked.length === 0 || ADMITS.test(words)) return null
  const list = blocked.slice(0, SHOWN_MAX).map((step) => `  ${nameOf(step)} (receipt ${step.run_id})`)
  const more = blocked.length > SHOWN_MAX ? [`  and ${blocked.length - SHOWN_MAX} more`] : []
  const head = CLAIMS.test(words)
    ? 'Enact: the agent speaks of success, but these actions of its session were blocked and did not happen:'
    : 'Enact: the agent does not mention that these actions of its session were blocked:'
  return [head, ...list, ...more].join('\n')
}

function nameOf({ workflow, payload }: BlockedStep): string {
  const what = [payload.command, payload.path, payload.url, payload.sql, payload.tool].find((one) => typeof one === 'string')
  return what === undefined ? workflow : `${workflow} ${quoted(visible(what as string))}`
}

function firstLine(text: string): string {
  return visible(text.split('\n', 1)[0]!.slice(0, 300).toWellFormed())
}

/** OSC 9: a desktop notification in terminals that know it, nothing in others. INVARIANT: `text` holds no control character. */
function notification(text: string): string {
  return `\u001b]9;Enact: ${text}\u0007`
}
