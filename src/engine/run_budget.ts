// The budgets of a run: reserved for the request before its first effect and for each call before its own, settled by what the journal says became of them.
import { previewOf, REQUEST_ORDINAL } from './ask.ts'
import { isBudget, outputAmounts, settle, spend } from './budget_gate.ts'
import type { BudgetSettlement } from './budget.ts'
import { BUDGETS_FACT } from './budget_terms.ts'
import { contextOf } from './gate.ts'
import type { Running, Step } from './recorder.ts'
import { readPayload, resolve } from './run.ts'
import type { JsonObject, PolicyResult } from './schema.ts'

type Settled = BudgetSettlement['settled'][number]

/** What a call left: something to count. REVERTED is what a rollback does. */
const COUNTS: ReadonlySet<string> = new Set(['DONE', 'UNKNOWN', 'REVERTED'])

/** Reserves what the request uses up. Gives the verdict that stops the run; null = it may go on. */
export async function spendOnRequest(running: Running): Promise<PolicyResult | null> {
  const { installation, order, judged, ports, journal } = running
  const policies = installation.requestPolicies(order.workflow)
  if (order.run_mode !== 'enforce' || !policies.some(isBudget) || judged.results.some(({ effect }) => effect === 'deny')) return null
  const found = resolve(installation, order.workflow)
  const target = found !== null && 'target' in found ? found.target : null
  const payload = running.kind === 'rollback' ? order.payload : readPayload(installation, order.workflow, order.payload)
  const look = (): Promise<JsonObject> => previewOf(target, payload, ports, running.connections)
  const context = contextOf(order, payload, judged.facts, judged.at, ports, target)
  const spending = { who: order, ordinal: REQUEST_ORDINAL, policies, context, results: judged.results, target, look }
  const spent = await spend(spending, ports)
  const facts = spent.figures === null ? judged.facts : { ...judged.facts, [BUDGETS_FACT]: spent.figures }
  running.judged = { ...judged, results: spent.results, facts }
  running.atMost = spent.atMost
  const denied = spent.results.find(({ effect }) => effect === 'deny') ?? null
  // What was refused is not written down: whoever resumes asks again, and there may be room then.
  if (denied === null && spent.figures !== null)
    await journal.append({ type: 'spent', at: ports.clock.now(), judged: running.judged as unknown as JsonObject, at_most: spent.atMost })
  return denied
}

/** Whether something may have been changed already: then what was reserved for it is not asked for once more. */
export function hasActed({ past, installation }: Running): boolean {
  const mutates = (system: unknown, action: unknown) => installation.target(String(system), String(action))?.action.mutates !== false
  return [...past.values()].some(({ step, intent }) =>
    step === null
      ? mutates(intent?.call.system, intent?.call.action)
      : COUNTS.has(step.taken.status) && mutates(step.taken.system, step.taken.action)
  )
}

/** Right after a call: what nothing came of, or less than was reserved, is there for the next one. What is kept waits for the run's end. */
export async function settleCall(running: Running, ordinal: number, step: Step): Promise<void> {
  const one = running.ports.budgets === null ? null : settlementOf(running, ordinal, step)
  if (one === null || (one.isKept && Object.keys(one.amounts).length === 0)) return
  await settle(running.order.team_id, { run_id: running.order.run_id, settled: [one] }, running.ports)
}

/** Keeps what had an effect, or may have had one, and gives the rest back. Twice is once: a run that is resumed says it again. */
export async function settleRun(running: Running, isSound: boolean): Promise<void> {
  const { installation, order, ports, steps, kind } = running
  if (ports.budgets === null || order.run_mode !== 'enforce' || !installation.policies.some(isBudget)) return
  const settled = [...steps].flatMap(([ordinal, step]) => settlementOf(running, ordinal, step) ?? [])
  const ofRequest = installation.requestPolicies(order.workflow).filter(isBudget)
  if (ofRequest.length > 0) {
    const output = kind === 'action' ? (steps.get(0)?.output ?? null) : null
    settled.push({ ordinal: REQUEST_ORDINAL, isKept: isKept(running, isSound), amounts: outputAmounts(ofRequest, output) })
  }
  await settle(order.team_id, { run_id: order.run_id, settled }, ports)
}

/** A request counts where it changed something or may have, and where it came to its end having done what it was for. */
function isKept({ steps, installation }: Running, isSound: boolean): boolean {
  return [...steps.values()].some(({ taken: { status, system, action } }) => {
    const changes = installation.target(system, action)?.action.mutates !== false
    return COUNTS.has(status) && (changes || isSound)
  })
}

/** Null where nothing counts this call by itself. */
function settlementOf({ installation, order, kind }: Running, ordinal: number, { taken, output }: Step): Settled | null {
  const target = kind === 'workflow' && order.run_mode === 'enforce' ? installation.target(taken.system, taken.action) : null
  const policies = target === null ? [] : installation.callPolicies(target).filter(isBudget)
  return policies.length === 0 ? null : { ordinal, isKept: COUNTS.has(taken.status), amounts: outputAmounts(policies, output) }
}
