// OpenAI Agents for JavaScript: tools that ask before they run. The run has no hook that could refuse a tool, so each tool carries it.
import { toolGate, type FrameworkCall, type ToolGateOptions } from './tool_gate.ts'

export { sameAction, type FrameworkCall, type ToAction, type ToolGateOptions } from './tool_gate.ts'

/** What the SDK tells of a call, for `user_email` and `session_id`: the run's own context. */
export interface OpenAiAgentsAbout {
  readonly context: unknown
}

interface RunContext {
  readonly context: unknown
}
interface CallItem {
  readonly callId: string
  readonly arguments: string
}

/** A function tool, as far as it is used. */
interface FunctionTool {
  readonly type: 'function'
  readonly name: string
  readonly inputGuardrails?: readonly unknown[]
  needsApproval(context: RunContext, input: unknown, callId?: string): Promise<boolean>
  invoke(context: RunContext, input: string, details?: { readonly toolCall?: CallItem; readonly signal?: AbortSignal }): Promise<unknown>
}

/** The words that the SDK gives a model in place of what a tool threw, which it keeps to itself. */
const FAILED = 'An error occurred while running the tool.'

/**
 * The tools, each asking before it runs and reporting after. A block is the tool's answer, which the model reads; a hold interrupts the run
 * as a tool that needs approval does, and Enact is asked again when the run is resumed. INVARIANT: approving the interruption executes
 * nothing that Enact still holds. Throws `TypeError` for tools that are no functions: Enact does not see what they do.
 */
export function enactTools<T extends { readonly type: string; readonly name?: string }>(
  tools: readonly T[],
  options: ToolGateOptions<OpenAiAgentsAbout>
): T[] {
  const gate = toolGate(options)

  return tools.map((tool) => {
    if (tool.type !== 'function')
      throw new TypeError(`\`${tool.name ?? tool.type}\` is no function tool: Enact cannot stop it, so give it to the agent knowingly`)
    return gated(tool as unknown as FunctionTool) as unknown as T
  })

  function gated(tool: FunctionTool): FunctionTool {
    const callOf = (text: string, id: string | undefined): FrameworkCall => ({ toolName: tool.name, input: parsed(text), id })
    const own: Partial<FunctionTool> = {
      async needsApproval(context, input, callId) {
        if (await tool.needsApproval(context, input, callId)) return true
        const ruling = await gate.ask({ toolName: tool.name, input, id: callId }, { about: context })
        return ruling.kind === 'held'
      },
      // The last one: what an earlier guardrail rejects is not asked about.
      inputGuardrails: [
        ...(tool.inputGuardrails ?? []),
        {
          type: 'tool_input',
          name: 'enact',
          async run({ context, toolCall }: { context: RunContext; toolCall: CallItem }) {
            const ruling = await gate.enter(callOf(toolCall.arguments, toolCall.callId), { about: context })
            const behavior = ruling.kind === 'pass' ? { type: 'allow' } : { type: 'rejectContent', message: ruling.text }
            return { behavior }
          }
        }
      ],
      async invoke(context, input, details) {
        const call = callOf(input, details?.toolCall?.callId)
        // Whoever invokes the tool without its guardrails is asked about here.
        if (!gate.isRunning(call)) {
          const ruling = await gate.enter(call, { about: context, signal: details?.signal })
          if (ruling.kind !== 'pass') return ruling.text
        }
        try {
          const output = await tool.invoke(context, input, details)
          const hasFailed = typeof output === 'string' && output.startsWith(FAILED)
          await gate.finish(call, hasFailed ? { error: output } : { output })
          return output
        } catch (error) {
          await gate.finish(call, { error })
          throw error
        }
      }
    }
    // With its symbols: the SDK keeps a tool's namespace and the validation of its output there.
    return Object.defineProperties(
      {},
      { ...Object.getOwnPropertyDescriptors(tool), ...Object.getOwnPropertyDescriptors(own) }
    ) as FunctionTool
  }
}

/** What the model wrote; the tool itself refuses what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return { input: text }
  }
}
