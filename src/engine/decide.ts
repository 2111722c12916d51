// Observed mode: Enact judges, somebody else executes. One decision, one signed receipt; what really happened is its next revision.
import { allowListRefusal } from './call_gate.ts'
import { requestDigest } from './approval_digest.ts'
import { isBudget, spend } from './budget_gate.ts'
import { BUDGETS_FACT } from './budget_terms.ts'
import { closeAll, type Connections } from './connections.ts'
import type { Installation, Target } from './config.ts'
import { Fault, fault } from './fault.ts'
import { contextOf, gather, judgeAll, strictest } from './gate.ts'
import { neededBy, REQUEST_ORDINAL } from './ask.ts'
import { issuesToErrors } from './input.ts'
import { recordDecision } from './decision_receipt.ts'
import { isPayloadOf } from './issue.ts'
import { killSwitch } from './kill_switch.ts'
import type { JudgedContext, Policy } from './policy.ts'
import type { Ports } from './ports.ts'
import { redact } from './redaction.ts'
import type { Approval, JsonObject, PolicyResult, Receipt } from './schema.ts'
import { contextsOf, type OpenQuestion, type SessionBefore, type AgentSessions } from './agent_session.ts'

/** What an agent is about to do. Who asks was established by the host. */
export interface ObservedRequest {
  /** The same for the same tool call, so that asking twice is asking once. */
  readonly run_id: string
  readonly team_id: string
  readonly user_email: string
  readonly user_attributes: JsonObject
  readonly actor: { readonly api_key_id: string | null; readonly session_id: string | null }
  readonly action: string
  readonly input: JsonObject
  readonly tool_use_id: string | null
  readonly expires_in_seconds?: number
  /** The agent's own user would have to permit this: a person is asked whatever policies say. */
  readonly insists?: boolean
  /** Why the host refuses this whatever policies say, such as a tool that is not what it was. */
  readonly refusal?: PolicyResult | null
}

/** `HOLD` = a person is asked; there is no receipt until they, or their silence, have decided and the agent asks again. */
export interface Decided {
  readonly run_id: string
  readonly decision: 'PASS' | 'BLOCK' | 'HOLD'
  readonly policy_results: readonly PolicyResult[]
  readonly hitl_id: string | null
  readonly expires_at: string | null
  readonly receipt: Receipt | null
}

export type DecidePorts = Ports & { readonly agentSessions: AgentSessions }

/** How long people have to answer an agent that stands and waits. */
const EXPIRES_IN_SECONDS = 3_600

/**
 * Judges one action of an agent, with what its session did before. An approval is good for exactly this action and input, of this key and
 * session, once. Asked again under the same run id it answers the same. Throws `invalid` for an input that does not fit its action.
 */
export async function decide(installation: Installation, asked: ObservedRequest, ports: DecidePorts): Promise<Decided> {
  const target = installation.actions.get(asked.action) ?? null
  const input = readInput(target, asked.input)
  const stored = await ports.ledger.latest(asked.team_id, asked.run_id)
  if (stored !== null) return again(stored, asked, target?.id ?? asked.action, input, ports)
  const at = ports.clock.now()
  const digest = requestDigest({ team_id: asked.team_id, workflow: target?.id ?? asked.action, payload: input, preview: {} }, ports.hash)
  const place = { team_id: asked.team_id, api_key_id: asked.actor.api_key_id ?? '', session_id: asked.actor.session_id }
  const before = await ports.agentSessions.begin(place, stepOf(asked, target, input, at), digest)
  const judged = await judgeObserved(installation, asked, target, input, before, at, ports)
  const settled = await settle(installation, asked, target, input, digest, judged.results, before.question, ports)
  const { facts, ...answer } = await spendOnDecision(asked, target, judged, settled, ports)
  const decision = answer.question !== null ? 'HOLD' : answer.results.some(({ effect }) => effect === 'deny') ? 'BLOCK' : 'PASS'
  const receipt =
    decision === 'HOLD'
      ? null
      : await recordDecision(asked, target, input, { ...answer, facts, decision, at, config_digest: installation.digest }, ports)
  await ports.agentSessions.end(place, { run_id: asked.run_id, decision, digest, question: answer.question })
  const hitl_id = answer.question?.hitl_id ?? answer.approval?.hitl_id ?? null
  const expires_at = answer.question?.expires_at ?? null
  return { run_id: asked.run_id, decision, policy_results: receipt?.policy_results ?? answer.results, hitl_id, expires_at, receipt }
}

/** INVARIANT: a used id answers only for what it was used for: the same action on the same input, for the same key and user. */
async function again(stored: Receipt, asked: ObservedRequest, workflow: string, input: JsonObject, ports: Ports): Promise<Decided> {
  const isSame =
    stored.mode === 'observed' &&
    stored.workflow === workflow &&
    stored.user_email === asked.user_email &&
    stored.actor.api_key_id === asked.actor.api_key_id &&
    stored.actor.session_id === asked.actor.session_id &&
    (await isPayloadOf(stored, input, ports))
  if (!isSame) throw fault('receipt_conflict', `another action was decided on as \`${asked.run_id}\``)
  return {
    run_id: stored.run_id,
    decision: stored.decision === 'BLOCK' ? 'BLOCK' : 'PASS',
    policy_results: stored.policy_results,
    hitl_id: stored.approval?.hitl_id ?? null,
    expires_at: null,
    receipt: stored
  }
}

