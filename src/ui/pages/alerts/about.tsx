// What is known of an alert: when, which receipts, and who has seen it.
import { Facts } from '../../parts/facts.tsx'
import { Time } from '../../parts/time.tsx'
import type { Alert } from './wire.ts'

export function Times({ alert: { rule, count, first_at, last_at, notified_at } }: { readonly alert: Alert }) {
  return (
    <Facts
      rows={[
        ['first', <Time at={first_at} />],
        ['last', <Time at={last_at} />],
        ['times', String(count)],
        ['last told', notified_at === null ? 'never: its rule was muted' : <Time at={notified_at} />],
        [
          'rule',
          <a href={`/app/alerts?rule=${encodeURIComponent(rule)}`}>
            <code>{rule}</code>
          </a>
        ]
      ]}
    />
  )
}

export function Receipts({ ids, count }: { readonly ids: readonly string[]; readonly count: number }) {
  if (ids.length === 0) return <p class="muted">None: it is about no run, or they were erased.</p>
  return (
    <>
      <ul class="alert-runs">
        {ids.map((id) => (
          <li key={id}>
            <a class="mono" href={`/app/receipt?id=${id}`}>
              {id}
            </a>
          </li>
        ))}
      </ul>
      {count > ids.length && <p class="muted small">The first ones and the newest.</p>}
    </>
  )
}

export function Handling({ alert }: { readonly alert: Alert }) {
  const { status, acknowledged_by, acknowledged_at, note, resolved_at } = alert
  return (
    <div class="stack-tight" role="status">
      {status === 'OPEN' && <p>Nobody has seen it yet.</p>}
      {acknowledged_at !== null && (
        <p>
          <strong>{acknowledged_by ?? 'Somebody'}</strong> has seen it, <Time at={acknowledged_at} />
        </p>
      )}
      {note !== null && <p class="muted">“{note}”</p>}
      {resolved_at !== null && (
        <p>
          Over since <Time at={resolved_at} />
        </p>
      )}
    </div>
  )
}
