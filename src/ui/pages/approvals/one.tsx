// One request in full: what will happen, why somebody is asked, what changes, whether it can be undone, and the decision.
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Badge } from '../../parts/badge.tsx'
import { Countdown } from '../../parts/countdown.tsx'
import { useResource } from '../../parts/resource.ts'
import { Trouble } from '../../parts/trouble.tsx'
import { get } from '../../shell/api.ts'
import { Decide } from './decide.tsx'
import { Ended } from './ended.tsx'
import { Asked, Headline, History } from './what.tsx'
import { STATUSES, type Sight } from './wire.ts'

const EVERY_MS = 4_000

export function One({ id }: { readonly id: string }) {
  const sight = useResource((abort) => get<Sight>(`/hitl/${encodeURIComponent(id)}/approve`, {}, abort), [id])
  const { value, problem } = sight
  const shown = value.value
  const isOpen = shown?.status === 'PENDING'
  useEffect(() => {
    if (!isOpen) return undefined
    const timer = setInterval(() => {
      if (!document.hidden) void sight.reload()
    }, EVERY_MS)
    return () => clearInterval(timer)
  }, [isOpen, sight])
  // What is decided on is what was read: after a change the reader has to say that they have read it again.
  const [read, setRead] = useState<string | null>(null)
  const digest = shown?.request_digest
  useEffect(() => {
    if (digest !== undefined) setRead((before) => before ?? digest)
  }, [digest])
  if (shown === undefined) {
    return (
      <>
        <Back />
        {problem.value === null ? <p class="loading">Loading…</p> : <Trouble text={problem.value} again={() => void sight.reload()} />}
      </>
    )
  }
  const isChanged = read !== null && read !== shown.request_digest
  return (
    <article class="ask">
      <Back>
        {isOpen ? <Countdown until={shown.expires_at} /> : <Badge tone={STATUSES[shown.status].tone}>{STATUSES[shown.status].word}</Badge>}
      </Back>
      <Headline sight={shown} />
      {problem.value !== null && <Trouble text={problem.value} again={() => void sight.reload()} />}
      <div class="columns">
        <Asked sight={shown} />
        <div class="stack">
          {isOpen && isChanged ? (
            <div class="card part stack" role="alert">
              <Badge tone="held">Changed meanwhile</Badge>
              <p>The request is not what it was when you opened it: what stands here is the newest. Read it again before you decide.</p>
              <button type="button" class="main" onClick={() => setRead(shown.request_digest)}>
                I have read it
              </button>
            </div>
          ) : isOpen ? (
            <Decide sight={shown} reload={sight.reload} onRead={setRead} />
          ) : (
            <Ended sight={shown} />
          )}
          <History sight={shown} />
        </div>
      </div>
    </article>
  )
}

function Back({ children }: { readonly children?: ComponentChildren }) {
  return (
    <div class="ask-back">
      <a href="/app/approvals">← Approvals</a>
      <span>{children}</span>
    </div>
  )
}
