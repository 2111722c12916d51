// A run, from request to receipt: admit, judge, then block or execute. Executing again over the same journal ends in the same receipt.
import type { Installation, Target } from './config.ts'
import { closeAll, type Connections } from './connections.ts'
import { fault } from './fault.ts'
import { contextOf, gather, judgeAll, withUnanswered } from './gate.ts'
import { issuesToErrors } from './input.ts'
import { conclude } from './conclude.ts'
import { messageOf, toJsonObject } from './plain.ts'
import type { Journal, Ports } from './ports.ts'
import { allowListRefusal, Ended, pastCalls, recordCall, type Running } from './recorder.ts'
import type { Decision, JsonObject, Links, Outcome, PolicyResult, Receipt, ReceiptBody, RunMode } from './schema.ts'
import { Stop, type Workflow } from './workflow.ts'

/** No run executes longer than this. */
export const RUN_TIMEOUT_MS = 900_000

/** A request that passed the door: who asks was established by the host, never by the request. JSON-safe. */
export interface Admitted {
  readonly run_id: string
  readonly team_id: string
  readonly mode: ReceiptBody['mode']
  readonly run_mode: RunMode
  readonly workflow: string
  readonly user_email: string
  readonly user_attributes: JsonObject
  readonly actor: { readonly api_key_id: string | null; readonly session_id: string | null }
  /** As sent. */
  readonly payload: JsonObject
  readonly links: Links
}

/** An admitted request with its verdict. JSON-safe, so that it can be handed to the run's own object. */
export interface Judged {
  readonly admitted: Admitted
  readonly at: number
  readonly results: readonly PolicyResult[]
  readonly facts: JsonObject
  readonly decision: 'PASS' | 'BLOCK'
  readonly config_digest: string
}

/** What a run answers once it is over; `output` maps action → its last output. */
export interface RunResult {
  readonly run_id: string
  readonly status: 'DONE'
  readonly decision: Decision
  readonly outcome: Outcome
  readonly output: Readonly<Record<string, JsonObject>>
  readonly receipt: Receipt
}

/** What an id of a request means in this installation; null = not listed, which is judged to BLOCK. */
export function resolve(installation: Installation, id: string): { workflow: Workflow } | { target: Target } | null {
  const workflow = installation.workflows.get(id)
  if (workflow !== undefined) return { workflow }
  const target = installation.actions.get(id)
  return target === undefined ? null : { target }
}

/** The payload with its schema's defaults; throws fault `invalid` naming each place under `/payload`. */
export function readPayload(installation: Installation, id: string, payload: JsonObject): JsonObject {
  const found = resolve(installation, id)
  if (found === null) return payload
  const schema = 'workflow' in found ? found.workflow.payload : found.target.action.input
  const parsed = schema.safeParse(payload)
  if (parsed.success) return parsed.data as JsonObject
  const errors = issuesToErrors(parsed.error).map(({ pointer, detail }) => ({ pointer: `/payload${pointer}`, detail }))
  throw fault('invalid', `the payload does not fit \`${id}\`: ${errors[0]?.pointer ?? '/payload'} ${errors[0]?.detail ?? ''}`, { errors })
}

/** Checks the payload and gives the workflow its one id. What is not listed passes here: it gets a verdict and a receipt. */
export function admit(installation: Installation, asked: Admitted): Admitted {
  readPayload(installation, asked.workflow, asked.payload)
  const found = resolve(installation, asked.workflow)
  return found !== null && 'target' in found ? { ...asked, workflow: found.target.id } : asked
}

/** The first gate. Never throws for what a policy does; reads facts and look-ups, changes nothing. */
export async function judge(installation: Installation, admitted: Admitted, ports: Ports): Promise<Judged> {
  const at = ports.clock.now()
  const judged = { admitted, at, config_digest: installation.digest }
  const refusal = refusalOf(installation, admitted.workflow)
  const found = resolve(installation, admitted.workflow)
  const payload = readPayload(installation, admitted.workflow, admitted.payload)
  const policies = installation.requestPolicies(admitted.workflow)
  const connections: Connections = new Map()
  const gathered = await gather(policies, payload, admitted, installation, ports, connections)
  const target = found !== null && 'target' in found ? found.target : null
  const context = contextOf(admitted, payload, gathered.facts, at, ports, target)
  // Every policy is judged, always: who fixes what refused it should not meet the next verdict only then.
  const verdicts = withUnanswered(judgeAll(policies, context, gathered.failed), admitted.run_mode)
  const results = refusal === null ? verdicts : [refusal, ...verdicts]
  if (connections.size > 0) await closeAll(connections)
  return { ...judged, results, facts: gathered.facts, decision: results.some((result) => result.effect === 'deny') ? 'BLOCK' : 'PASS' }
}

/** Whether this verdict ends the run before its first effect. A shadow run goes on: its receipt says what would have been stopped. */
export function isStopped(judged: Judged): boolean {
  const { run_mode } = judged.admitted
  const unlisted = judged.results.some((result) => result.policy === 'allow_list' && !result.passed)
  return run_mode === 'dry_run' || unlisted || (judged.decision === 'BLOCK' && run_mode === 'enforce')
}

