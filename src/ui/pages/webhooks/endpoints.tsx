// The endpoints of a team, each with what can be done to it.
import { visible } from '../../../engine/visible.ts'
import { Badge } from '../../parts/badge.tsx'
import { note } from '../../parts/notes.tsx'
import { Time } from '../../parts/time.tsx'
import { send, tell } from '../../shell/api.ts'
import { ENDPOINTS, type Endpoint } from './wire.ts'

interface Props {
  readonly items: readonly Endpoint[]
  reload(): Promise<unknown>
  onOpen(what: 'edit' | 'rotate' | 'delete' | 'replay', endpoint: Endpoint): void
}

export function Endpoints({ items, reload, onOpen }: Props) {
  return (
    <ul class="card endpoints">
      {items.map((one) => (
        <Row key={one.id} one={one} reload={reload} onOpen={onOpen} />
      ))}
    </ul>
  )
}

function Row({ one, reload, onOpen }: Omit<Props, 'items'> & { readonly one: Endpoint }) {
  const { id, url, types, description, status, disabled_reason, previous_until, created_at } = one
  const isOff = status === 'DISABLED'
  const act = (work: () => Promise<unknown>, said: string) =>
    void work()
      .then(() => note('pass', said))
      .catch((error: unknown) => note('block', tell(error)))
      .finally(() => void reload())
  const toggle = () =>
    act(() => send('PATCH', `/webhooks/${id}`, { disabled: !isOff }), isOff ? 'Switched on: it is pinged first' : 'Switched off')
  const ping = () => act(() => send('POST', `/webhooks/${id}/ping`), 'A ping is on its way')
  const name = <span class="unseen"> {url}</span>
  return (
    <li class="part">
      <div class="row">
        <Badge tone={ENDPOINTS[status].tone}>{ENDPOINTS[status].word}</Badge>
        <code class="url">{visible(url)}</code>
      </div>
      <p class="muted">
        {description && `${visible(description)} · `}
        {types.length === 0 ? 'every event' : types.join(', ')} · since <Time at={created_at} />
        {previous_until !== null && (
          <>
            {' '}
            · the old secret signs along until <Time at={previous_until} />
          </>
        )}
      </p>
      {disabled_reason !== null && <p class="wrong-all">{visible(disabled_reason)}</p>}
      <div class="cell-actions">
        {!isOff && (
          <button type="button" onClick={ping}>
            Ping{name}
          </button>
        )}
        <button type="button" onClick={toggle}>
          {isOff ? 'Switch on' : 'Switch off'}
          {name}
        </button>
        <button type="button" onClick={() => onOpen('edit', one)}>
          Change…{name}
        </button>
        <button type="button" onClick={() => onOpen('rotate', one)}>
          New secret…{name}
        </button>
        <button type="button" onClick={() => onOpen('replay', one)}>
          Replay failed…{name}
        </button>
        <button type="button" onClick={() => onOpen('delete', one)}>
          Delete…{name}
        </button>
      </div>
    </li>
  )
}
