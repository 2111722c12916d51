// Events as Claude Code words them, which Codex took over: `hook_event_name`, `tool_name`, `tool_input`, `tool_use_id`. Pure.
import type { JsonObject } from '../../engine/schema.ts'
import { callOf, errorText, object, outputOf, text, type HookEvent, type Said } from './hook.ts'

/** Which of an agent's events are which. */
export interface EventNames {
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly failed: readonly string[]
}

/** One event of that dialect. */
export function readClaudeDialect(given: JsonObject, names: EventNames): HookEvent {
  const event = text(given.hook_event_name)
  if (event === null) return { kind: 'unreadable', why: 'the event has no `hook_event_name`' }
  const isBefore = names.before.includes(event)
  const isFailed = names.failed.includes(event)
  if (!isBefore && !isFailed && !names.after.includes(event)) return { kind: 'other', event }
  const call = callOf(given.tool_name, object(given.tool_input), given.cwd)
  if (typeof call === 'string') return { kind: 'unreadable', why: call }
  const about = { event, session_id: text(given.session_id), tool_use_id: text(given.tool_use_id), call }
  if (isBefore) return { ...about, kind: 'before', user_email: null }
  const response = object(given.tool_response)
  const failed = isFailed || (response !== null && (response.error ?? null) !== null)
  const error = failed ? errorText(given.error ?? response?.error ?? given.tool_response) : null
  return { ...about, kind: 'after', success: !failed, output: failed ? {} : outputOf(given.tool_response), error }
}

/** Whether that dialect's JSON on standard output is a deny. */
export function deniesInJson({ stdout, exit }: Said): boolean {
  if (exit !== 0) return false
  try {
    const answer = object(JSON.parse(stdout))
    return object(answer?.hookSpecificOutput)?.permissionDecision === 'deny' || answer?.decision === 'block'
  } catch {
    return false
  }
}
