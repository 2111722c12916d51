// To whom an alert was told, attempt by attempt.
import { visible } from '../../../engine/visible.ts'
import { Badge } from '../../parts/badge.tsx'
import { Time } from '../../parts/time.tsx'
import { attemptText } from '../webhooks/wire.ts'
import { DELIVERIES, type Delivery } from './wire.ts'

export function Deliveries({ items, isMuted }: { readonly items: readonly Delivery[]; readonly isMuted: boolean }) {
  if (items.length === 0)
    return (
      <p class="muted">
        {isMuted ? 'Nobody: its rule was muted.' : 'Nobody: no channel and no webhook hears of it.'}{' '}
        <a href="/app/alerts?view=channels">Channels</a>
      </p>
    )
  return (
    <table class="sheet">
      <thead>
        <tr>
          <th scope="col">Made</th>
          <th scope="col">State</th>
          <th scope="col">To</th>
          <th scope="col">What</th>
          <th scope="col">Attempts</th>
        </tr>
      </thead>
      <tbody>
        {items.map((one) => (
          <Row key={one.id} one={one} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ one: { type, to, status, next_attempt_at, created_at, attempts } }: { readonly one: Delivery }) {
  const last = attempts.at(-1)
  return (
    <tr>
      <td class="is-narrow mono">
        <Time at={created_at} />
      </td>
      <td class="is-narrow">
        <Badge tone={DELIVERIES[status].tone}>{DELIVERIES[status].word}</Badge>
      </td>
      <td>{visible(to)}</td>
      <td>
        <code>{type}</code>
      </td>
      <td class="fills">
        {last === undefined && <span class="muted">none{status === 'HELD' ? ': it goes out with the digest' : ' yet'}</span>}
        {last !== undefined && attempts.length === 1 && visible(attemptText(last))}
        {last !== undefined && attempts.length > 1 && (
          <details>
            <summary>
              {attempts.length}, last {visible(attemptText(last))}
            </summary>
            <ol>
              {attempts.map((attempt) => (
                <li key={`${attempt.number} ${attempt.at}`}>
                  <Time at={attempt.at} /> {visible(attemptText(attempt))}
                </li>
              ))}
            </ol>
          </details>
        )}
        {(status === 'PENDING' || status === 'HELD') && next_attempt_at !== null && (
          <span class="under">
            {status === 'HELD' ? 'at' : 'next'} <Time at={next_attempt_at} />
          </span>
        )}
      </td>
    </tr>
  )
}
