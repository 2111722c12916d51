// A run in execution, from verdict to receipt. Executing again over the same journal goes on where it stopped and ends in the same receipt.
import { askPeople, neededBy, previewOf, REQUEST_ORDINAL } from './ask.ts'
import { conclude } from './conclude.ts'
import type { Installation } from './config.ts'
import { closeAll } from './connections.ts'
import { giveBack, giveBackLate, receiptLocks, takeLocks } from './hold.ts'
import { messageOf, toJsonObject } from './plain.ts'
import type { Journal, JournalEntry, Ports } from './ports.ts'
import { Ended, pastCalls, recordCall, resourcesOf, stepAsKnown, type Running } from './recorder.ts'
import { hasActed, settleRun, spendOnRequest } from './run_budget.ts'
import { judge, readPayload, resolve, type Admitted, type Judged, type RunPending, type RunResult } from './run.ts'
import type { ErrorNote, JsonObject, PolicyResult, Receipt } from './schema.ts'
import { Stop, type Workflow } from './workflow.ts'

/** No run executes longer than this at a stretch; the time that people take does not count. */
export const RUN_TIMEOUT_MS = 900_000

/** What a run does (a workflow, one action, the inverses of another run), and what it will write to, as far as that is known before. */
export interface Program {
  resources(running: Running): Promise<readonly string[]>
  run(running: Running): Promise<void>
}

/** Over, or suspended until a person decides. */
export type RunEnding = RunResult | RunPending

/** Issues and stores the receipt of a run that makes no call. */
export async function stopped(judged: Judged, ports: Ports): Promise<RunResult> {
  const receipt = await conclude({ judged, steps: [], error: null, approval: null, locks: [], ports })
  return { ...(await stored(receipt, ports)), output: {} }
}

/** Executes a run over its journal, resuming where an earlier attempt ended. A receipt is issued whatever happens. */
export function execute(installation: Installation, judged: Judged, ports: Ports, journal: Journal): Promise<RunEnding> {
  return executeProgram(installation, judged, ports, journal, requested)
}

/** The frame around every program: journal in, then people, locks, budgets, effects, receipt out. */
export async function executeProgram(
  installation: Installation,
  given: Judged,
  ports: Ports,
  journal: Journal,
  program: Program
): Promise<RunEnding> {
  const entries = await journal.read()
  const running = newRunning(installation, ports, journal, entries, given)
  const finished = entries.find((entry) => entry.type === 'finished')
  if (finished !== undefined) {
    const output = outputOf([...running.past.values()].flatMap(({ step }) => (step === null ? [] : [step])))
    const result = await stored(finished.receipt as unknown as Receipt, ports)
    await giveBackLate(running.order, result.receipt, ports)
    return { ...result, output }
  }
  if (entries.length === 0) await journal.append({ type: 'started', at: ports.clock.now(), run: given as unknown as JsonObject })
  const error = await attempt(running, program)
  await Promise.allSettled(running.pending)
  await Promise.all([closeAll(running.connections), settleRun(running, error === null && running.waiting === null)])
  if (running.waiting !== null) {
    await giveBack(running.order, running.held, ports)
    return { run_id: running.order.run_id, status: 'PENDING', ...running.waiting }
  }
  const steps = [...running.steps].sort(([a], [b]) => a - b).map(([, step]) => step)
  const { judged, approval } = running
  const receipt = await conclude({ judged, steps, error, approval, locks: receiptLocks(running.held), ports })
  // INVARIANT: the signed receipt is in the journal before it is in the ledger, so that a resumed run appends the very same bytes.
  await journal.append({ type: 'finished', at: ports.clock.now(), receipt: receipt as unknown as JsonObject })
  const result = await stored(receipt, ports)
  // INVARIANT: who gets these locks next finds this run's receipt: a policy that looks at past receipts misses none that was in its way.
  await giveBack(running.order, running.held, ports)
  return { ...result, output: outputOf(steps) }
}

