// A request on its way to becoming a run: admitted, then judged.
import type { Installation, Target } from './config.ts'
import { closeAll, type Connections } from './connections.ts'
import { fault } from './fault.ts'
import { contextOf, gather, judgeAll, strictest, withUnanswered } from './gate.ts'
import { issuesToErrors } from './input.ts'
import { irreversibleIn, irreversibleNotes } from './irreversible.ts'
import { isKilled, killSwitch } from './kill_switch.ts'
import type { Ports } from './ports.ts'
import { allowListRefusal } from './call_gate.ts'
import type { Decision, JsonObject, Links, Outcome, PolicyResult, Receipt, ReceiptBody, RunMode } from './schema.ts'
import type { Workflow } from './workflow.ts'

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
  /** How people are asked, where a policy wants them to be. Absent = the team's approvers, for an hour. */
  readonly asking?: Asking
}

/** `hitl_id` redeems an approval that was given before, of exactly this workflow and payload. */
export interface Asking {
  readonly notify_email: string | null
  readonly expires_in_seconds: number
  readonly callback_url: string | null
  readonly hitl_id: string | null
}

/** An admitted request with its verdict. JSON-safe, so that it can be handed to the run's own object. */
export interface Judged {
  readonly admitted: Admitted
  readonly at: number
  readonly results: readonly PolicyResult[]
  readonly facts: JsonObject
  /** `HOLD`: a person must approve before anything happens. */
  readonly decision: 'PASS' | 'BLOCK' | 'HOLD'
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

/** A run that waits for a person. */
export interface RunPending {
  readonly run_id: string
  readonly status: 'PENDING'
  readonly hitl_id: string
  readonly expires_at: string
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
export async function judge(
  installation: Installation,
  admitted: Admitted,
  ports: Ports,
  /** Those of a run that goes on: its look-ups use the same sessions, and leave them open. Without them what is opened here is closed here. */
  shared: Connections | null = null
): Promise<Judged> {
  const at = ports.clock.now()
  const judged = { admitted, at, config_digest: installation.digest }
  const refusal = refusalOf(installation, admitted.workflow)
  const found = resolve(installation, admitted.workflow)
  const payload = readPayload(installation, admitted.workflow, admitted.payload)
  const policies = installation.requestPolicies(admitted.workflow)
  const connections: Connections = shared ?? new Map()
  const killed = await killSwitch(admitted.team_id, ports)
  const gathered = await gather(policies, payload, admitted, installation, ports, connections, at)
  const target = found !== null && 'target' in found ? found.target : null
  const context = contextOf(admitted, payload, gathered.facts, at, ports, target)
  // Every policy is judged, always: who fixes what refused it should not meet the next verdict only then.
  const verdicts = [...(refusal === null ? [] : [refusal]), ...killed.results, ...judgeAll(policies, context, gathered.failed)]
  // Whoever only tries it out is told what the real thing could not take back.
  if (admitted.run_mode === 'dry_run') verdicts.push(...irreversibleNotes(irreversibleIn(found, installation)))
  const results = ports.approvals === null ? withUnanswered(verdicts, admitted.run_mode) : verdicts
  if (shared === null && connections.size > 0) await closeAll(connections)
  return { ...judged, results, facts: { ...gathered.facts, ...killed.facts }, decision: DECISIONS[strictest(results)] }
}

const DECISIONS = { deny: 'BLOCK', ask: 'HOLD', allow: 'PASS' } as const

/** Whether this verdict ends the run before its first effect. A shadow run goes on: its receipt says what would have been stopped. */
export function isStopped(judged: Judged): boolean {
  const { run_mode } = judged.admitted
  const unlisted = judged.results.some((result) => result.policy === 'allow_list' && !result.passed)
  return run_mode === 'dry_run' || unlisted || isKilled(judged.results) || (judged.decision === 'BLOCK' && run_mode === 'enforce')
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
