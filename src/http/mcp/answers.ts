// What agents are told over MCP: verdicts in plain words, where people decide, and never more than that.
import type { CallToolResult, InputRequiredResult, Server } from '@modelcontextprotocol/server'
import { Fault, type Json, type PolicyResult } from '../../engine/index.ts'
import { bugReport } from '../problem.ts'
import type { McpTurn } from './serve.ts'
import { mintState } from './session.ts'

/** A text that says that it did not work. */
export function errorText(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true }
}

/** JSON as text, for clients of every age. */
export function jsonText(value: Json, isError = false): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(value) }], ...(isError ? { isError } : {}) }
}

/** Why something is not done, rule by rule, and what would help. */
export function blockedText(results: readonly PolicyResult[], runId: string): string {
  const reasons = results
    .filter(({ effect }) => effect === 'deny')
    .map(({ policy, reason, remedy }) => `- ${policy}: ${reason}${remedy === undefined ? '' : ` (${remedy})`}`)
  return ['Enact blocked this; nothing was done.', ...reasons, `Receipt: ${runId}`].join('\n')
}

/** Where people are asked: inside the protocol where the client can show an address, else as a text with the link. */
export async function held(
  server: Server,
  turn: McpTurn,
  asked: string,
  waiting: { readonly hitl_id: string; readonly label: string; readonly url: string; readonly what: string; readonly next: string }
): Promise<InputRequiredResult | string> {
  const { hitl_id, label, url, what, next } = waiting
  if (!turn.isModern || !canShowAddress(server)) return `A person must approve ${what} first: ${url}\n${next}`
  const { inputRequired } = turn.sdk
  return inputRequired({
    inputRequests: { approval: inputRequired.elicitUrl({ message: `A person must approve ${what} first.`, url }) },
    requestState: await mintState(turn, asked, { hitl_id, label })
  })
}

// oxlint-disable typescript/no-deprecated -- the per-request envelope feeds it, and it is the one place for both ages of the protocol
function canShowAddress(server: Server): boolean {
  return server.getClientCapabilities()?.elicitation?.url !== undefined
}
// oxlint-enable typescript/no-deprecated

/** A protocol error that says no more than a problem document would. */
export function protocolError({ sdk, host }: McpTurn, error: unknown): Error {
  if (error instanceof sdk.ProtocolError) return error
  if (error instanceof Fault && error.code !== 'internal')
    return new sdk.ProtocolError(sdk.ProtocolErrorCode.InvalidParams, `${error.code}: ${error.detail}`)
  const requestId = host.ports.ids.runId()
  host.log(bugReport(error, requestId, '/mcp'))
  return new sdk.ProtocolError(sdk.ProtocolErrorCode.InternalError, `something went wrong here; it was logged under ${requestId}`)
}
