// The host's own clock.
import type { Clock } from '../../engine/ports.ts'

/** Wall-clock time. In workerd it stands still during CPU work: do not measure with it. */
export const systemClock: Clock = { now: () => Date.now() }
