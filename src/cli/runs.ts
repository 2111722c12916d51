// How a run's answer is told, and which exit code it is.
import type { RunAnswer } from '../client.ts'
import type { Context } from './context.ts'
import { exit, exitAfterAnswer } from './exit.ts'
import { paint, visible } from './print.ts'
import { receiptText } from './receipts/show.ts'

/** Prints it; a BLOCK ends the command with 3, a run that is not over with 4, one that did not succeed with 1. */
export function tellRun(answer: RunAnswer, json: boolean, context: Context): void {
  if (json) context.json(answer)
  if (answer.status !== 'DONE') {
    const waits =
      answer.status === 'PENDING' ? `waits for a person${answer.hitl_id === undefined ? '' : ` (${answer.hitl_id})`}` : 'is still going on'
    if (!json) context.out(`${paint('yellow', answer.status)}  ${visible(answer.run_id)}`)
    throw exitAfterAnswer('held', `the run ${waits}`)
  }
  const { decision, outcome, receipt } = answer
  if (!json) context.out(receiptText(receipt))
  if (decision === 'BLOCK') throw exitAfterAnswer('blocked', reasonsOf(answer))
  if (decision === 'PARTIAL' || outcome === 'FAILED' || outcome === 'PARTIAL' || outcome === 'UNKNOWN')
    throw exitAfterAnswer('unexpected', `${decision}, ${outcome}: not everything was done`)
}

function reasonsOf({ receipt }: RunAnswer & { status: 'DONE' }): string {
  const reasons = receipt.policy_results.filter(({ passed }) => !passed).map(({ policy, reason }) => `${policy}: ${reason}`)
  return `blocked${reasons.length === 0 ? '' : `: ${reasons.join('; ')}`}`
}

/** `--wait`: whole seconds, as milliseconds. */
export function waitMsOf(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw exit('usage', `--wait \`${text}\`: must be whole seconds`)
  return Number(text) * 1_000
}
