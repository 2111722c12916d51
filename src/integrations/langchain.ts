// LangChain.js: a middleware around every tool call of an agent, which sees the call, its result and its error.
import { toolGate, type FrameworkCall, type ToolGateOptions } from './tool_gate.ts'

export { sameAction, type FrameworkCall, type ToAction, type ToolGateOptions } from './tool_gate.ts'

interface ToolCallRequest {
  readonly toolCall: { readonly name: string; readonly args: Readonly<Record<string, unknown>>; readonly id?: string }
  readonly runtime: {
    readonly context?: unknown
    readonly configurable?: { readonly thread_id?: string }
    readonly signal?: AbortSignal
    interrupt?(value: never): unknown
  }
}

/** What LangChain tells of a call, for `user_email` and `session_id`: the agent's `context`. The session is the thread unless told. */
export interface LangChainAbout {
  readonly context: unknown
}

/** `ToolMessage` of your LangChain: an agent takes no other. */
type ToolMessageClass<M> = new (fields: { content: string; tool_call_id: string; name: string; status: 'error' }) => M

export interface LangChainOptions<M> extends ToolGateOptions<LangChainAbout> {
  readonly ToolMessage: ToolMessageClass<M>
  /**
   * Where a person must approve: `refuse` (default) tells the model, `interrupt` stops the graph, which needs a checkpointer; when it is
   * resumed, Enact is asked again. INVARIANT: resuming executes nothing that Enact still holds.
   */
  readonly onHold?: 'refuse' | 'interrupt'
}

/** For `createMiddleware`: every tool call is asked about, a refusal is its `ToolMessage` with status `error`, and outcomes are reported. */
export function enactMiddleware<M>({ ToolMessage, onHold = 'refuse', ...options }: LangChainOptions<M>) {
  const gate = toolGate(options)

  async function wrapToolCall<Q extends ToolCallRequest, R>(request: Q, handler: (request: Q) => R | PromiseLike<R>): Promise<R | M> {
    const { toolCall, runtime } = request
    const call: FrameworkCall = { toolName: toolCall.name, input: toolCall.args, id: toolCall.id }
    const asked = { about: { context: runtime.context }, session_id: runtime.configurable?.thread_id, signal: runtime.signal }
    let ruling = await gate.enter(call, asked)
    if (ruling.kind === 'held' && onHold === 'interrupt' && runtime.interrupt !== undefined) {
      // Throws the first time; once the graph is resumed it returns, and what people said by then counts.
      runtime.interrupt({ enact: ruling.text, tool: toolCall.name, args: toolCall.args } as never)
      ruling = await gate.enter(call, asked)
    }
    if (ruling.kind !== 'pass')
      return new ToolMessage({ content: ruling.text, tool_call_id: toolCall.id ?? '', name: toolCall.name, status: 'error' })
    try {
      const result = await handler(request)
      await gate.finish(call, endOf(result))
      return result
    } catch (error) {
      // A tool that interrupts the graph has not failed: it is called again when the graph is resumed.
      if (isInterrupt(error)) gate.putOff(call, asked)
      else await gate.finish(call, { error })
      throw error
    }
  }

  return { name: 'Enact', wrapToolCall }
}

/** A `ToolMessage` is its content; a `Command` is what it says of itself. */
function endOf(result: unknown): { output: unknown } | { error: unknown } {
  const { content, status } = (result ?? {}) as { content?: unknown; status?: unknown }
  if (content === undefined) return { output: result }
  return status === 'error' ? { error: typeof content === 'string' ? content : JSON.stringify(content) } : { output: content }
}

function isInterrupt(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause)
    if (one.name === 'GraphInterrupt' || one.name === 'NodeInterrupt') return true
  return false
}
