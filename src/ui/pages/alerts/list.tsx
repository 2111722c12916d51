// What is open, the gravest first; below it what somebody has seen to.
import { useEffect, useMemo, useState } from 'preact/hooks'
import { Empty } from '../../parts/empty.tsx'
import { List } from '../../parts/list.tsx'
import { usePaged } from '../../parts/paged.ts'
import { useSteady } from '../../parts/steady.ts'
import { KeysLine, useShortcuts } from '../../shell/keys.tsx'
import { goTo, place } from '../../shell/place.ts'
import { countRinging } from '../../shell/ringing.ts'
import { may } from '../../shell/session.ts'
import { Acts, type Act } from './acts.tsx'
import { RuleFilter, SEEN, SeverityFilter, StatusFilter } from './filters.tsx'
import { Rows } from './rows.tsx'
import { addressOf, gravestFirst, severityOf, type Alert } from './wire.ts'

const EVERY_MS = 5_000
const idOf = (alert: Alert) => alert.alert_id

export function AlertList() {
  const { params } = place.value
  const severity = severityOf(params.get('severity'))
  const rule = params.get('rule')
  const seen = SEEN.find((one) => one === params.get('status')) ?? 'ACKNOWLEDGED'
  const open = useSteady(usePaged<Alert>('/alerts', { status: 'OPEN', severity, rule }), idOf)
  const past = useSteady(usePaged<Alert>('/alerts', { status: seen, severity, rule }), idOf)
  const [act, setAct] = useState<Act | null>(null)
  const [here, setHere] = useState<string | null>(null)
  // What is shown here is counted above, not some seconds later.
  const openIds = open.items.value?.map(idOf).join()
  useEffect(() => void countRinging(), [openIds])
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.hidden) return
      void open.poll()
      void past.poll()
    }, EVERY_MS)
    return () => clearInterval(timer)
  }, [open, past])
  const reload = () => Promise.all([open.reload(), past.reload()])
  const isMoved = open.isMoved.value || past.isMoved.value
  const shown = open.items.value
  const all = [...gravestFirst(shown ?? []), ...(past.items.value ?? [])]
  useListKeys(all, here, setAct)
  const onAct = may('admin') ? setAct : null
  return (
    <>
      <div class="area-head alerts-head">
        <div class="row">
          <SeverityFilter severity={severity} />
          <RuleFilter rule={rule} />
        </div>
        <div class="actions">
          <button type="button" class={isMoved ? 'fresh' : 'fresh is-none'} disabled={!isMoved} onClick={() => void reload()}>
            Something has changed: show it
          </button>
        </div>
      </div>
      <section class="area" aria-label="Open">
        <List of={open} empty={severity === null && rule === null ? <NothingOpen /> : <p class="muted">Nothing like that is open.</p>}>
          {(items) => <Rows items={gravestFirst(items)} here={here} onHere={setHere} onAct={onAct} />}
        </List>
      </section>
      {shown !== undefined && past.items.value !== undefined && (
        <section class="area" aria-labelledby="seen">
          <div class="area-head">
            <h2 id="seen">Seen to</h2>
            <StatusFilter status={seen} />
          </div>
          <List of={past} empty={<p class="muted">{seen === 'ACKNOWLEDGED' ? 'Nothing is being looked at.' : 'Nothing is over yet.'}</p>}>
            {(items) => <Rows items={items} here={here} onHere={setHere} onAct={onAct} />}
          </List>
        </section>
      )}
      <Acts act={act} onClose={() => setAct(null)} onDone={reload} />
      {shown !== undefined && past.items.value !== undefined && <KeysLine />}
    </>
  )
}

/** j and k go through the rows; what is done, is done to the row that has the focus. */
function useListKeys(all: readonly Alert[], here: string | null, onAct: (act: Act) => void): void {
  const ids = all.map(idOf).join()
  const at = all.find((one) => one.alert_id === here)
  const status = at?.status
  const shortcuts = useMemo(() => {
    const move = (by: number) => {
      const from = here === null ? (by > 0 ? -1 : all.length) : all.findIndex((one) => one.alert_id === here)
      const next = all[Math.min(all.length - 1, Math.max(0, from + by))]
      if (next !== undefined) document.getElementById(`alert-${next.alert_id}`)?.focus()
    }
    return [
      { key: 'j', says: 'next', run: () => move(1) },
      { key: 'k', says: 'previous', run: () => move(-1) },
      { key: 'Enter', says: 'open', run: () => here !== null && goTo(addressOf(here)) },
      ...(may('admin')
        ? [
            { key: 'a', says: 'acknowledge', run: () => at?.status === 'OPEN' && onAct({ what: 'acknowledge', alert: at }) },
            { key: 'r', says: 'resolve', run: () => at !== undefined && at.status !== 'RESOLVED' && onAct({ what: 'resolve', alert: at }) }
          ]
        : [])
    ]
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [here, ids, status])
  useShortcuts(shortcuts)
}

function NothingOpen() {
  return (
    <Empty title="Nothing is open">
      <p>
        People are alerted when a policy stops an agent for the first time, when an agent is blocked again and again or does far more than
        it used to, when an approval waits too long, a webhook fails, the kill switch is thrown, or something stored is not what was signed.
      </p>
      <p>
        <a href="/app/alerts?view=channels">Channels</a> say who is told, <a href="/app/alerts?view=rules">rules</a> of what.
      </p>
    </Empty>
  )
}
