// Long polling: asks again until the answer is final, the deadline has passed, or the caller gives up.
import type { Time } from './time.ts'

/** The most that an installation waits with one answer. */
const POLL_S_MAX = 55
/** An answer that came at once and says nothing new is not asked for again at once. */
const QUICK_MS = 500
const PAUSE_MS = 1_000

interface Poll<T> {
  /** Asks, letting the installation wait so many seconds. */
  ask(waitSeconds: number): Promise<T>
  isFinal(answer: T): boolean
  readonly waitMs: number
  readonly time: Time
  readonly signal?: AbortSignal | undefined
}

/** The final answer, or the last one before the time was over. Asks at least once. */
export async function poll<T>({ ask, isFinal, waitMs, time, signal }: Poll<T>): Promise<T> {
  const until = time.now() + waitMs
  for (;;) {
    const askedAt = time.now()
    const waitSeconds = Math.max(0, Math.min(POLL_S_MAX, Math.ceil((until - askedAt) / 1000)))
    const answer = await ask(waitSeconds)
    const now = time.now()
    if (isFinal(answer) || now >= until) return answer
    if (now - askedAt < QUICK_MS) await time.sleep(Math.min(PAUSE_MS, until - now), signal)
  }
}

/** How long a request that waits for so many seconds may take. */
export function patience(waitSeconds: number, usualMs: number): number {
  return waitSeconds * 1000 + usualMs
}
