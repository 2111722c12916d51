// A tool call judged by the default pack, the way every tool call goes: normalised, then every policy, then the strictest verdict.
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { nodeParsers } from '../../src/adapters/parsers/node.ts'
import { contextOf, judgeAll, strictest } from '../../src/engine/gate.ts'
import { type Effect, install, type PolicyResult, toolAction, type ToolCall, TOOL_ACTIONS, toolSystem } from '../../src/engine/index.ts'
import { codingAgentPack } from '../../src/packs/index.ts'

const parsers = nodeParsers()
const installation = install({ connectors: [toolSystem()], policies: codingAgentPack(), workflows: [], actions: TOOL_ACTIONS }, nodeHash)

/** The verdict, and the policies that did not allow. */
export function judgeCall(call: ToolCall): { effect: Effect; by: readonly PolicyResult[] } {
  const { action, input } = toolAction(call)
  const subject = { team_id: 'acme', workflow: action, user_email: 'agent@company.com', user_attributes: {}, mode: 'observed' }
  const target = installation.target('agent', action.replace('agent.', ''))!
  const results = judgeAll(
    installation.callPolicies(target),
    contextOf(subject, input, {}, 1_790_000_000_000, { parsers }, target),
    new Map()
  )
  return { effect: strictest(results), by: results.filter((result) => result.effect !== 'allow') }
}

/** Loads what the pack parses with. */
export function loadParsers(): Promise<void> | undefined {
  return parsers.load(['sql', 'shell'])
}
