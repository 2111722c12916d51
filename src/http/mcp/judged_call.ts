// One call to an upstream, from verdict to outcome: judged in observed mode with the gateway as the executor, and written down either way.
import type { InputRequiredResult, Server } from '@modelcontextprotocol/server'
import {
  digestOf,
  McpUpstreamError,
  messageOf,
  reportOutcome,
  toJsonObject,
  toolAction,
  type JsonObject,
  type PolicyResult,
  type Receipt
} from '../../engine/index.ts'
import { approvalUrl, decideFor } from '../routes/decisions.ts'
import { blockedText, held } from './answers.ts'
import type { McpTurn } from './serve.ts'
import { openState } from './session.ts'

/** How long a request that comes back for an answer waits for it. */
const WAIT_MS = 20_000
const ERROR_CHARS_MAX = 4_096

/** A call that has not been judged yet. */
export interface UpstreamCall {
  /** As hooks of coding agents name it: `mcp__<server>__<tool>`. */
  readonly tool_name: string
  readonly args: JsonObject
  /** What policies may know of the tool: hints of its server are input, never proof. */
  readonly more: JsonObject
  /** Why it is not even asked about. */
  readonly refusal: PolicyResult | null
  send(): Promise<JsonObject>
}

/**
 * The upstream's answer; or where people are asked; or, as a text, why nothing was done. INVARIANT: each call is a decision under an id of
 * its own, so that neither an approval nor a request state is good for a second one.
 */
export async function judgedCall(
  server: Server,
  turn: McpTurn,
  call: UpstreamCall,
  state: string | undefined
): Promise<JsonObject | InputRequiredResult | string> {
  const { host, actor, sdk } = turn
  const digest = digestOf({ tool: call.tool_name, args: call.args }, host.ports.hash)
  const asked = state === undefined ? null : await openState(turn, digest, state)
  if (state !== undefined && asked === null)
    throw new sdk.ProtocolError(sdk.ProtocolErrorCode.InvalidParams, 'Invalid or expired requestState', { reason: 'invalid_request_state' })
  if (asked !== null) await host.approvals.look(actor.team_id, asked.hitl_id, WAIT_MS)
  const { action, input } = toolAction({ tool_name: call.tool_name, tool_input: call.args })
  const session_id = asked?.label ?? turn.session.label
  const decided = await decideFor(
    host,
    actor,
    host.ports.ids.runId(),
    // Every argument is part of what is approved, also those that the normaliser has no name for.
    { action, input: { ...input, mcp: { ...call.more, arguments: call.args } }, user_email: turn.user_email, session_id },
    false,
    call.refusal
  )
  if (decided.decision === 'BLOCK') return blockedText(decided.policy_results, decided.run_id)
  if (decided.decision === 'HOLD') {
    const url = approvalUrl(turn.origin, decided.hitl_id!)
    const next = 'Once they have approved, make exactly the same call again: it passes once.'
    return held(server, turn, digest, { hitl_id: decided.hitl_id!, label: session_id, url, what: `\`${call.tool_name}\``, next })
  }
  return execute(turn, call, decided.receipt!)
}

async function execute(turn: McpTurn, call: UpstreamCall, receipt: Receipt): Promise<JsonObject | string> {
  let answer: JsonObject
  try {
    answer = await call.send()
  } catch (error) {
    if (!(error instanceof McpUpstreamError)) throw error
    // Whether it was done is known to nobody: the receipt keeps saying so.
    if (error.was_sent) return `${error.message}. It may have been done all the same. Receipt: ${receipt.run_id}`
    await record(turn, receipt, { success: false, output: {}, error: error.message })
    return `${error.message}. Receipt: ${receipt.run_id}`
  }
  const isError = answer.isError === true
  await record(turn, receipt, { success: !isError, output: toJsonObject(answer), error: isError ? textOf(answer) : null })
  return answer
}

/** What was done is done, and its answer is handed on, whether or not it could be written down. */
async function record(
  { host }: McpTurn,
  receipt: Receipt,
  outcome: { success: boolean; output: JsonObject; error: string | null }
): Promise<void> {
  const { team_id, run_id } = receipt
  await reportOutcome(receipt, { ...outcome, rollback_data: null }, host.ports).catch((error: unknown) =>
    host.log({ level: 'error', event: 'mcp_outcome_not_recorded', team_id, run_id, error: messageOf(error) })
  )
}

function textOf(answer: JsonObject): string {
  const content = Array.isArray(answer.content) ? answer.content : []
  const texts = content.flatMap((one) => {
    const text = one !== null && typeof one === 'object' && !Array.isArray(one) ? one.text : undefined
    return typeof text === 'string' ? [text] : []
  })
  return (texts.join('\n') || 'the tool says that it failed').slice(0, ERROR_CHARS_MAX).toWellFormed()
}
