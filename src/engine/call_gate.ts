// The second gate: what is judged is what is done. Policies, people, locks, budgets and the kill switch, in that order, right before a call.
import { askPeople, neededBy, previewOf } from './ask.ts'
import { BUDGETS_FACT } from './budget_terms.ts'
import { isBudget, spend, type Spent } from './budget_gate.ts'
import type { Target } from './config.ts'
import { contextOf, gather, judgeAll, strictest } from './gate.ts'
import { takeLocks } from './hold.ts'
import { isKilled, killSwitch } from './kill_switch.ts'
import type { JudgedContext, Policy } from './policy.ts'
import { Ended, type Running } from './recorder.ts'
import type { Json, JsonObject, PolicyResult } from './schema.ts'

/** The verdicts over one call; `denied` is the one that keeps it from being made. */
export interface CallVerdict {
  readonly results: readonly PolicyResult[]
  readonly facts: JsonObject
  readonly denied: PolicyResult | null
  /** By key of the output: what the call may come to. */
  readonly atMost: Readonly<Record<string, number>>
}

/** Of a call that was judged by an earlier attempt. */
export const CLEARED: CallVerdict = { results: [], facts: {}, denied: null, atMost: {} }

/** Judges a call, takes its locks and reserves what it uses up. Throws `Ended` where the run is suspended until a person decides. In shadow runs only the kill switch stops. */
export async function clearCall(
  run: Running,
  target: Target,
  input: JsonObject,
  resources: readonly string[],
  ordinal: number,
  now: number
): Promise<CallVerdict> {
  const judged = await judgeCall(run, target, input, ordinal, now)
  const { mutates } = target.action
  const isEnforced = run.order.run_mode !== 'shadow'
  if (isEnforced && strictest(judged.results) === 'ask') await askAboutCall(run, target, input, ordinal, judged.results)
  if (isEnforced && mutates && strictest(judged.results) !== 'deny') {
    const locked = await takeLocks(run.order, run.held, resources, run.ports)
    if (locked !== null) judged.results.push({ ...locked, call: ordinal })
  }
  const spent = await spendOnCall(run, target, input, ordinal, isEnforced ? judged : { ...judged, budgets: null })
  const figures = spent.figures === null ? {} : { [`${BUDGETS_FACT}#${ordinal}`]: spent.figures }
  // The last question before an effect, in shadow runs too: the switch may have been thrown since the request was judged.
  const killed = mutates ? await killSwitch(run.order.team_id, run.ports, ordinal) : CLEARED
  const results = [...spent.results, ...killed.results]
  const stops = isEnforced || isKilled(results)
  return {
    results,
    facts: { ...judged.facts, ...figures, ...killed.facts },
    denied: stops ? (results.find((result) => result.effect === 'deny') ?? null) : null,
    atMost: spent.atMost
  }
}

interface JudgedCall {
  readonly results: PolicyResult[]
  readonly facts: JsonObject
  /** Those that count something, and what they saw; null = none does. */
  readonly budgets: { readonly policies: readonly Policy[]; readonly context: JudgedContext } | null
}

async function judgeCall(run: Running, target: Target, input: JsonObject, ordinal: number, now: number): Promise<JudgedCall> {
  const none = { facts: {}, budgets: null }
  if (run.kind === 'rollback') return { results: [], ...none }
  if (run.kind === 'action') return judgeAgain(run, target, input, ordinal, now)
  const refusal = allowListRefusal(target)
  if (refusal !== null) return { results: [{ ...refusal, call: ordinal }], ...none }
  const policies = run.installation.callPolicies(target)
  if (policies.length === 0) return { results: [], ...none }
  const gathered = await gather(policies, input, run.order, run.installation, run.ports, run.connections, now)
  const context = contextOf(run.order, input, gathered.facts, now, run.ports, target)
  const results = judgeAll(policies, context, gathered.failed, ordinal)
  const budgets = policies.some(isBudget) ? { policies, context } : null
  return { results, facts: changedFacts(run.judged.facts, gathered.facts, ordinal), budgets }
}

