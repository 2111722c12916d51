// Every built-in alert, one line each; `BUILT_IN_ALERTS` is what a team has whose configuration names none.
import type { AlertRule } from '../engine/index.ts'
import { anomalyFound } from './anomaly_found.ts'
import { approvalWaiting } from './approval_waiting.ts'
import { blockBurst } from './block_burst.ts'
import { firstBlock } from './first_block.ts'
import { killSwitchThrown } from './kill_switch_thrown.ts'
import { tamperFound } from './tamper_found.ts'
import { webhookFailing } from './webhook_failing.ts'

export { anomalyFound, approvalWaiting, blockBurst, firstBlock, killSwitchThrown, tamperFound, webhookFailing }

export const BUILT_IN_ALERTS: readonly AlertRule[] = [
  killSwitchThrown(),
  tamperFound(),
  blockBurst(),
  firstBlock(),
  anomalyFound(),
  approvalWaiting(),
  webhookFailing()
]
