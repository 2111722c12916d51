// Agents: the keys by which they act, what they did lately, and the switch that stops them all.
import { useState } from 'preact/hooks'
import { visible } from '../../../engine/visible.ts'
import { Badge } from '../../parts/badge.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Empty } from '../../parts/empty.tsx'
import { List } from '../../parts/list.tsx'
import { note } from '../../parts/notes.tsx'
import { usePaged } from '../../parts/paged.ts'
import { Time } from '../../parts/time.tsx'
import { Problem, send } from '../../shell/api.ts'
import { session } from '../../shell/session.ts'
import { CreateKey } from './create_key.tsx'
import { KillSwitchCard } from './kill_switch.tsx'
import { stateOf, type Agent } from './wire.ts'

export default function Agents() {
  const agents = usePaged<Agent>('/agents')
  const [isCreating, setCreating] = useState(false)
  const [revoking, setRevoking] = useState<Agent | null>(null)
  const revoke = async ({ id, label }: Agent) => {
    try {
      await send('DELETE', `/keys/${encodeURIComponent(id)}`)
    } catch (error) {
      if (error instanceof Problem && error.code === 'last_admin_key')
        throw new Error('this is the last admin key: without it nobody could make another. Make another admin key first', { cause: error })
      throw error
    }
    note('pass', `Revoked ${label ?? id}: it stops within a minute, everywhere`)
    void agents.reload()
  }
  return (
    <>
      <header class="page-head">
        <h1>Agents</h1>
      </header>
      <KillSwitchCard />
      <section class="area" aria-labelledby="keys">
        <div class="area-head">
          <h2 id="keys">Keys</h2>
          <div class="actions">
            <button type="button" class="main" onClick={() => setCreating(true)}>
              Create a key…
            </button>
          </div>
        </div>
        <List of={agents} empty={<NoKeys />}>
          {(items) => <Keys items={items} onRevoke={setRevoking} />}
        </List>
      </section>
      <CreateKey isOpen={isCreating} onClose={() => setCreating(false)} onCreated={() => void agents.reload()} />
      <Confirm
        title="Revoke this key?"
        isOpen={revoking !== null}
        onClose={() => setRevoking(null)}
        action="Revoke"
        onConfirm={() => (revoking === null ? Promise.resolve() : revoke(revoking))}
      >
        <p>
          <strong>{visible(revoking?.label ?? 'A key without a label')}</strong> (<code>{revoking?.id}</code>) stops working within a
          minute, with every session that it began. It cannot be brought back.
        </p>
        {revoking?.id === session.value?.api_key_id && <p>It is the key you are signed in with: you will be signed out.</p>}
      </Confirm>
    </>
  )
}

function Keys({ items, onRevoke }: { readonly items: readonly Agent[]; onRevoke(agent: Agent): void }) {
  const now = Date.now()
  return (
    <table class="sheet">
      <thead>
        <tr>
          <th scope="col">Key</th>
          <th scope="col">Scopes</th>
          <th scope="col">Acts as</th>
          <th scope="col">Created</th>
          <th scope="col">Last seen</th>
          <th scope="col" class="number">
            Receipts, 24 h
          </th>
          <th scope="col">
            <span class="unseen">What can be done</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((agent) => (
          <Row key={agent.id} agent={agent} state={stateOf(agent, now)} onRevoke={onRevoke} />
        ))}
      </tbody>
    </table>
  )
}

interface RowProps {
  readonly agent: Agent
  readonly state: ReturnType<typeof stateOf>
  onRevoke(agent: Agent): void
}

function Row({ agent, state, onRevoke }: RowProps) {
  const { id, label, scopes, user_email, created_at, expires_at, revoked_at, last_at, receipts_24h, blocked_24h } = agent
  const activity = (more: string) => `/app/?q=${encodeURIComponent(`key:${id}${more} since:24h`)}`
  return (
    <tr class={state === 'active' ? undefined : 'is-off'}>
      <td class="fills">
        {visible(label ?? 'no label')} {id === session.value?.api_key_id && <span class="muted">(yours)</span>}
        <code class="under">{id}</code>
      </td>
      <td>
        <code>{scopes.join(' ')}</code>
      </td>
      <td data-label="acts as">{user_email === null ? <span class="muted">anybody</span> : visible(user_email)}</td>
      <td class="is-narrow" data-label="created">
        <Time at={created_at} />
        {state === 'active' && expires_at !== null && (
          <span class="under">
            until <Time at={expires_at} />
          </span>
        )}
      </td>
      <td class="is-narrow" data-label="last seen">
        {last_at === null ? <span class="muted">never</span> : <Time at={last_at} />}
      </td>
      <td class="number is-narrow" data-label="24 h">
        <a href={activity('')}>{receipts_24h}</a>
        {blocked_24h > 0 && (
          <>
            {' · '}
            <a class="is-blocked" href={activity(' decision:block')}>
              {blocked_24h} blocked
            </a>
          </>
        )}
      </td>
      <td class="is-narrow">
        <span class="cell-actions">
          {state === 'active' ? (
            <button type="button" onClick={() => onRevoke(agent)}>
              Revoke…<span class="unseen"> {label ?? id}</span>
            </button>
          ) : (
            <span title={revoked_at ?? expires_at ?? ''}>
              <Badge tone="none">{state === 'revoked' ? 'Revoked' : 'Expired'}</Badge>
            </span>
          )}
        </span>
      </td>
    </tr>
  )
}

function NoKeys() {
  return (
    <Empty title="No keys">
      <p>
        An agent needs a key with the scope <code>run</code>:
      </p>
      <pre class="code">{`curl -X POST ${location.origin}/keys \\
  -H "X-Enact-Api-Key: $ENACT_ADMIN_KEY" -H 'Content-Type: application/json' \\
  -d '{"scopes":["run"],"label":"billing-bot","user_email":"agent@company.com"}'`}</pre>
    </Empty>
  )
}
