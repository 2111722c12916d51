// Observed mode: what an agent is about to do is judged here and done elsewhere; what became of it is reported afterwards.
import * as z from 'zod'
import {
  decide,
  derivedId,
  Email,
  fault,
  Inverse,
  JsonObject,
  Name,
  PolicyResult,
  Receipt,
  reportOutcome,
  RunId
} from '../../engine/index.ts'
import { userAttributes } from '../attributes.ts'
import { isAdmin, requireUser } from '../auth.ts'
import type { Actor, Host } from '../host.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { idempotencyKeyOf } from '../run_id.ts'
import { RunPath } from '../schema.ts'

const Label = z.string().min(1).max(256)

const DecisionRequest = z.strictObject({
  action: Name,
  input: JsonObject,
  user_email: Email,
  session_id: Label.optional(),
  tool_use_id: Label.optional()
})
export type DecisionRequest = z.output<typeof DecisionRequest>

const DecisionShown = z.strictObject({
  run_id: RunId,
  decision: z.enum(['PASS', 'BLOCK', 'HOLD']),
  policy_results: z.array(PolicyResult),
  hitl_id: RunId.optional(),
  approval_url: z.url().optional(),
  expires_at: z.string().optional()
})

/** `POST /decisions`. */
export const createDecision = route({
  id: 'createDecision',
  method: 'POST',
  path: '/decisions',
  access: ['run'],
  title: 'Ask whether an action may be done',
  about:
    'Policies judge `action` and `input` with what this session did before; you execute. `HOLD`: a person is asked; ask for exactly the same again once they have approved, and it passes once. `tool_use_id` makes asking twice asking once.',
  tag: 'runs',
  body: DecisionRequest,
  idempotent: true,
  answers: { 200: { title: 'The verdict', schema: DecisionShown } },
  async handle({ host, actor, body, headers, url }) {
    const run_id = await decisionId(host, actor, body.session_id ?? null, body.tool_use_id ?? idempotencyKeyOf(headers))
    const decided = await decideFor(host, actor, run_id, body)
    const { decision, policy_results, hitl_id, expires_at } = decided
    const waiting = decision === 'HOLD' ? { approval_url: approvalUrl(url.origin, hitl_id!), expires_at: expires_at! } : {}
    return answer(200, { run_id, decision, policy_results, ...(hitl_id === null ? {} : { hitl_id }), ...waiting })
  }
})

/** `POST /decisions/{run_id}/outcome`. */
export const createOutcome = route({
  id: 'createOutcome',
  method: 'POST',
  path: '/decisions/:run_id/outcome',
  access: ['run'],
  title: 'Say what became of an action',
  about:
    'Appends a revision to its receipt: the executor’s word, signed as such. `rollback_data` is shown, never run. The same again changes nothing; another outcome is a 409.',
  tag: 'runs',
  params: RunPath,
  body: z.strictObject({
    success: z.boolean(),
    output: JsonObject.optional(),
    error: z.string().max(4_096).optional(),
    rollback_data: z.union([Inverse, z.literal('irreversible'), z.null()]).optional()
  }),
  answers: {
    201: { title: 'It is in the receipt', schema: z.strictObject({ run_id: RunId, already_stored: z.boolean(), receipt: Receipt }) }
  },
  async handle({ host, actor, params: { run_id }, body: { success, output = {}, error = null, rollback_data = null } }) {
    const latest = await host.ports.ledger.latest(actor.team_id, run_id)
    if (latest === null) throw fault('not_found', `there is no decision \`${run_id}\``)
    if (latest.actor.api_key_id !== actor.api_key_id && !isAdmin(actor))
      throw fault('forbidden', 'the outcome is reported by the key that asked, or with scope `admin`')
    const { receipt, already } = await reportOutcome(latest, { success, output, error, rollback_data }, host.ports)
    return answer(201, { run_id, already_stored: already, receipt }, { location: `/receipts/${run_id}` })
  }
})

/** One id for one tool call of one session of this key; without a name for the call, a fresh one. */
export async function decisionId(host: Host, actor: Actor, sessionId: string | null, call: string | null): Promise<string> {
  if (call === null) return host.ports.ids.runId()
  const name = JSON.stringify(['enact/decision', actor.api_key_id, sessionId, call])
  return derivedId(name, await host.ports.keys.team(actor.team_id), host.ports.hash)
}

/** The one way into a decision, for routes and hooks alike. Throws as `decide` and `requireUser` do. */
export async function decideFor(
  host: Host,
  actor: Actor,
  run_id: string,
  asked: DecisionRequest,
  insists = false,
  refusal: PolicyResult | null = null
) {
  requireUser(actor, asked.user_email)
  return decide(
    host.installation(actor.team_id),
    {
      run_id,
      team_id: actor.team_id,
      user_email: asked.user_email,
      user_attributes: await userAttributes(host, actor, asked.user_email),
      actor: { api_key_id: actor.api_key_id, session_id: asked.session_id ?? null },
      action: asked.action,
      input: asked.input,
      tool_use_id: asked.tool_use_id ?? null,
      insists,
      refusal
    },
    { ...host.ports, agentSessions: host.agentSessions }
  )
}

/** Where a person decides once they have signed in. INVARIANT: it holds no token. */
export function approvalUrl(origin: string, hitlId: string): string {
  return `${origin}/app/approvals?id=${hitlId}`
}