async function spendOnCall(
  run: Running,
  target: Target,
  input: JsonObject,
  ordinal: number,
  { results, budgets }: JudgedCall
): Promise<Spent> {
  if (budgets === null) return { results, figures: null, atMost: {} }
  const look = () => previewOf(target, input, run.ports, run.connections)
  return spend({ who: run.order, ordinal, ...budgets, results, target, look }, run.ports)
}

/**
 * A single action was judged as the request. What policies asked of past receipts is asked once more, now that the run holds its locks: whoever had
 * them before is among those receipts. Only a deny is news.
 */
async function judgeAgain(run: Running, target: Target, input: JsonObject, ordinal: number, now: number): Promise<JudgedCall> {
  const policies = run.ports.past === undefined ? [] : run.installation.callPolicies(target).filter(({ past }) => past !== null)
  if (policies.length === 0) return { results: [], facts: {}, budgets: null }
  const gathered = await gather(policies, input, run.order, run.installation, run.ports, run.connections, now)
  const context = contextOf(run.order, input, gathered.facts, now, run.ports, target)
  const results = judgeAll(policies, context, gathered.failed, ordinal).filter(({ effect }) => effect === 'deny')
  return { results, facts: results.length === 0 ? {} : changedFacts(run.judged.facts, gathered.facts, ordinal), budgets: null }
}

/** An ask at a call suspends the run; its denial stands among the call's verdicts. */
async function askAboutCall(run: Running, target: Target, input: JsonObject, ordinal: number, results: PolicyResult[]): Promise<void> {
  const { order, ports } = run
  const ask = {
    team_id: order.team_id,
    run_id: order.run_id,
    ordinal,
    workflow: order.workflow,
    user_email: order.user_email,
    api_key_id: order.actor.api_key_id,
    payload: { action: target.id, input },
    preview: await previewOf(target, input, ports, run.connections),
    policy_results: results,
    needed: neededBy(results),
    notify_email: order.asking?.notify_email ?? null,
    expires_in_seconds: order.asking?.expires_in_seconds ?? 3600,
    callback_url: order.asking?.callback_url ?? null,
    config_digest: run.installation.digest
  }
  const asked = await askPeople(run, ask)
  if (asked.kind === 'waiting') {
    run.waiting = { hitl_id: asked.hitl_id, expires_at: asked.expires_at }
    run.ended ??= new Ended('suspended', 'a person is asked')
    throw run.ended
  }
  run.approval = asked.approval
  if (asked.kind === 'ended') results.push(asked.result)
}

/** The verdict on an action that its system does not offer here; null when it does. */
export function allowListRefusal(target: Target): PolicyResult | null {
  const { system, name } = target
  const refuse = (reason: string, remedy: string): PolicyResult => ({
    policy: 'allow_list',
    passed: false,
    effect: 'deny',
    reason,
    remedy,
    code: 'not_allowed'
  })
  if (system.missing !== null) return refuse(`system \`${system.id}\` is not switched on`, `set ${system.missing}`)
  if (target.action.mutates && target.action.internal) return refuse(`action \`${name}\` only serves rollbacks`, 'roll the run back')
  if (system.allowed !== null && !system.allowed.has(name)) {
    return refuse(
      `action \`${name}\` is not on the allow list of system \`${system.id}\``,
      'add it to `allowed_actions` in enact.config.ts'
    )
  }
  return null
}

function changedFacts(before: JsonObject, now: JsonObject, ordinal: number): JsonObject {
  const changed: Record<string, Json> = {}
  for (const [name, value] of Object.entries(now)) {
    if (!Object.hasOwn(before, name)) changed[name] = value
    else if (JSON.stringify(before[name]) !== JSON.stringify(value)) changed[`${name}#${ordinal}`] = value
  }
  return changed
}
