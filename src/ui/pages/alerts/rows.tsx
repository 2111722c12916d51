// Alerts, one a row, each with what can be done about it.
import { Said } from '../../parts/told.tsx'
import { Time } from '../../parts/time.tsx'
import type { Act } from './acts.tsx'
import { SeverityBadge } from './severity.tsx'
import { addressOf, type Alert } from './wire.ts'

interface Props {
  readonly items: readonly Alert[]
  readonly here: string | null
  onHere(alertId: string): void
  /** Null = whoever is here may only look. */
  readonly onAct: ((act: Act) => void) | null
}

export function Rows({ items, here, onHere, onAct }: Props) {
  return (
    <table class="sheet alerts">
      <thead>
        <tr>
          <th scope="col">Severity</th>
          <th scope="col">What</th>
          <th scope="col" class="number">
            Times
          </th>
          <th scope="col">Last</th>
          <th scope="col">
            <span class="unseen">What can be done</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((alert) => (
          <Row key={alert.alert_id} alert={alert} isHere={alert.alert_id === here} onHere={onHere} onAct={onAct} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ alert, isHere, onHere, onAct }: Omit<Props, 'items' | 'here'> & { readonly alert: Alert; readonly isHere: boolean }) {
  const { alert_id, title, subject, message, severity, status, count, first_at, last_at, run_ids, acknowledged_by, note } = alert
  const newest = run_ids.at(-1)
  return (
    <tr class={isHere ? 'is-here' : undefined}>
      <td class="is-narrow">
        <SeverityBadge of={severity} />
      </td>
      <td class="fills">
        <a id={`alert-${alert_id}`} class="alert-title" href={addressOf(alert_id)} onFocus={() => onHere(alert_id)}>
          {title}
        </a>
        {subject !== '' && <code class="alert-subject">{subject}</code>}
        <span class="alert-message">
          <Said text={message} isMarked />
        </span>
        {acknowledged_by !== null && (
          <span class="under">
            {acknowledged_by} has seen it{note !== null && `: ${note}`}
          </span>
        )}
      </td>
      <td class="number is-narrow" data-label="times">
        {count}
      </td>
      <td class="is-narrow" data-label="last">
        <Time at={last_at} />
        {first_at !== last_at && (
          <span class="under">
            first <Time at={first_at} />
          </span>
        )}
      </td>
      <td class="is-narrow">
        <span class="cell-actions">
          {newest !== undefined && (
            <a class="button" href={`/app/receipt?id=${newest}`}>
              Receipt<span class="unseen"> of the newest: {title}</span>
            </a>
          )}
          {onAct && status === 'OPEN' && (
            <button type="button" onClick={() => onAct({ what: 'acknowledge', alert })}>
              Acknowledge…<span class="unseen"> {title}</span>
            </button>
          )}
          {onAct && status !== 'RESOLVED' && (
            <button type="button" onClick={() => onAct({ what: 'resolve', alert })}>
              Resolve…<span class="unseen"> {title}</span>
            </button>
          )}
        </span>
      </td>
    </tr>
  )
}
