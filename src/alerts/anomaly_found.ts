// An agent that does more of something than it ever did.
import { defineAlert, type AlertRule } from '../engine/index.ts'

/** Fires on what the windows of agents and actions find; a hard cap is critical. */
export function anomalyFound(): AlertRule {
  return defineAlert({
    id: 'anomaly_found',
    title: 'Unusual activity',
    description: 'An agent does one thing far more often than it used to, or more often than the cap.',
    severity: 'warning',
    see(signal) {
      if (signal.kind !== 'anomaly') return []
      const { id, agent, action, window, message, run_id } = signal.finding
      return [{ key: id, subject: `${agent} ${action}`, message, ...(window === 'cap' ? { severity: 'critical' } : {}), run_id }]
    }
  })
}
