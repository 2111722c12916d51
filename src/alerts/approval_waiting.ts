// A person was asked and does not answer.
import { defineAlert, type AlertRule } from '../engine/index.ts'

/** Of a short request the half is waited for; the last fifth, five minutes at most, is urged. */
const LAST_MS = 5 * 60_000

/** Fires where nobody has answered for so many minutes, once more before the time is over, and is resolved by the end, whatever it is. */
export function approvalWaiting({ minutes = 10 }: { minutes?: number } = {}): AlertRule {
  return defineAlert({
    id: 'approval_waiting',
    title: 'Approval waiting',
    description: `Nobody has answered a request for ${minutes} minutes, or it is about to run out.`,
    severity: 'warning',
    see(signal) {
      if (signal.kind === 'receipt') {
        const { approval, mode, run_id, workflow } = signal.receipt
        if (mode !== 'mediated' || approval?.hitl_id !== run_id) return []
        return [{ key: `${run_id} over`, subject: subjectOf(workflow.slice('approval:'.length), run_id), message: '', over: true }]
      }
      if (signal.kind !== 'approval') return []
      const { hitl_id, workflow, user_email, asked_at, expires_at, at } = signal.waiting
      const life = expires_at - asked_at
      if (at < asked_at + Math.min(minutes * 60_000, life / 2) || at >= expires_at) return []
      const isLast = at >= expires_at - Math.min(LAST_MS, life / 5)
      const waited = `${Math.max(1, Math.round((at - asked_at) / 60_000))} min`
      const left = `${Math.max(1, Math.round((expires_at - at) / 60_000))} min`
      const asker = user_email === '' ? 'an agent' : user_email
      const subject = subjectOf(workflow, hitl_id)
      const message = `${workflow} for ${asker} has waited for ${waited}; without an answer it is blocked in ${left}`
      return [{ key: `${hitl_id} ${isLast ? 'last' : 'waits'}`, subject, message, run_id: hitl_id, ...(isLast ? { urges: true } : {}) }]
    }
  })
}

function subjectOf(workflow: string, hitlId: string): string {
  return `${workflow} ${hitlId}`
}
