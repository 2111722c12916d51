// Mastra: the tool hooks of an agent or a workspace, before and after every call of their tools.
import { Refused, toolGate, type AskedWith, type FrameworkCall, type ToolGateOptions } from './tool_gate.ts'

export { Refused, sameAction, type FrameworkCall, type ToAction, type ToolGateOptions } from './tool_gate.ts'

/** What Mastra tells of a call, for `user_email` and `session_id`. The session is the thread unless told. */
export interface MastraAbout {
  readonly requestContext: { get(key: string): unknown } | undefined
  readonly agentId: string | undefined
  readonly resourceId: string | undefined
}

interface HookContext {
  readonly toolName: string
  readonly input: unknown
  /** The tool's own context, which hooks are handed as they are. */
  readonly context: unknown
}

interface ToolContext {
  readonly requestContext?: { get(key: string): unknown }
  readonly abortSignal?: AbortSignal
  readonly agent?: { readonly toolCallId?: string; readonly threadId?: string; readonly agentId?: string; readonly resourceId?: string }
  readonly toolCallId?: string
}

/**
 * For `hooks` of an `Agent` or of a workspace's tools. A refusal is the tool's error, which the model reads. Hooks that are given to a single
 * run replace these: give such runs the gate's own, too.
 */
export function enactHooks(options: ToolGateOptions<MastraAbout>) {
  const gate = toolGate(options)
  return {
    async beforeToolCall(event: HookContext): Promise<void> {
      const ruling = await gate.enter(...asking(event))
      if (ruling.kind !== 'pass') throw new Refused(ruling)
    },
    async afterToolCall(event: HookContext & { readonly output?: unknown; readonly error?: unknown }): Promise<void> {
      const [call] = asking(event)
      await gate.finish(call, event.error === undefined ? { output: event.output } : { error: event.error })
    }
  }
}

function asking({ toolName, input, context }: HookContext): [FrameworkCall, AskedWith<MastraAbout>] {
  const { requestContext, abortSignal, agent, toolCallId } = (context ?? {}) as ToolContext
  return [
    { toolName, input, id: agent?.toolCallId ?? toolCallId },
    {
      about: { requestContext, agentId: agent?.agentId, resourceId: agent?.resourceId },
      session_id: agent?.threadId,
      signal: abortSignal
    }
  ]
}
