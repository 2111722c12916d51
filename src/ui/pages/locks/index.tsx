// Locks: who holds what, with which token and until when; who waits; and taking a lock away.
import { useEffect, useState } from 'preact/hooks'
import { visible } from '../../../engine/visible.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Countdown } from '../../parts/countdown.tsx'
import { Empty } from '../../parts/empty.tsx'
import { List } from '../../parts/list.tsx'
import { usePaged } from '../../parts/paged.ts'
import { Time } from '../../parts/time.tsx'
import { send } from '../../shell/api.ts'
import { may } from '../../shell/session.ts'

/** `GET /locks`. */
interface Lock {
  readonly lock_id: string
  readonly holder: string
  readonly api_key_id: string
  readonly run_id: string | null
  readonly acquired_at: string
  readonly expires_at: string
  readonly holds: readonly { readonly resource: string; readonly mode: string; readonly fencing_token: number }[]
}

/** `GET /locks/queue`. */
interface Waiter {
  readonly place: number
  readonly holder: string
  readonly run_id: string | null
  readonly resources: readonly string[]
  readonly waits_until: string
}

const EVERY_MS = 5_000

export default function Locks() {
  const locks = usePaged<Lock>('/locks')
  const queue = usePaged<Waiter>('/locks/queue', {}, 200)
  const [breaking, setBreaking] = useState<Lock | null>(null)
  const [receipt, setReceipt] = useState<{ readonly run_id: string; readonly holder: string } | null>(null)
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.hidden) return
      void locks.reload()
      void queue.reload()
    }, EVERY_MS)
    return () => clearInterval(timer)
  }, [locks, queue])
  const breakIt = async (lock: Lock, reason: string) => {
    const { run_id } = await send<{ run_id: string }>('POST', `/locks/${lock.lock_id}/break`, reason === '' ? {} : { reason })
    setReceipt({ run_id, holder: lock.holder })
    await Promise.all([locks.reload(), queue.reload()])
  }
  return (
    <>
      <header class="page-head">
        <h1>Locks</h1>
        <p class="muted">
          {locks.items.value && (locks.items.value.length === 0 ? 'nothing is held' : `${locks.items.value.length} held`)}
        </p>
      </header>
      <div role="status">
        {receipt && (
          <p class="said pass">
            The lock of {visible(receipt.holder)} is broken: its older tokens are refused.{' '}
            <a href={`/app/receipt?id=${receipt.run_id}`}>Receipt</a>
          </p>
        )}
      </div>
      <section class="area" aria-label="Held">
        <List of={locks} empty={<NothingHeld />}>
          {(items) => <Held items={items} onBreak={may('admin') ? setBreaking : null} />}
        </List>
      </section>
      {locks.items.value !== undefined && (
        <section class="area" aria-labelledby="queue">
          <div class="area-head">
            <h2 id="queue">Queue</h2>
          </div>
          <List
            of={queue}
            empty={
              <p class="muted">
                Nobody waits. Who asks with <code>wait_seconds</code> is served in the order of asking.
              </p>
            }
          >
            {(items) => <Queue items={items} />}
          </List>
        </section>
      )}
      <Confirm
        title="Break this lock?"
        isOpen={breaking !== null}
        onClose={() => setBreaking(null)}
        action="Break the lock"
        reason={{ label: 'Why (stands in the receipt)', isRequired: true, lengthMax: 500 }}
        onConfirm={(reason) => (breaking === null ? Promise.resolve() : breakIt(breaking, reason))}
      >
        <p>
          <strong>{visible(breaking?.holder ?? '')}</strong> loses{' '}
          <code>{breaking?.holds.map(({ resource }) => visible(resource)).join(', ')}</code> and learns of it when it renews. It may be in
          the middle of its work: systems that check fencing tokens refuse it, others do not.
        </p>
      </Confirm>
    </>
  )
}

function Held({ items, onBreak }: { readonly items: readonly Lock[]; readonly onBreak: ((lock: Lock) => void) | null }) {
  return (
    <table class="sheet">
      <thead>
        <tr>
          <th scope="col">Holder</th>
          <th scope="col">Resources</th>
          <th scope="col">Mode</th>
          <th scope="col" class="number">
            Token
          </th>
          <th scope="col">Since</th>
          <th scope="col">Expires</th>
          <th scope="col">
            <span class="unseen">What can be done</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((lock) => (
          <tr key={lock.lock_id}>
            <td class="fills">
              {visible(lock.holder)}
              {lock.run_id === null ? (
                <span class="under">key {lock.api_key_id}</span>
              ) : (
                <a class="under" href={`/app/receipt?id=${lock.run_id}`}>
                  its run
                </a>
              )}
            </td>
            <td class="fills">
              {lock.holds.map(({ resource }) => (
                <code key={resource} class="line">
                  {visible(resource)}
                </code>
              ))}
            </td>
            <td>
              {lock.holds.map(({ resource, mode }) => (
                <span key={resource} class="line">
                  {mode}
                </span>
              ))}
            </td>
            <td class="number" data-label="token">
              {lock.holds.map(({ resource, fencing_token }) => (
                <span key={resource} class="line">
                  {fencing_token}
                </span>
              ))}
            </td>
            <td class="is-narrow" data-label="since">
              <Time at={lock.acquired_at} />
            </td>
            <td class="is-narrow">
              <Countdown until={lock.expires_at} isPlain />
            </td>
            <td class="is-narrow">
              {onBreak && (
                <span class="cell-actions">
                  <button type="button" onClick={() => onBreak(lock)}>
                    Break…<span class="unseen"> the lock of {lock.holder}</span>
                  </button>
                </span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Queue({ items }: { readonly items: readonly Waiter[] }) {
  return (
    <table class="sheet">
      <thead>
        <tr>
          <th scope="col" class="number">
            Place
          </th>
          <th scope="col">Who</th>
          <th scope="col">Waits for</th>
          <th scope="col">Gives up in</th>
        </tr>
      </thead>
      <tbody>
        {items.map(({ place, holder, run_id, resources, waits_until }) => (
          <tr key={place}>
            <td class="number is-narrow">{place}</td>
            <td>
              {visible(holder)}
              {run_id !== null && (
                <a class="under" href={`/app/receipt?id=${run_id}`}>
                  its run
                </a>
              )}
            </td>
            <td class="fills">
              {resources.map((resource) => (
                <code key={resource} class="line">
                  {visible(resource)}
                </code>
              ))}
            </td>
            <td class="is-narrow">
              <Countdown until={waits_until} isPlain />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function NothingHeld() {
  return (
    <Empty title="Nothing is held">
      <p>Runs lock what they write to, and agents that act themselves can take locks too: all of the resources, or none.</p>
      <pre class="code">{`curl -X POST ${location.origin}/locks \\
  -H "X-Enact-Api-Key: $ENACT_API_KEY" -H 'Content-Type: application/json' \\
  -d '{"resources":["postgres/customers"],"holder":"billing-bot","ttl_seconds":60,"wait_seconds":10}'`}</pre>
    </Empty>
  )
}
