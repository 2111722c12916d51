// What a run's steps add up to: decision, outcome and the receipt's body.
import { issueReceipt } from './issue.ts'
import { timeText } from './plain.ts'
import type { Ports } from './ports.ts'
import type { Step } from './recorder.ts'
import type { Judged } from './run.ts'
import type { ActionTaken, Approval, Decision, ErrorNote, Outcome, PolicyResult, Receipt } from './schema.ts'
import { ENGINE_VERSION } from './version.ts'

interface Ending {
  readonly judged: Judged
  readonly steps: readonly Step[]
  readonly error: ErrorNote | null
  readonly approval: Approval | null
  readonly locks: Receipt['locks']
  readonly ports: Ports
}

/** Signs the receipt of what happened; it is not stored yet. */
export async function conclude({ judged, steps, error, approval, locks, ports }: Ending): Promise<Receipt> {
  const { asking: _asking, ...admitted } = judged.admitted
  const policy_results = [...judged.results, ...steps.flatMap((step) => step.results)]
  const actions_taken = steps.map((step) => step.taken)
  const isRollback = admitted.workflow.startsWith('rollback:')
  const isPreview = admitted.run_mode === 'dry_run'
  const verdict = decisionOf(policy_results)
  const whole = actions_taken.every((taken) => isUndone(taken) || taken.output.would === 'REVERTED' || taken.output.would === 'ALREADY')
  return issueReceipt(
    {
      ...admitted,
      revision: 0,
      policy_results,
      judged_at: timeText(judged.at),
      facts: Object.assign({}, judged.facts, ...steps.map((step) => step.facts)),
      decision: verdict === 'PASS' && isRollback && !whole ? 'PARTIAL' : verdict,
      outcome: isPreview
        ? 'NONE'
        : isRollback
          ? rollbackOutcome(actions_taken)
          : outcomeOf(actions_taken, error, verdict, steps.length > 0 || error !== null),
      actions_taken,
      ...(error === null ? {} : { error }),
      approval,
      locks,
      config_digest: judged.config_digest,
      engine_version: ENGINE_VERSION,
      timestamp: timeText(ports.clock.now())
    },
    ports
  )
}

/** BLOCK exactly when some effect was deny. */
function decisionOf(results: readonly PolicyResult[]): Decision {
  return results.some((result) => result.effect === 'deny') ? 'BLOCK' : 'PASS'
}

/** What happened, whatever policy said: an unknown effect outweighs all, an effect before a failure makes it PARTIAL. */
export function outcomeOf(taken: readonly ActionTaken[], error: ErrorNote | null, decision: Decision, ran: boolean): Outcome {
  if (taken.some((one) => one.status === 'UNKNOWN')) return 'UNKNOWN'
  if (error?.code === 'diverged' || error?.code === 'config_changed') return 'UNKNOWN'
  if (!ran) return 'NONE'
  if (error === null) return 'SUCCEEDED'
  if (taken.some((one) => one.status === 'DONE' && one.rollback_data !== null)) return 'PARTIAL'
  return decision === 'BLOCK' ? 'NONE' : 'FAILED'
}

function rollbackOutcome(taken: readonly ActionTaken[]): Outcome {
  if (taken.length === 0) return 'NONE'
  if (taken.some((one) => one.status === 'UNKNOWN')) return 'UNKNOWN'
  if (taken.every(isUndone)) return 'SUCCEEDED'
  return taken.some((one) => one.status === 'REVERTED') ? 'PARTIAL' : 'FAILED'
}

/** Whether this line of a rollback left nothing of the original effect. */
export function isUndone(taken: ActionTaken): boolean {
  return taken.status === 'REVERTED' || taken.status === 'ALREADY'
}
