// Why a run ended as it did, in one line of a list: the first policy that stopped it, or how many let it pass.
import type { PolicyResult, Receipt } from '../../engine/schema.ts'
import { changeKind } from './call_name.ts'
import { counted } from './counted.ts'

type Told = Pick<
  Receipt,
  'run_mode' | 'decision' | 'workflow' | 'policy_results' | 'approval' | 'error' | 'links' | 'outcome' | 'actions_taken'
>

/** `policy` is set where a policy is the reason. */
export interface Why {
  readonly policy: string | null
  readonly text: string
}

/** The one reason. A denial counts before an ask, what went wrong while acting before what passed. */
export function whyOf(receipt: Told): Why {
  const { decision, policy_results, approval, error, actions_taken } = receipt
  const stopped = stoppedBy(policy_results)
  if (decision === 'BLOCK' && stopped !== null) return { policy: stopped.policy, text: stopped.reason }
  if (decision === 'BLOCK' && approval !== null && approval.decision !== 'APPROVED') return plain(approvalText(approval))
  if (error !== undefined) return plain(error.message)
  const failed = actions_taken.find((taken) => taken.error !== null)
  if (failed?.error) return plain(failed.error.message)
  if (approval?.decision === 'APPROVED') return plain(approvalText(approval))
  if (policy_results.length === 0) return plain(unjudgedText(receipt))
  return plain(passedText(policy_results))
}

/** Of what no policy judges: how far a rollback came, or who may change what is configured. */
function unjudgedText({ workflow, actions_taken, run_mode }: Told): string {
  if (changeKind(workflow) !== null) return 'by an admin'
  if (!workflow.startsWith('rollback:')) return passedText([])
  if (run_mode === 'dry_run') return 'looked at what it would do'
  const done = actions_taken.filter(({ status }) => status === 'REVERTED' || status === 'ALREADY').length
  return `${done} of ${counted(actions_taken.length, 'call')} undone`
}

/** `7 of 7 policies`; a policy that judged the request and each call counts once, and passed only if it always did. */
export function passedText(results: readonly PolicyResult[]): string {
  const { passed, all } = passedCount(results)
  return all === 0 ? 'no policy judges this' : `${passed} of ${all} ${all === 1 ? 'policy' : 'policies'}`
}

/** How many different policies judged, and how many of them let everything pass. An ask that was approved passed. */
export function passedCount(results: readonly PolicyResult[]): { passed: number; all: number } {
  const names = new Map<string, boolean>()
  for (const { policy, effect } of results) names.set(policy, (names.get(policy) ?? true) && effect !== 'deny')
  return { passed: [...names.values()].filter(Boolean).length, all: names.size }
}

function stoppedBy(results: readonly PolicyResult[]): PolicyResult | null {
  return results.find(({ effect }) => effect === 'deny') ?? null
}

function approvalText({ decision, votes }: NonNullable<Told['approval']>): string {
  const names = [...new Set(votes.map(({ by }) => by))]
  if (decision === 'EXPIRED') return 'nobody answered in time'
  if (decision === 'STALE') return 'the world had changed since it was approved'
  const by = names.length === 0 ? '' : ` by ${names.join(', ')}`
  return `${decision === 'APPROVED' ? 'approved' : 'denied'}${by}`
}

function plain(text: string): Why {
  return { policy: null, text }
}
