// The receipt of an observed decision, before anybody knows what became of it.
import type { Target } from './config.ts'
import type { ObservedRequest } from './decide.ts'
import { issueReceipt } from './issue.ts'
import { timeText } from './plain.ts'
import type { Ports } from './ports.ts'
import type { ActionTaken, Approval, JsonObject, PolicyResult, Receipt } from './schema.ts'
import { ENGINE_VERSION } from './version.ts'

/** What was decided, and why. */
export interface Recorded {
  readonly results: readonly PolicyResult[]
  readonly approval: Approval | null
  readonly facts: JsonObject
  readonly decision: 'PASS' | 'BLOCK'
  readonly at: number
  readonly config_digest: string
}

/** What passed is UNKNOWN until its executor reports: nobody here saw what happened. */
export async function recordDecision(
  asked: ObservedRequest,
  target: Target | null,
  input: JsonObject,
  given: Recorded,
  ports: Ports
): Promise<Receipt> {
  const { run_id, team_id, user_email, user_attributes, actor, tool_use_id } = asked
  const now = timeText(ports.clock.now())
  const passed = given.decision === 'PASS' && target !== null
  const taken: ActionTaken[] = !passed
    ? []
    : [
        {
          action: target.name,
          system: target.system.id,
          success: false,
          status: 'UNKNOWN',
          output: {},
          rollback_data: null,
          resources: [...target.action.resources(input as never)],
          started_at: timeText(given.at),
          finished_at: now,
          error: null
        }
      ]
  const receipt = await issueReceipt(
    {
      run_id,
      revision: 0,
      team_id,
      mode: 'observed',
      run_mode: 'enforce',
      workflow: target?.id ?? asked.action,
      user_email,
      user_attributes,
      actor,
      payload: input,
      policy_results: [...given.results],
      judged_at: timeText(given.at),
      facts: given.facts,
      decision: given.decision,
      outcome: passed ? 'UNKNOWN' : 'NONE',
      actions_taken: taken,
      approval: given.approval,
      locks: [],
      links: tool_use_id === null ? {} : { tool_use_id },
      config_digest: given.config_digest,
      engine_version: ENGINE_VERSION,
      timestamp: now
    },
    ports
  )
  return { ...receipt, ledger: await ports.ledger.append(team_id, receipt) }
}