function newRunning(installation: Installation, ports: Ports, journal: Journal, entries: readonly JournalEntry[], given: Judged): Running {
  const started = entries.find((entry) => entry.type === 'started')
  const again = entries.findLast((entry) => entry.type === 'judged' || entry.type === 'spent')
  const judged = (again?.judged ?? started?.run ?? given) as unknown as Judged
  const order = judged.admitted
  const isRollback = order.workflow.startsWith('rollback:')
  return {
    installation,
    ports,
    journal,
    entries,
    connections: new Map(),
    order,
    judged,
    kind: isRollback ? 'rollback' : installation.workflows.has(order.workflow) ? 'workflow' : 'action',
    past: pastCalls(entries),
    held: { lockId: null, locks: new Map() },
    steps: new Map(),
    pending: [],
    atMost: {},
    approval: null,
    waiting: null,
    next: 0,
    ended: null
  }
}

/** Null where the program came to its end; else why it did not. */
async function attempt(running: Running, program: Program): Promise<ErrorNote | null> {
  const { past, ports, installation, judged } = running
  if (past.size > 0) await holdAgain(running, program)
  const acted = [...past.values()].some(({ step }) => step === null || step.taken.status === 'DONE' || step.taken.status === 'UNKNOWN')
  if (judged.config_digest !== installation.digest && acted) {
    for (const [ordinal, call] of past) {
      const step = stepAsKnown(call, ports.clock.now())
      if (step !== null) running.steps.set(ordinal, step)
    }
    return { code: 'config_changed', message: 'the configuration changed after this run had its first effect' }
  }
  try {
    // What people took their time over may be counted no more; where something was done already, it is.
    const refusal = past.size > 0 ? (hasActed(running) ? null : await spendOnRequest(running)) : await clearance(running, program)
    if (running.waiting !== null) return null
    if (refusal !== null) return { code: 'blocked', message: `${refusal.policy}: ${refusal.reason}` }
    await ports.timer.within(RUN_TIMEOUT_MS, program.run(running))
    return running.ended === null ? null : { code: running.ended.code, message: running.ended.message }
  } catch (error) {
    if (error instanceof Ended) return { code: error.code, message: error.message }
    running.ended ??= new Ended('failed', 'the run is over')
    if (error instanceof Stop) return { code: error.code, message: error.message }
    return { code: error instanceof Error && error.name === 'TimeoutError' ? 'run_timeout' : 'workflow_threw', message: messageOf(error) }
  }
}

/** Before the first effect: the people, the gate again, the locks, the budgets. Gives the verdict that stops the run; `running.waiting` suspends it. */
async function clearance(running: Running, program: Program): Promise<PolicyResult | null> {
  const { order, ports, installation } = running
  if (order.run_mode !== 'enforce') return null
  const mustAsk = running.judged.results.some((result) => result.effect === 'ask') || (order.asking?.hitl_id ?? null) !== null
  const wasJudgedAgain = running.entries.some((entry) => entry.type === 'judged')
  if (mustAsk || wasJudgedAgain) {
    const refusal = await approvalOf(running)
    if (refusal !== null || running.waiting !== null) return refusal
    if (!wasJudgedAgain) {
      // In the run's own session: a second one might wait for it, where a database has only one.
      running.judged = await judge(installation, running.order, ports, running.connections)
      await running.journal.append({ type: 'judged', at: ports.clock.now(), judged: running.judged as unknown as JsonObject })
    }
    const denied = running.judged.results.find((result) => result.effect === 'deny')
    if (denied !== undefined) return denied
  }
  const locked = await takeLocks(running.order, running.held, await program.resources(running), ports)
  if (locked === null) return spendOnRequest(running)
  running.judged = { ...running.judged, results: [...running.judged.results, locked] }
  return locked
}

/**
 * What an earlier attempt locked is this run's still, or was given back while it waited: it stands in the receipt, and is given back in the end.
 * A lease that ended and is somebody else's now keeps no effect from being looked after.
 */
async function holdAgain(running: Running, program: Program): Promise<void> {
  const { order, held, entries, installation, ports } = running
  if (order.run_mode !== 'enforce') return
  const written = entries.flatMap((entry) => {
    if (entry.type !== 'intent') return []
    const target = installation.target(String(entry.call.system), String(entry.call.action))
    const input = target?.action.input.safeParse(entry.call.input)
    return target && input?.success ? resourcesOf(target, input.data as JsonObject) : []
  })
  const declared = await program.resources(running).catch(() => [])
  await takeLocks(order, held, [...declared, ...written], ports).catch(() => null)
}

