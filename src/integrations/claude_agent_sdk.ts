// The Claude Agent SDK: hooks before and after every tool call, sub-agents' included, and `canUseTool` for programs that ask in person.
import { toolGate, type AskedWith, type FrameworkCall, type ToolGateOptions } from './tool_gate.ts'

export { sameAction, type FrameworkCall, type ToAction, type ToolGateOptions } from './tool_gate.ts'

/** What the SDK tells of a call, for `user_email` and `session_id`. The session is the SDK's own unless told. */
export interface ClaudeAgentAbout {
  readonly cwd: string | undefined
  /** Set for the calls of a sub-agent. */
  readonly agent_id: string | undefined
}

/** The events of hooks, as far as they are used. */
interface HookEvent {
  readonly hook_event_name: string
  readonly session_id?: string
  readonly cwd?: string
  readonly agent_id?: string
  readonly tool_name?: string
  readonly tool_input?: unknown
  readonly tool_use_id?: string
  readonly tool_response?: unknown
  readonly error?: string
}
type Hook = (event: HookEvent, toolUseId: string | undefined, given: { readonly signal: AbortSignal }) => Promise<HookSays>
interface HookSays {
  hookSpecificOutput?: { hookEventName: 'PreToolUse'; permissionDecision: 'deny'; permissionDecisionReason: string }
}

interface Matcher {
  hooks: Hook[]
  /** Seconds. */
  timeout: number
  onFailure: 'block' | 'continue'
}

/** Beyond what people are waited for. */
const MARGIN_SECONDS = 60
/** Calls whose session is remembered: those that the program's user denies never end. */
const SESSIONS_MAX = 1_000

/**
 * The gate for `query`: `options: { hooks: gate.hooks, canUseTool: gate.canUseTool }`. A pass never skips the permissions of the program's
 * own user. INVARIANT: a hook that throws, is late or cannot ask blocks the call (`onFailure: 'block'`).
 */
export function enactGate(options: ToolGateOptions<ClaudeAgentAbout>) {
  const gate = toolGate(options)
  const timeout = Math.ceil((options.waitMs ?? 0) / 1_000) + MARGIN_SECONDS

  /** `canUseTool` is not told the session; the hooks of the same call are. */
  const sessions = new Map<string, HookEvent>()

  const before: Hook = async (event, toolUseId, { signal }) => {
    const [call, asked] = asking(event, toolUseId, signal)
    const ruling = await gate.ask(call, asked)
    if (sessions.size >= SESSIONS_MAX) sessions.clear()
    if (ruling.kind === 'pass' && call.id !== undefined) sessions.set(call.id, event)
    if (ruling.kind === 'pass') return {}
    return {
      hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'deny', permissionDecisionReason: ruling.text }
    }
  }
  const after: Hook = async (event, toolUseId, { signal }) => {
    const [call] = asking(event, toolUseId, signal)
    sessions.delete(call.id ?? '')
    await gate.finish(call, event.hook_event_name === 'PostToolUseFailure' ? { error: event.error } : { output: event.tool_response })
    return {}
  }
  const matcher = (hook: Hook, onFailure: 'block' | 'continue'): Matcher[] => [{ hooks: [hook], timeout, onFailure }]

  return {
    hooks: {
      PreToolUse: matcher(before, 'block'),
      PostToolUse: matcher(after, 'continue'),
      PostToolUseFailure: matcher(after, 'continue')
    },
    /**
     * Answers the SDK's own prompts with Enact's verdict: for programs in front of which nobody sits. It holds without the hooks, too; after
     * them it is the same decision.
     */
    async canUseTool(
      toolName: string,
      input: Record<string, unknown>,
      { signal, toolUseID, agentID }: { readonly signal: AbortSignal; readonly toolUseID: string; readonly agentID?: string }
    ): Promise<{ behavior: 'allow'; updatedInput: Record<string, unknown> } | { behavior: 'deny'; message: string }> {
      const seen = sessions.get(toolUseID) ?? { hook_event_name: 'PreToolUse', ...(agentID === undefined ? {} : { agent_id: agentID }) }
      const ruling = await gate.ask(...asking({ ...seen, tool_name: toolName, tool_input: input }, toolUseID, signal))
      return ruling.kind === 'pass' ? { behavior: 'allow', updatedInput: input } : { behavior: 'deny', message: ruling.text }
    }
  }
}

function asking(
  { tool_name = '', tool_input, tool_use_id, session_id, cwd, agent_id }: HookEvent,
  toolUseId: string | undefined,
  signal: AbortSignal
): [FrameworkCall, AskedWith<ClaudeAgentAbout>] {
  return [
    { toolName: tool_name, input: tool_input, id: tool_use_id ?? toolUseId },
    { about: { cwd, agent_id }, session_id, signal }
  ]
}
