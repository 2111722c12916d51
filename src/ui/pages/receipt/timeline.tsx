// The run in time: who waited for whom, and how long each part took.
import type { Receipt } from '../../../engine/schema.ts'
import { visible } from '../../../engine/visible.ts'
import { shortTime, span } from '../../parts/time.tsx'
import { timelineOf, type Bar } from '../../receipt/timeline.ts'

/** `askedAt` = when a person was asked, where that is known. */
export function Timeline({ receipt, askedAt }: { readonly receipt: Receipt; readonly askedAt: number | null }) {
  const bars = timelineOf(receipt, askedAt)
  if (bars.length === 0) return <p class="muted">Signed {receipt.timestamp}; the receipt tells no other time.</p>
  return (
    <>
      <ol class="timeline">
        {bars.map((bar, i) => (
          <li key={i}>
            <span class="mono">{visible(bar.name)}</span>
            <svg class={bar.kind} aria-hidden="true">
              <rect class="track" width="100%" height="100%" rx="3" />
              <rect x={`${bar.left * 100}%`} y="20%" width={`${bar.width * 100}%`} height="60%" rx="3" />
            </svg>
            <span class="muted number" title={exactly(bar)}>
              {bar.to > bar.from ? span(bar.to - bar.from) : shortTime(new Date(bar.from).toISOString(), Date.now())}
              <span class="unseen"> {exactly(bar)}</span>
            </span>
          </li>
        ))}
      </ol>
      <p class="muted small">In order, not to scale: a wait of an hour would leave a millisecond no room.</p>
    </>
  )
}

function exactly({ from, to }: Bar): string {
  const text = (ms: number) => new Date(ms).toISOString()
  return from === to ? text(from) : `${text(from)} to ${text(to)}`
}
