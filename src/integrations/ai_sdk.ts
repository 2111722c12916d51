// The Vercel AI SDK (`ai` 7): asks in `toolApproval`, or in the tools themselves, and reports what became of each call.
import { Refused, toolGate, type AskedWith, type FrameworkCall, type ToolGateOptions } from './tool_gate.ts'

export { Refused, sameAction, type FrameworkCall, type ToAction, type ToolGateOptions } from './tool_gate.ts'

/** What the SDK tells of a call, for `user_email` and `session_id`. In `toolApproval` it is the call's `runtimeContext`, in a tool its own. */
export interface AiSdkAbout {
  readonly context: unknown
}

/** `toolApproval` of `generateText`, `streamText` and `ToolLoopAgent`, as far as it is used. */
interface ApprovalAsked {
  readonly toolCall: { readonly toolName: string; readonly toolCallId: string; readonly input: unknown }
  readonly tools?: Readonly<Record<string, unknown>> | undefined
  readonly messages: readonly unknown[]
  readonly runtimeContext?: unknown
}
type ApprovalStatus = undefined | { readonly type: 'denied' | 'user-approval'; readonly reason: string } | 'user-approval'

interface ExecuteOptions {
  readonly toolCallId: string
  readonly messages?: unknown
  readonly abortSignal?: AbortSignal | undefined
  readonly context?: unknown
}

interface ExecutionEnded {
  readonly toolCall: { readonly toolName: string; readonly toolCallId: string; readonly input?: unknown }
  readonly toolOutput: { readonly type: string; readonly output?: unknown; readonly error?: unknown }
}

type Execute = (input: unknown, options: ExecuteOptions) => unknown

/** The gate for one agent. One of `wrapTools` and `toolApproval` is enough; together they ask once. */
export function enactGate(options: ToolGateOptions<AiSdkAbout>) {
  const gate = toolGate(options)

  /**
   * For `toolApproval`: a block is denied, and the model reads why; a hold becomes the SDK's own request for approval, after which Enact is
   * asked again. INVARIANT: what the user of the chat approves is not executed while Enact holds it: only its approvers decide that.
   */
  async function toolApproval(asked: ApprovalAsked): Promise<ApprovalStatus> {
    const { toolCall, messages, runtimeContext } = asked
    const { toolName, toolCallId, input } = toolCall
    const ruling = await gate.ask({ toolName, input, id: toolCallId }, { about: { context: runtimeContext } })
    if (ruling.kind === 'pass') return (await wantsApproval(asked)) ? 'user-approval' : undefined
    const isHeld = ruling.kind === 'held' && !isAnswered(toolCallId, messages)
    return { type: isHeld ? 'user-approval' : 'denied', reason: ruling.text }
  }

  /** The tools, each asking before it runs and reporting after; a refusal is the tool's error, which the model reads. */
  function wrapTools<T extends object>(tools: T): T {
    return Object.fromEntries(Object.entries(tools).map(([name, tool]) => [name, wrapTool(name, tool as object)])) as T
  }

  function wrapTool(toolName: string, tool: object): object {
    const { execute } = tool as { execute?: Execute }
    // Without `execute` it is run elsewhere, in a browser or at the provider: `toolApproval` sees it.
    if (execute === undefined) return tool
    const run = execute.bind(tool)
    const streams = Object.prototype.toString.call(execute) === '[object AsyncGeneratorFunction]'
    return { ...tool, execute: streams ? streaming(toolName, run as never) : whole(toolName, run) }
  }

  function whole(toolName: string, run: Execute): Execute {
    return (input, given) => gate.perform(...asking(toolName, input, given), async () => lastOf(await run(input, given)))
  }

  function streaming(toolName: string, run: (input: unknown, given: ExecuteOptions) => AsyncIterable<unknown>): Execute {
    return async function* (input, given) {
      const [call, asked] = asking(toolName, input, given)
      const ruling = await gate.enter(call, asked)
      if (ruling.kind !== 'pass') throw new Refused(ruling)
      let ended: { output: unknown } | { error: unknown } = { error: 'nobody waited for its end' }
      let last: unknown
      try {
        for await (const part of run(input, given)) yield (last = part)
        ended = { output: last }
      } catch (error) {
        ended = { error }
        throw error
      } finally {
        await gate.finish(call, ended)
      }
    }
  }

  /** For `registerTelemetry` or `telemetry.integrations`: reports the calls that `toolApproval` let through. */
  function telemetry() {
    return {
      async onToolExecutionEnd({ toolCall: { toolName, toolCallId, input }, toolOutput }: ExecutionEnded): Promise<void> {
        const ended = toolOutput.type === 'tool-error' ? { error: toolOutput.error } : { output: toolOutput.output }
        await gate.finish({ toolName, input, id: toolCallId }, ended)
      }
    }
  }

  return { toolApproval: () => toolApproval, wrapTools, telemetry }
}

function asking(toolName: string, input: unknown, given: ExecuteOptions): [FrameworkCall, AskedWith<AiSdkAbout>] {
  return [
    { toolName, input, id: given.toolCallId },
    { about: { context: given.context }, signal: given.abortSignal }
  ]
}

/** A `toolApproval` function replaces what the tool itself says, so that is asked here. */
async function wantsApproval({ toolCall, tools, messages }: ApprovalAsked): Promise<boolean> {
  const { needsApproval } = (tools?.[toolCall.toolName] ?? {}) as { needsApproval?: unknown }
  if (typeof needsApproval !== 'function') return needsApproval === true
  return Boolean(await needsApproval(toolCall.input, { toolCallId: toolCall.toolCallId, messages }))
}

interface Part {
  readonly type?: unknown
  readonly approvalId?: unknown
  readonly toolCallId?: unknown
}

/** Whether the SDK asks again after its user has answered, which it does with the answer as the last message. */
function isAnswered(toolCallId: string, messages: readonly unknown[]): boolean {
  const parts = messages.map((message) => {
    const { content } = message as { content?: unknown }
    return Array.isArray(content) ? (content as Part[]) : []
  })
  const requests = parts.flat().filter(({ type, toolCallId: id }) => type === 'tool-approval-request' && id === toolCallId)
  return (parts.at(-1) ?? []).some(
    ({ type, approvalId }) => type === 'tool-approval-response' && requests.some((request) => request.approvalId === approvalId)
  )
}

/** The last of what a tool yields is its output; whatever is no stream is its own. */
async function lastOf(result: unknown): Promise<unknown> {
  if (typeof result !== 'object' || result === null || !(Symbol.asyncIterator in result)) return result
  let last: unknown
  for await (const part of result as AsyncIterable<unknown>) last = part
  return last
}
