// The rate of requests at the door: whoever asks too much waits.
import { fault } from '../engine/index.ts'
import type { Host } from './host.ts'

/** Counts so many requests of this key or address. Throws `rate_limited` with the seconds to wait. */
export async function takeRate(host: Host, key: string, cost = 1): Promise<void> {
  const wait = await host.rateLimit.take(key, cost)
  if (wait !== null) throw fault('rate_limited', `too many requests: try again in ${wait} s`, { retryAfterSeconds: wait })
}
