// Cloudflare Agents: the hooks of its harness, and the AI SDK's gate for chat agents that call `streamText` themselves.
import { toolGate, type AskedWith, type FrameworkCall, type ToolGateOptions } from './tool_gate.ts'

export { enactGate, type AiSdkAbout } from './ai_sdk.ts'
export { Refused, sameAction, type FrameworkCall, type ToAction, type ToolGateOptions } from './tool_gate.ts'

/** What the harness tells of a call, for `user_email` and `session_id`. The session is the harness's own unless told. */
export interface HarnessAbout {
  readonly session: string
}

interface HarnessCall {
  readonly session: unknown
  readonly toolName: string
  readonly toolCallId: string
  readonly input: unknown
}
type HarnessResult = HarnessCall & ({ readonly ok: true; readonly output: unknown } | { readonly ok: false; readonly errorText: string })

/**
 * For a harness: `new ThinkHarness({ toolApproval, hooks, … })`. A block is the tool's error, which the model reads; a hold becomes the
 * harness's own request for approval, after which Enact is asked again. INVARIANT: what the user of the chat approves is not executed while
 * Enact holds it.
 */
export function enactHarness(options: ToolGateOptions<HarnessAbout>) {
  const gate = toolGate(options)
  return {
    async toolApproval(event: HarnessCall): Promise<boolean> {
      return (await gate.ask(...asking(event))).kind === 'held'
    },
    hooks: {
      async beforeToolCall(event: HarnessCall): Promise<{ readonly action: 'block'; readonly reason: string } | undefined> {
        const ruling = await gate.enter(...asking(event))
        return ruling.kind === 'pass' ? undefined : { action: 'block', reason: ruling.text }
      },
      /** Called for blocked calls, too, of which there is nothing to report. */
      async afterToolCall(event: HarnessResult): Promise<void> {
        await gate.finish(asking(event)[0], event.ok ? { output: event.output } : { error: event.errorText })
      }
    }
  }
}

function asking({ session, toolName, toolCallId, input }: HarnessCall): [FrameworkCall, AskedWith<HarnessAbout>] {
  const id = String(session)
  return [
    { toolName, input, id: toolCallId },
    { about: { session: id }, session_id: id }
  ]
}
