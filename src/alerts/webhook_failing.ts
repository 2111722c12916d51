// A webhook endpoint that does not take what it is sent.
import { defineAlert, type AlertRule } from '../engine/index.ts'

const SAYS = {
  failing: 'does not answer',
  given_up: 'did not answer: an event was given up',
  gone: 'answered 410 and was switched off',
  recovered: ''
} as const

/** Fires where a delivery has failed so often in a row, was given up, or the endpoint is gone; resolved by the next that arrives. */
export function webhookFailing({ failures = 3 }: { failures?: number } = {}): AlertRule {
  return defineAlert({
    id: 'webhook_failing',
    title: 'Webhook failing',
    description: `A webhook endpoint failed ${failures} times in a row, was given up, or is gone.`,
    severity: 'warning',
    see(signal) {
      if (signal.kind !== 'endpoint') return []
      const { endpoint_id, host, state, delivery_id, attempt, error } = signal.endpoint
      const subject = `${host} ${endpoint_id}`
      const key = `${delivery_id} ${attempt} ${state}`
      if (state === 'recovered') return [{ key, subject, message: '', over: true }]
      if (state === 'failing' && attempt < failures) return []
      return [
        {
          key,
          subject,
          message: `${host} ${SAYS[state]}${error === null ? '' : ` (${error})`}`,
          ...(state === 'gone' ? { urges: true } : {})
        }
      ]
    }
  })
}
