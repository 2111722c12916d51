// Time that runs out: counted down each second for the eye, announced politely at thresholds only.
import { Badge } from './badge.tsx'
import { useNow } from './clock.ts'
import { saidAloud, timeLeft } from './time_left.ts'

export function Countdown({ until, isPlain = false }: { readonly until: string; readonly isPlain?: boolean }) {
  const now = useNow()
  const ms = Date.parse(until) - now.value
  if (isPlain) {
    return (
      <time dateTime={until} title={until} class="number">
        {timeLeft(ms)}
      </time>
    )
  }
  return (
    <>
      <span title={until} role="timer" aria-live="off">
        <Badge tone={ms <= 0 ? 'none' : 'held'}>{timeLeft(ms)}</Badge>
      </span>
      <span class="unseen" role="status">
        {saidAloud(ms)}
      </span>
    </>
  )
}