async function approvalOf(running: Running): Promise<PolicyResult | null> {
  const { ports, installation, judged } = running
  const order = await editedOrder(running)
  const found = resolve(installation, order.workflow)
  const redeems = order.asking?.hitl_id ?? null
  const target = found !== null && 'target' in found && redeems === null ? found.target : null
  const ask = {
    team_id: order.team_id,
    run_id: order.run_id,
    ordinal: REQUEST_ORDINAL,
    workflow: order.workflow,
    user_email: order.user_email,
    api_key_id: order.actor.api_key_id,
    payload: order.payload,
    preview: await previewOf(
      target,
      running.kind === 'action' ? readPayload(installation, order.workflow, order.payload) : {},
      ports,
      running.connections
    ),
    policy_results: judged.results,
    needed: neededBy(judged.results),
    notify_email: order.asking?.notify_email ?? null,
    expires_in_seconds: order.asking?.expires_in_seconds ?? 3600,
    callback_url: order.asking?.callback_url ?? null,
    config_digest: judged.config_digest
  }
  const asked = await askPeople(running, ask, redeems)
  if (asked.kind === 'waiting') running.waiting = { hitl_id: asked.hitl_id, expires_at: asked.expires_at }
  else running.approval = asked.approval
  if (asked.kind === 'approved') running.order = order
  if (asked.kind !== 'ended') return null
  running.judged = { ...judged, results: [...judged.results, asked.result] }
  return asked.result
}

/** The order as it was approved: an approver may have changed the payload before saying yes. */
async function editedOrder({ order, ports, entries }: Running): Promise<Admitted> {
  const asked = entries.find((entry) => entry.type === 'asked' && entry.ordinal === REQUEST_ORDINAL)
  if (ports.approvals === null || asked?.type !== 'asked') return order
  const payload = await ports.approvals.editedPayload(order.team_id, asked.hitl_id)
  return payload === null ? order : { ...order, payload }
}

/** A workflow or a single action, as the request named it. */
const requested: Program = {
  async resources({ installation, order }) {
    const found = resolve(installation, order.workflow)
    if (found === null) return []
    const payload = readPayload(installation, order.workflow, order.payload)
    if ('workflow' in found) return found.workflow.resources(payload)
    return found.target.action.mutates ? resourcesOf(found.target, payload) : []
  },
  async run(running) {
    const { installation, order } = running
    const found = resolve(installation, order.workflow)
    if (found === null) throw new Ended('failed', `\`${order.workflow}\` is not listed any more`)
    const payload = readPayload(installation, order.workflow, order.payload)
    if ('target' in found) await recordCall(running, found.target, payload)
    else await found.workflow.run(systemsFor(installation, found.workflow, running), payload, (now) => running.journal.progress?.(now))
  }
}

/** What a workflow sees: only the actions that it declared, each a recorded call. */
function systemsFor(installation: Installation, workflow: Workflow, running: Running): unknown {
  const bind = (system: string, name: string) => async (input: JsonObject) => {
    // Optional keys may be given as undefined, which has no digest.
    const step = await recordCall(running, installation.target(system, name)!, toJsonObject(input))
    if (running.ended !== null) throw running.ended
    return step.output
  }
  return Object.fromEntries(
    Object.entries(workflow.uses).map(([system, actions]) => [
      system,
      Object.fromEntries(Object.keys(actions).map((name) => [name, bind(system, name)]))
    ])
  )
}

async function stored(receipt: Receipt, ports: Ports): Promise<Omit<RunResult, 'output'>> {
  const ledger = await ports.ledger.append(receipt.team_id, receipt)
  return { run_id: receipt.run_id, status: 'DONE', decision: receipt.decision, outcome: receipt.outcome, receipt: { ...receipt, ledger } }
}

function outputOf(steps: readonly { taken: { action: string }; output: JsonObject | null }[]): Record<string, JsonObject> {
  return Object.fromEntries(steps.flatMap((step) => (step.output === null ? [] : [[step.taken.action, step.output]])))
}
