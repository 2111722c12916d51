// The inbox: what waits for a person, soonest over first; below it what was decided.
import { useEffect, useMemo, useState } from 'preact/hooks'
import { visible } from '../../../engine/visible.ts'
import { Badge } from '../../parts/badge.tsx'
import { Countdown } from '../../parts/countdown.tsx'
import { Empty } from '../../parts/empty.tsx'
import { List } from '../../parts/list.tsx'
import { usePaged } from '../../parts/paged.ts'
import { Time } from '../../parts/time.tsx'
import { KeysLine, useShortcuts } from '../../shell/keys.tsx'
import { goTo, place, setParams } from '../../shell/place.ts'
import { countWaiting, waiting as count } from '../../shell/waiting.ts'
import { STATUSES, type Listed, type Status } from './wire.ts'

const FILTERS = ['all', 'APPROVED', 'DENIED', 'EXPIRED'] as const

export const addressOf = (id: string) => `/app/approvals?id=${id}`

export function Inbox() {
  const waiting = usePaged<Listed>('/hitl', { status: 'PENDING' })
  const wanted = place.value.params.get('status')
  const status = FILTERS.find((one) => one === wanted) ?? 'all'
  const past = usePaged<Listed>('/hitl', { status: status === 'all' ? null : status })
  const [here, setHere] = useState<string | null>(null)
  useEffect(() => void countWaiting(), [])
  const shown = waiting.items.value?.length
  // New ones are not put under the reader's finger: they come when asked for.
  const hasNews = shown !== undefined && !waiting.hasMore.value && count.value !== shown
  const showNews = async () => {
    await Promise.all([waiting.reload(), past.reload()])
    void countWaiting()
  }

  const soonest = (items: readonly Listed[]) => items.toSorted((one, other) => one.expires_at.localeCompare(other.expires_at))
  const decided = (items: readonly Listed[]) => items.filter((one) => one.status !== 'PENDING')
  const ids = [...soonest(waiting.items.value ?? []), ...decided(past.items.value ?? [])].map((one) => one.hitl_id)
  const joined = ids.join()
  const shortcuts = useMemo(() => {
    const move = (by: number) => {
      const at = here === null ? (by > 0 ? -1 : ids.length) : ids.indexOf(here)
      const next = ids[Math.min(ids.length - 1, Math.max(0, at + by))]
      if (next === undefined) return
      setHere(next)
      document.getElementById(`approval-${next}`)?.focus()
    }
    return [
      { key: 'j', says: 'next', run: () => move(1) },
      { key: 'k', says: 'previous', run: () => move(-1) },
      { key: 'Enter', says: 'open', run: () => here !== null && goTo(addressOf(here)) }
    ]
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [here, joined])
  useShortcuts(shortcuts)

  return (
    <>
      <header class="page-head">
        <h1>Approvals</h1>
        <p class="muted">{shown !== undefined && countText(shown, waiting.hasMore.value)}</p>
        {hasNews && (
          <button type="button" class="quiet" onClick={() => void showNews()}>
            Something has changed: show it
          </button>
        )}
      </header>
      <section class="area" aria-label="Waiting">
        <List of={waiting} empty={<NothingWaits />}>
          {(items) => <Rows items={soonest(items)} here={here} onHere={setHere} lastHead="Time left" />}
        </List>
      </section>
      {waiting.items.value !== undefined && (
        <section class="area" aria-labelledby="decided">
          <div class="area-head">
            <h2 id="decided">Decided</h2>
            <Filters status={status} />
          </div>
          <List of={past} empty={<p class="muted">Nothing has been decided yet.</p>}>
            {(items) =>
              decided(items).length === 0 ? (
                <p class="muted">Nothing has been decided yet.</p>
              ) : (
                <Rows items={decided(items)} here={here} onHere={setHere} lastHead="Decided" />
              )
            }
          </List>
        </section>
      )}
      <KeysLine />
    </>
  )
}

function Filters({ status }: { readonly status: string }) {
  return (
    <nav class="tabs" aria-label="Which decisions">
      {FILTERS.map((one) => (
        <a
          key={one}
          href={one === 'all' ? '/app/approvals' : `/app/approvals?status=${one}`}
          aria-current={one === status ? 'true' : undefined}
          onClick={(event) => {
            event.preventDefault()
            setParams({ status: one === 'all' ? null : one })
          }}
        >
          {one === 'all' ? 'All' : STATUSES[one as Status].word}
        </a>
      ))}
    </nav>
  )
}

interface RowsProps {
  readonly items: readonly Listed[]
  readonly here: string | null
  onHere(id: string): void
  readonly lastHead: string
}

function Rows({ items, here, onHere, lastHead }: RowsProps) {
  return (
    <table class="sheet">
      <thead>
        <tr>
          <th scope="col">Asked</th>
          <th scope="col">Decision</th>
          <th scope="col">What</th>
          <th scope="col">Asks</th>
          <th scope="col">{lastHead}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((one) => (
          <tr key={one.hitl_id} class={one.hitl_id === here ? 'is-here' : undefined}>
            <td class="is-narrow mono">
              <Time at={one.created_at} />
            </td>
            <td class="is-narrow">
              <Badge tone={STATUSES[one.status].tone}>{STATUSES[one.status].word}</Badge>
            </td>
            <td class="fills">
              <a id={`approval-${one.hitl_id}`} class="mono" href={addressOf(one.hitl_id)} onFocus={() => onHere(one.hitl_id)}>
                {visible(one.workflow)}
              </a>
            </td>
            <td>{one.user_email === '' ? <span class="muted">a program</span> : visible(one.user_email)}</td>
            <td class="is-narrow">
              {one.status === 'PENDING' ? (
                <Countdown until={one.expires_at} isPlain />
              ) : (
                <span class="muted">
                  {one.decided_at && <Time at={one.decided_at} />}
                  {one.decided_by && ` by ${visible(one.decided_by)}`}
                </span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function NothingWaits() {
  return (
    <Empty title="Nothing waits for a person">
      <p>
        A policy that asks, like <code>require_approval</code>, holds a run until somebody decides. Whoever is asked gets a message;
        everything that waits stands here too.
      </p>
      <pre class="code">{`curl -X POST ${location.origin}/hitl/request \\
  -H "X-Enact-Api-Key: $ENACT_API_KEY" -H 'Content-Type: application/json' \\
  -d '{"workflow":"deploy","payload":{"version":"1.4.2"},"notify_email":"you@example.com"}'`}</pre>
    </Empty>
  )
}

function countText(count: number, hasMore: boolean): string {
  if (count === 0) return 'nothing waits'
  return hasMore ? `more than ${count} wait` : count === 1 ? '1 waits' : `${count} wait`
}
