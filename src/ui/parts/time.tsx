// Times as people read them, with the exact one behind; and durations.

const DAY_MS = 86_400_000

/** `09:41:07` today, `28 Nov 09:41` this year, with the whole time in UTC as the title. */
export function Time({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={at}>
      {shortTime(at, Date.now())}
    </time>
  )
}

export function shortTime(at: string, now: number): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return at
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0'))
  if (date.toDateString() === new Date(now).toDateString()) return clock.join(':')
  const day = date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
  const isNear = Math.abs(now - date.getTime()) < 300 * DAY_MS
  return isNear ? `${day} ${clock[0]}:${clock[1]}` : `${day} ${date.getFullYear()}`
}

/** `2 ms`, `1.2 s`, `3 min`, `5 h`, `2 days`. */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`
  if (ms < 2 * DAY_MS) return `${Math.round(ms / 3_600_000)} h`
  return `${Math.round(ms / DAY_MS)} days`
}

/** `in 3 min`, `2 h ago`. */
export function fromNow(at: string, now: number): string {
  const ms = Date.parse(at) - now
  return ms >= 0 ? `in ${span(ms)}` : `${span(-ms)} ago`
}
