// An agent that runs against the wall again and again.
import { agentOf, defineAlert, type AlertRule } from '../engine/index.ts'

/** Fires once an agent was blocked so often within so many seconds. */
export function blockBurst({ count = 10, within_seconds = 60 }: { count?: number; within_seconds?: number } = {}): AlertRule {
  return defineAlert({
    id: 'block_burst',
    title: 'Burst of blocks',
    description: `An agent was blocked ${count} times within ${within_seconds} s.`,
    severity: 'critical',
    burst: { count, within_seconds },
    see(signal) {
      if (signal.kind !== 'receipt') return []
      const { decision, run_mode, run_id, workflow } = signal.receipt
      if (decision !== 'BLOCK' || run_mode !== 'enforce') return []
      const agent = agentOf(signal.receipt)
      return [
        {
          key: run_id,
          subject: agent,
          message: `${agent} was blocked ${count} times within ${within_seconds} s, last at ${workflow}`,
          run_id
        }
      ]
    }
  })
}
