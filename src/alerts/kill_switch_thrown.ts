// Somebody has stopped everything.
import { agentOf, defineAlert, isSwitchedOn, switchReason, type AlertRule } from '../engine/index.ts'

/** Fires when the kill switch goes on, and is resolved when it goes off. */
export function killSwitchThrown(): AlertRule {
  return defineAlert({
    id: 'kill_switch_thrown',
    title: 'Kill switch thrown',
    description: 'An admin has stopped every new effect of the team.',
    severity: 'critical',
    see(signal) {
      if (signal.kind !== 'receipt') return []
      const { receipt } = signal
      const { run_id, payload, judged_at, approval, decision, mode, workflow } = receipt
      // INVARIANT: only a change's own receipt is believed. Whoever asks for a run, or for an approval, chooses a workflow's name.
      const isChange = mode === 'mediated' && decision === 'PASS' && judged_at === undefined && approval === null
      if (workflow !== 'fact_changed:kill_switch' || !isChange) return []
      const [was, is] = [isSwitchedOn(payload.before), isSwitchedOn(payload.after)]
      if (was && !is) return [{ key: run_id, subject: '', message: '', over: true }]
      if (was || !is) return []
      const why = switchReason(payload.after)
      return [{ key: run_id, subject: '', message: `${agentOf(receipt)} has thrown it${why === null ? '' : `: ${why}`}`, run_id }]
    }
  })
}
