// Tools over receipts: search, look, prove, and what a rollback would do. What agents wrote into receipts is shown with nothing hidden.
import * as z from 'zod'
import type { CallToolResult } from '@modelcontextprotocol/server'
import {
  fault,
  parseInput,
  ReceiptQuery,
  RunId,
  verifyReceipt,
  visibleTexts,
  type Json,
  type JsonObject,
  type Receipt,
  type Scope
} from '../../engine/index.ts'
import { listReceipts, proveReceipt, readReceipt } from '../routes/receipts.ts'
import { readRun, rollBackRun } from '../routes/runs.ts'
import { jsonText } from './answers.ts'
import { throughRoute } from './through_route.ts'
import type { ToolShown } from './run_tools.ts'
import type { McpTurn } from './serve.ts'

/** A tool that changes nothing. */
export interface ReadTool {
  readonly shown: ToolShown
  readonly scopes: readonly Scope[]
  run(turn: McpTurn, args: JsonObject): Promise<CallToolResult>
}

const OfRun = z.strictObject({ run_id: RunId })

function readTool<S extends z.ZodObject>(
  name: string,
  description: string,
  scopes: readonly Scope[],
  schema: S,
  look: (turn: McpTurn, args: z.output<S>) => Promise<unknown>
): ReadTool {
  return {
    shown: {
      name,
      description,
      inputSchema: z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonObject,
      annotations: { readOnlyHint: true }
    },
    scopes,
    run: async (turn, args) => jsonText(visibleTexts((await look(turn, parseInput(schema, args))) as Json))
  }
}

export const READ_TOOLS: readonly ReadTool[] = [
  readTool(
    'enact_search_receipts',
    'Search the receipts of this team, newest first. `search` is text, or `decision:block`, `workflow:…`, `agent:…`, `policy:…`, `since:24h`, a leading `-` for not.',
    ['read'],
    z.strictObject({
      search: z.string().max(1_000).optional(),
      limit: z.int().min(1).max(50).optional(),
      cursor: z.string().max(20).optional()
    }),
    async (turn, { search, limit = 20, cursor }) => {
      const query = parseInput(ReceiptQuery, {
        limit: String(limit),
        ...(search === undefined ? {} : { search }),
        ...(cursor === undefined ? {} : { cursor })
      })
      const { body } = await throughRoute(turn, listReceipts, { query })
      const page = body as { data: Receipt[]; next_cursor: string | null }
      return { data: page.data.map(summary), next_cursor: page.next_cursor }
    }
  ),
  readTool(
    'enact_read_receipt',
    'Read one receipt: who asked for what, every verdict, what was done.',
    ['read'],
    OfRun,
    async (turn, params) => bodyOf(throughRoute(turn, readReceipt, { params, query: {} }))
  ),
  readTool(
    'enact_verify_receipt',
    'Check the signatures of a receipt and give the proof that it is in the ledger.',
    ['read'],
    OfRun,
    async (turn, params) => {
      const { ports } = turn.host
      const receipt = await turn.host.ledger.latest(turn.actor.team_id, params.run_id)
      if (receipt === null) throw fault('not_found', `there is no receipt \`${params.run_id}\``)
      const check = await verifyReceipt(receipt, await ports.keys.team(turn.actor.team_id), ports.hash)
      const { run_id } = params
      const finding = { run_id, kind: 'signature_invalid', repaired: false, at: ports.clock.now() } as const
      if (!check.valid) await turn.host.alarm(turn.actor.team_id, { kind: 'tamper', finding })
      return { check, proof: await bodyOf(throughRoute(turn, proveReceipt, { params })) }
    }
  ),
  readTool(
    'enact_read_run',
    'Where a run stands; with `wait` (seconds) the answer comes as soon as it is over.',
    ['run', 'read'],
    OfRun.extend({ wait: z.int().min(0).max(55).optional() }),
    async (turn, { run_id, wait = 0 }) => bodyOf(throughRoute(turn, readRun, { params: { run_id }, query: { wait } }))
  ),
  readTool('enact_plan_rollback', 'What taking a run back would do. Nothing is changed.', ['run'], OfRun, async (turn, params) =>
    bodyOf(throughRoute(turn, rollBackRun, { params, body: { dry_run: true } }))
  )
]

async function bodyOf(answer: Promise<{ readonly body?: unknown }>): Promise<unknown> {
  return (await answer).body
}

function summary({ run_id, workflow, decision, outcome, user_email, timestamp, policy_results }: Receipt): JsonObject {
  const reasons = policy_results.filter(({ passed }) => !passed).map(({ policy, reason }) => `${policy}: ${reason}`)
  return { run_id, workflow, decision, outcome, user_email, timestamp, reasons }
}