/** Issues and stores the receipt of a run that makes no call. */
export async function stopped(judged: Judged, ports: Ports): Promise<RunResult> {
  const receipt = await conclude({ judged, steps: [], error: null, ports })
  return { ...(await stored(receipt, ports)), output: {} }
}

/** Executes a run over its journal, resuming where an earlier attempt ended. A receipt is issued whatever happens. */
export async function execute(installation: Installation, judged: Judged, ports: Ports, journal: Journal): Promise<RunResult> {
  return executeProgram(installation, judged, ports, journal, (running) => programOf(installation, running))
}

/** What a run does: a workflow, one action, or the inverses of another run. */
export type Program = (running: Running) => Promise<void>

/** The frame around every program: journal in, receipt out. */
export async function executeProgram(
  installation: Installation,
  given: Judged,
  ports: Ports,
  journal: Journal,
  program: Program
): Promise<RunResult> {
  const entries = await journal.read()
  const started = entries.find((entry) => entry.type === 'started')
  const judged = started ? (started.run as unknown as Judged) : given
  const past = pastCalls(entries)
  const finished = entries.find((entry) => entry.type === 'finished')
  if (finished !== undefined) {
    const output = outputOf([...past.values()].flatMap(({ step }) => (step === null ? [] : [step])))
    return { ...(await stored(finished.receipt as unknown as Receipt, ports)), output }
  }
  if (started === undefined) await journal.append({ type: 'started', at: ports.clock.now(), run: judged as unknown as JsonObject })
  const { admitted } = judged
  const kind = admitted.workflow.startsWith('rollback:')
    ? 'rollback'
    : installation.workflows.has(admitted.workflow)
      ? 'workflow'
      : 'action'
  const running: Running = {
    installation,
    ports,
    journal,
    connections: new Map(),
    order: admitted,
    kind,
    past,
    facts: judged.facts,
    steps: new Map(),
    pending: [],
    next: 0,
    ended: null
  }
  const error = await attempt(running, judged, program)
  await Promise.allSettled(running.pending)
  await closeAll(running.connections)
  const steps = [...running.steps].sort(([a], [b]) => a - b).map(([, step]) => step)
  const receipt = await conclude({ judged, steps, error, ports })
  // INVARIANT: the signed receipt is in the journal before it is in the ledger, so that a resumed run appends the very same bytes.
  await journal.append({ type: 'finished', at: ports.clock.now(), receipt: receipt as unknown as JsonObject })
  return { ...(await stored(receipt, ports)), output: outputOf(steps) }
}

async function attempt(running: Running, judged: Judged, program: Program): Promise<{ code: string; message: string } | null> {
  const acted = [...running.past.values()].some(
    ({ step }) => step === null || step.taken.status === 'DONE' || step.taken.status === 'UNKNOWN'
  )
  if (judged.config_digest !== running.installation.digest && acted) {
    for (const [ordinal, call] of running.past) if (call.step !== null) running.steps.set(ordinal, call.step)
    return { code: 'config_changed', message: 'the configuration changed after this run had its first effect' }
  }
  try {
    await running.ports.timer.within(RUN_TIMEOUT_MS, program(running))
    if (running.ended === null) return null
    return { code: running.ended.code, message: running.ended.message }
  } catch (error) {
    if (error instanceof Ended) return { code: error.code, message: error.message }
    running.ended ??= new Ended('failed', 'the run is over')
    if (error instanceof Stop) return { code: error.code, message: error.message }
    return { code: error instanceof Error && error.name === 'TimeoutError' ? 'run_timeout' : 'workflow_threw', message: messageOf(error) }
  }
}

async function programOf(installation: Installation, running: Running): Promise<void> {
  const admitted = running.order
  const found = resolve(installation, admitted.workflow)
  if (found === null) throw new Ended('failed', `\`${admitted.workflow}\` is not listed any more`)
  const payload = readPayload(installation, admitted.workflow, admitted.payload)
  if ('target' in found) await recordCall(running, found.target, payload)
  else await found.workflow.run(systemsFor(installation, found.workflow, running), payload)
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

function refusalOf(installation: Installation, id: string): PolicyResult | null {
  if (id.startsWith('rollback:')) return null
  const found = resolve(installation, id)
  if (found === null) {
    const reason = `\`${id}\` is not on this team's list of workflows and actions`
    return {
      policy: 'allow_list',
      passed: false,
      effect: 'deny',
      reason,
      remedy: 'ask for one that enact.config.ts lists',
      code: 'not_allowed'
    }
  }
  if ('target' in found) return allowListRefusal(found.target)
  for (const [system, actions] of Object.entries(found.workflow.uses)) {
    for (const name of Object.keys(actions)) {
      const refusal = allowListRefusal(installation.target(system, name)!)
      if (refusal !== null) return refusal
    }
  }
  return null
}

async function stored(receipt: Receipt, ports: Ports): Promise<Omit<RunResult, 'output'>> {
  const ledger = await ports.ledger.append(receipt.team_id, receipt)
  return { run_id: receipt.run_id, status: 'DONE', decision: receipt.decision, outcome: receipt.outcome, receipt: { ...receipt, ledger } }
}

function outputOf(steps: readonly { taken: { action: string }; output: JsonObject | null }[]): Record<string, JsonObject> {
  return Object.fromEntries(steps.flatMap((step) => (step.output === null ? [] : [[step.taken.action, step.output]])))
}
