// What became of each event on its way, attempt by attempt; and sending one again.
import { visible } from '../../../engine/visible.ts'
import { Badge } from '../../parts/badge.tsx'
import { note } from '../../parts/notes.tsx'
import { useSending } from '../../parts/sending.ts'
import { Time } from '../../parts/time.tsx'
import { send } from '../../shell/api.ts'
import { attemptText, DELIVERIES, type Delivery, type Endpoint } from './wire.ts'

interface Props {
  readonly items: readonly Delivery[]
  readonly endpoints: readonly Endpoint[]
  reload(): Promise<unknown>
}

export function Deliveries({ items, endpoints, reload }: Props) {
  return (
    <table class="sheet">
      <thead>
        <tr>
          <th scope="col">Made</th>
          <th scope="col">State</th>
          <th scope="col">Event</th>
          <th scope="col">To</th>
          <th scope="col">Attempts</th>
          <th scope="col">
            <span class="unseen">What can be done</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((one) => (
          <Row
            key={one.id}
            one={one}
            to={one.callback_url ?? endpoints.find(({ id }) => id === one.endpoint_id)?.url ?? 'an endpoint that is gone'}
            reload={reload}
          />
        ))}
      </tbody>
    </table>
  )
}

function Row({ one, to, reload }: { readonly one: Delivery; readonly to: string; reload(): Promise<unknown> }) {
  const { id, type, status, attempts, created_at, next_attempt_at } = one
  const sending = useSending()
  const replay = async () => {
    const sent = await sending.run(() => send<Delivery>('POST', `/webhooks/deliveries/${id}/replay`))
    if (sent !== undefined) note('pass', `${type} is on its way again`)
    else note('block', sending.wrong.value ?? 'it could not be sent again')
    await reload()
  }
  const last = attempts.at(-1)
  return (
    <tr>
      <td class="is-narrow mono">
        <Time at={created_at} />
      </td>
      <td class="is-narrow">
        <Badge tone={DELIVERIES[status].tone}>{DELIVERIES[status].word}</Badge>
      </td>
      <td>
        <code>{type}</code>
      </td>
      <td class="fills">
        <code class="url">{visible(to)}</code>
      </td>
      <td class="fills">
        {last === undefined && <span class="muted">none yet</span>}
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
        {status === 'PENDING' && next_attempt_at !== null && (
          <span class="under">
            next <Time at={next_attempt_at} />
          </span>
        )}
      </td>
      <td class="is-narrow">
        <span class="cell-actions">
          <button type="button" disabled={sending.isBusy.value || status === 'ENDPOINT_GONE'} onClick={() => void replay()}>
            Replay<span class="unseen"> {type}</span>
          </button>
        </span>
      </td>
    </tr>
  )
}
