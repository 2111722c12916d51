// One alert in full: what it is about, its receipts, who has seen it, and to whom it was told.
import { useEffect, useMemo, useState } from 'preact/hooks'
import { useResource } from '../../parts/resource.ts'
import { Said } from '../../parts/told.tsx'
import { Trouble } from '../../parts/trouble.tsx'
import { get } from '../../shell/api.ts'
import { KeysLine, useShortcuts } from '../../shell/keys.tsx'
import { countRinging } from '../../shell/ringing.ts'
import { may } from '../../shell/session.ts'
import { Handling, Receipts, Times } from './about.tsx'
import { Acts, type Act } from './acts.tsx'
import { Deliveries } from './deliveries.tsx'
import { SeverityBadge, StatusBadge } from './severity.tsx'
import type { AlertWithDeliveries } from './wire.ts'

const EVERY_MS = 4_000

export function One({ id }: { readonly id: string }) {
  const resource = useResource((abort) => get<AlertWithDeliveries>(`/alerts/${encodeURIComponent(id)}`, {}, abort), [id])
  const alert = resource.value.value
  const problem = resource.problem.value
  const isMoving = alert !== undefined && (alert.status !== 'RESOLVED' || alert.deliveries.some(({ status }) => status === 'PENDING'))
  useEffect(() => {
    if (!isMoving) return undefined
    const timer = setInterval(() => {
      if (!document.hidden) void resource.reload()
    }, EVERY_MS)
    return () => clearInterval(timer)
  }, [isMoving, resource])
  return (
    <article class="alert">
      <div class="ask-back">
        <a href="/app/alerts">← Alerts</a>
        <span>{alert && <StatusBadge of={alert.status} />}</span>
      </div>
      {problem !== null && <Trouble text={problem} again={() => void resource.reload()} />}
      {alert === undefined && problem === null && <p class="loading">Loading…</p>}
      {alert !== undefined && <Shown alert={alert} reload={resource.reload} />}
    </article>
  )
}

function Shown({ alert, reload }: { readonly alert: AlertWithDeliveries; reload(): Promise<void> }) {
  const [act, setAct] = useState<Act | null>(null)
  const { title, subject, message, severity, status, alert_id } = alert
  const canAcknowledge = may('admin') && status === 'OPEN'
  const canResolve = may('admin') && status !== 'RESOLVED'
  const what = useMemo(() => ({ alert_id, title, subject }), [alert_id, title, subject])
  const shortcuts = useMemo(
    () => [
      ...(canAcknowledge ? [{ key: 'a', says: 'acknowledge', run: () => setAct({ what: 'acknowledge', alert: what }) }] : []),
      ...(canResolve ? [{ key: 'r', says: 'resolve', run: () => setAct({ what: 'resolve', alert: what }) }] : [])
    ],
    [canAcknowledge, canResolve, what]
  )
  useShortcuts(shortcuts)
  return (
    <>
      <header class="alert-head">
        <h1>
          {title} {subject !== '' && <code>{subject}</code>}
        </h1>
        <SeverityBadge of={severity} />
      </header>
      <div class="columns">
        <div class="card">
          <section>
            <h2>What happened</h2>
            <p>
              <Said text={message} isMarked />
            </p>
          </section>
          <section>
            <h2>When</h2>
            <Times alert={alert} />
          </section>
          <section>
            <h2>Receipts</h2>
            <Receipts ids={alert.run_ids} count={alert.count} />
          </section>
        </div>
        <div class="stack">
          <section class="card part stack" aria-label="What was done about it">
            <Handling alert={alert} />
            {canAcknowledge && (
              <button type="button" class="main big" onClick={() => setAct({ what: 'acknowledge', alert: what })}>
                Acknowledge…
              </button>
            )}
            {canResolve && (
              <button type="button" class="big" onClick={() => setAct({ what: 'resolve', alert: what })}>
                Resolve…
              </button>
            )}
            {!may('admin') && <p class="muted">To acknowledge or resolve it takes a key with scope admin.</p>}
            <KeysLine />
          </section>
        </div>
      </div>
      <section class="area alert-told" aria-labelledby="told">
        <div class="area-head">
          <h2 id="told">Who was told</h2>
          <p class="muted">newest first</p>
        </div>
        <Deliveries items={alert.deliveries} isMuted={alert.notified_at === null} />
      </section>
      <Acts
        act={act}
        onClose={() => setAct(null)}
        onDone={async () => {
          await reload()
          void countRinging()
        }}
      />
    </>
  )
}
