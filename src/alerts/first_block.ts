// The first time that a policy stops an agent.
import { agentOf, defineAlert, type AlertRule } from '../engine/index.ts'

/** Fires once for each policy and agent. What was only tried out, or only asked about, is no block. */
export function firstBlock(): AlertRule {
  return defineAlert({
    id: 'first_block',
    title: 'First block',
    description: 'A policy has stopped an agent for the first time, or for the first time in 90 days.',
    severity: 'warning',
    first: true,
    see(signal) {
      if (signal.kind !== 'receipt') return []
      const { decision, run_mode, policy_results, run_id, workflow } = signal.receipt
      if (decision !== 'BLOCK' || run_mode !== 'enforce') return []
      const agent = agentOf(signal.receipt)
      const denials = new Map(policy_results.filter(({ effect }) => effect === 'deny').map(({ policy, reason }) => [policy, reason]))
      return [...denials].map(([policy, reason]) => ({
        key: `${run_id} ${policy}`,
        subject: `${policy} ${agent}`,
        message: `${policy} stopped ${workflow} by ${agent}: ${reason}`,
        run_id
      }))
    }
  })
}