function readInput(target: Target | null, input: JsonObject): JsonObject {
  if (target === null) return input
  const parsed = target.action.input.safeParse(input)
  if (parsed.success) return parsed.data as JsonObject
  const errors = issuesToErrors(parsed.error).map(({ pointer, detail }) => ({ pointer: `/input${pointer}`, detail }))
  throw fault('invalid', `the input does not fit \`${target.id}\`: ${errors[0]?.pointer ?? '/input'} ${errors[0]?.detail ?? ''}`, {
    errors
  })
}

function stepOf(asked: ObservedRequest, target: Target | null, input: JsonObject, at: number) {
  return {
    run_id: asked.run_id,
    at,
    workflow: target?.id ?? asked.action,
    action: target?.name ?? null,
    system: target?.system.id ?? null,
    user_email: asked.user_email,
    payload: redact(input).value
  }
}

interface JudgedAction {
  readonly results: PolicyResult[]
  readonly facts: JsonObject
  readonly policies: readonly Policy[]
  readonly context: JudgedContext
}

async function judgeObserved(
  installation: Installation,
  asked: ObservedRequest,
  target: Target | null,
  input: JsonObject,
  before: SessionBefore,
  at: number,
  ports: Ports
): Promise<JudgedAction> {
  const killed = await killSwitch(asked.team_id, ports)
  const refusal = target === null ? unlisted(asked.action) : allowListRefusal(target)
  const policies = target === null ? [] : installation.requestPolicies(target.id)
  const subject = { ...asked, workflow: target?.id ?? asked.action, mode: 'observed' }
  const connections: Connections = new Map()
  const gathered = await gather(policies, input, subject, installation, ports, connections, at)
  const context = { ...contextOf(subject, input, gathered.facts, at, ports, target), before: contextsOf(before.steps, ports.parsers) }
  const verdicts = judgeAll(policies, context, gathered.failed)
  const refusals = [refusal, asked.refusal ?? null].filter((one) => one !== null)
  const results = [...refusals, ...killed.results, ...verdicts, ...(asked.insists === true ? [PERMISSION] : [])]
  if (connections.size > 0) await closeAll(connections)
  // Which earlier steps were seen, so that the verdict can be made again from the receipts of the session.
  const last = before.steps.at(-1)
  const session: JsonObject = last === undefined ? {} : { session: { steps: before.count, last_run_id: last.run_id } }
  return { results, facts: { ...gathered.facts, ...killed.facts, ...session }, policies, context }
}

/** What passes uses up its budgets until its executor says that it failed; what is held uses up nothing yet. */
async function spendOnDecision(
  asked: ObservedRequest,
  target: Target | null,
  { facts, policies, context }: JudgedAction,
  settled: Settled,
  ports: Ports
): Promise<Settled & { readonly facts: JsonObject }> {
  if (settled.question !== null || !policies.some(isBudget)) return { ...settled, facts }
  const spending = { who: asked, ordinal: REQUEST_ORDINAL, policies, context, results: settled.results, target, look: null }
  const { results, figures } = await spend(spending, ports)
  return { ...settled, results, facts: figures === null ? facts : { ...facts, [BUDGETS_FACT]: figures } }
}

const PERMISSION: PolicyResult = {
  policy: 'permission_request',
  passed: false,
  effect: 'ask',
  reason: 'the agent asks for a permission that its user has not given'
}

function unlisted(action: string): PolicyResult {
  return {
    policy: 'allow_list',
    passed: false,
    effect: 'deny',
    reason: `\`${action}\` is not on this team's list of actions`,
    remedy: 'ask for one that enact.config.ts lists',
    code: 'not_allowed'
  }
}

interface Settled {
  readonly results: readonly PolicyResult[]
  readonly approval: Approval | null
  /** Set while a person is asked. */
  readonly question: OpenQuestion | null
}

/** Where policies ask: what people said, or the question to them. A deny is not asked about: nobody should approve what is denied anyway. */
async function settle(
  installation: Installation,
  asked: ObservedRequest,
  target: Target | null,
  input: JsonObject,
  digest: string,
  results: readonly PolicyResult[],
  open: OpenQuestion | null,
  ports: Ports
): Promise<Settled> {
  if (strictest(results) !== 'ask' || target === null) return { results, approval: null, question: null }
  const ended = (code: string, reason: string, approval: Approval | null): Settled => ({
    results: [...results, { policy: 'approval', passed: false, effect: 'deny', reason, code }],
    approval,
    question: null
  })
  if (ports.approvals === null)
    return ended('approval_unavailable', 'a person must approve this, and this installation has no approvals', null)
  try {
    const question = open ?? (await ports.approvals.request(questionOf(asked, target, input, results, installation.digest)))
    const answer = await ports.approvals.consume(asked.team_id, question.hitl_id, asked.run_id, digest)
    if (answer.kind === 'pending')
      return { results, approval: null, question: { hitl_id: question.hitl_id, expires_at: answer.expires_at } }
    if (answer.kind === 'ended') return ended(answer.code, answer.detail, answer.approval)
    return { results, approval: answer.approval, question: null }
  } catch (error) {
    if (error instanceof Fault && error.status < 500) return ended(error.code, error.detail, null)
    throw error
  }
}

function questionOf(asked: ObservedRequest, target: Target, input: JsonObject, results: readonly PolicyResult[], config_digest: string) {
  return {
    team_id: asked.team_id,
    run_id: asked.run_id,
    ordinal: REQUEST_ORDINAL,
    is_grant: true as const,
    workflow: target.id,
    user_email: asked.user_email,
    api_key_id: asked.actor.api_key_id,
    payload: input,
    preview: {},
    policy_results: results,
    needed: neededBy(results),
    notify_email: null,
    expires_in_seconds: asked.expires_in_seconds ?? EXPIRES_IN_SECONDS,
    callback_url: null,
    config_digest
  }
}
