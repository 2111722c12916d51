// Requests per key: exact within an isolate, and counted across all of them by Cloudflare's rate limiting, one call for every twentieth request.
import type { Clock, RateLimit } from '../../engine/index.ts'

/** Requests of a key that pass at once, and how many more pass in every second after. */
export const BURST = 2_000
export const PER_SECOND = 200
/** wrangler.toml's limit is in these units: (BURST + 60 s × PER_SECOND) ÷ SHARE. */
const SHARE = 20
const KEYS_MAX = 5_000
const WAIT_SECONDS = 10

/** Cloudflare's binding. */
interface Shared {
  limit(options: { key: string }): Promise<{ success: boolean }>
}

interface Bucket {
  tokens: number
  at: number
  /** Counts up to SHARE, then tells the others. */
  unshared: number
}

/** `scale` multiplies the rate, for installations that know what they do and for load tests. */
export function edgeRateLimit(shared: Shared | undefined, clock: Clock, scale = 1): RateLimit {
  const buckets = new Map<string, Bucket>()
  const burst = BURST * scale
  return {
    async take(key, cost = 1) {
      const now = clock.now()
      const bucket = buckets.get(key) ?? { tokens: burst, at: now, unshared: 0 }
      if (!buckets.has(key)) {
        if (buckets.size >= KEYS_MAX) buckets.clear()
        buckets.set(key, bucket)
      }
      bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * PER_SECOND * scale)
      bucket.at = now
      if (bucket.tokens < cost) return Math.max(1, Math.ceil((cost - bucket.tokens) / (PER_SECOND * scale)))
      bucket.tokens -= cost
      bucket.unshared += cost
      if (bucket.unshared < SHARE * scale || shared === undefined) return null
      bucket.unshared = 0
      return (await shared.limit({ key })).success ? null : WAIT_SECONDS
    }
  }
}
