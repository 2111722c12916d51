// Enact's own MCP server: the team's workflows and actions as tools, and tools to read receipts. Every tool goes the way of its route.
import type { CallToolResult, InputRequiredResult, Server } from '@modelcontextprotocol/server'
import { digestOf, fault, Name, parseInput, RunRequest, type JsonObject, type Receipt } from '../../engine/index.ts'
import { requireScope } from '../auth.ts'
import type { Actor, Host } from '../host.ts'
import type { Answer } from '../problem.ts'
import { approvalUrl } from '../routes/decisions.ts'
import { createRun, readRun } from '../routes/runs.ts'
import { blockedText, errorText, held, jsonText, protocolError } from './answers.ts'
import { READ_TOOLS } from './read_tools.ts'
import { runTools } from './run_tools.ts'
import type { McpService, McpTurn } from './serve.ts'
import { openState } from './session.ts'
import { throughRoute } from './through_route.ts'

const WAIT_S = 20

/** Enact's own tools for one request of this key: those that its scopes allow. */
export function ownTools(host: Host, actor: Actor): McpService {
  return {
    title: 'enact',
    capabilities: { tools: {} },
    instructions:
      'Workflows and actions are judged by policies first; a block is final, and says why. Where a person must approve, nothing is done until they have.',
    begin: () => Promise.resolve(null),
    handle(server, turn) {
      server.setRequestHandler('tools/list', () => {
        const reads = READ_TOOLS.filter(({ scopes }) => may(actor, scopes)).map(({ shown }) => shown)
        const taken = new Set(READ_TOOLS.map(({ shown }) => shown.name))
        const runs = may(actor, ['run']) ? runTools(host.installation(actor.team_id)).filter(({ name }) => !taken.has(name)) : []
        return { tools: [...runs, ...reads] as never[] }
      })
      server.setRequestHandler('tools/call', async ({ params: { name, arguments: args = {} } }, ctx) => {
        try {
          const state = ctx.mcpReq.requestState<string>()
          return (await callTool(server, turn, name, args as JsonObject, state)) as CallToolResult | InputRequiredResult
        } catch (error) {
          const told = protocolError(turn, error)
          // What the caller can do something about is the tool's answer; the model reads it.
          if (told instanceof turn.sdk.ProtocolError && told !== error && told.code === turn.sdk.ProtocolErrorCode.InvalidParams)
            return errorText(told.message)
          throw told
        }
      })
    }
  }
}

function may(actor: Actor, scopes: Parameters<typeof requireScope>[1]): boolean {
  try {
    requireScope(actor, scopes)
    return true
  } catch {
    return false
  }
}

async function callTool(server: Server, turn: McpTurn, name: string, args: JsonObject, state: string | undefined) {
  const reading = READ_TOOLS.find(({ shown }) => shown.name === name)
  if (reading !== undefined) {
    requireScope(turn.actor, reading.scopes)
    return reading.run(turn, args)
  }
  requireScope(turn.actor, ['run'])
  if (!Name.safeParse(name).success) throw fault('not_found', 'there is no such tool')
  return run(server, turn, name, args, state)
}

/** As `POST /runs` has it: judged, executed in its own object, receipted. What is not listed is a BLOCK with a receipt. */
async function run(server: Server, turn: McpTurn, workflow: string, payload: JsonObject, state: string | undefined) {
  const digest = digestOf({ workflow, payload }, turn.host.ports.hash)
  const asked = state === undefined ? null : await openState(turn, digest, state)
  if (state !== undefined && asked === null)
    throw new turn.sdk.ProtocolError(turn.sdk.ProtocolErrorCode.InvalidParams, 'Invalid or expired requestState', {
      reason: 'invalid_request_state'
    })
  const done = asked === null ? await start(turn, workflow, payload) : await look(turn, asked.label)
  const body = done.body as RunShown
  if (body.status === 'RUNNING') return jsonText({ run_id: body.run_id, status: 'RUNNING', next: 'ask `enact_read_run` for its end' })
  if (body.status === 'PENDING') {
    const url = approvalUrl(turn.origin, body.hitl_id!)
    const next = `Once they have approved, Enact carries it out by itself: ask \`enact_read_run\` for run ${body.run_id}.`
    const result = await held(server, turn, digest, { hitl_id: body.hitl_id!, label: body.run_id, url, what: `\`${workflow}\``, next })
    return typeof result === 'string' ? errorText(result) : result
  }
  const { run_id, decision, outcome, receipt } = body
  if (decision === 'BLOCK' && outcome === 'NONE') return errorText(blockedText(receipt.policy_results, run_id))
  const output = Object.fromEntries(receipt.actions_taken.filter(({ success }) => success).map((taken) => [taken.action, taken.output]))
  const errors = receipt.actions_taken.flatMap(({ action, error }) => (error === null ? [] : [{ action, ...error }]))
  const isError = decision === 'BLOCK' || outcome !== 'SUCCEEDED'
  return jsonText({ run_id, decision, outcome, output, ...(isError ? { errors } : {}) } as never, isError)
}

interface RunShown {
  readonly run_id: string
  readonly status: 'DONE' | 'RUNNING' | 'PENDING'
  readonly hitl_id?: string
  readonly decision: Receipt['decision']
  readonly outcome: Receipt['outcome']
  readonly receipt: Receipt
}

async function start(turn: McpTurn, workflow: string, payload: JsonObject): Promise<Answer> {
  const { idempotencyKey, user_email } = turn
  const headers = new Headers(idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey })
  return throughRoute(turn, createRun, { body: parseInput(RunRequest, { workflow, user_email, payload }), headers })
}

async function look(turn: McpTurn, runId: string): Promise<Answer> {
  return throughRoute(turn, readRun, { params: { run_id: runId }, query: { wait: WAIT_S } })
}
