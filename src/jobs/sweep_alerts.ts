// Alerts that nobody has seen again for a week end; what is over for months is forgotten.
import { messageOf, type Clock, type JsonObject } from '../engine/index.ts'

interface Work {
  readonly alerts: { sweep(thorough: boolean): Promise<number> }
  readonly clock: Clock
  log(entry: JsonObject): void
}

/** What costs a look at every memory is done about once an hour. */
const THOROUGH_EVERY_MS = 3_600_000
const ROUND_MS = 300_000

/** Never throws. */
export async function sweepAlerts({ alerts, clock, log }: Work): Promise<void> {
  try {
    const ended = await alerts.sweep(clock.now() % THOROUGH_EVERY_MS < ROUND_MS)
    if (ended > 0) log({ level: 'info', event: 'alerts_ended', count: ended })
  } catch (error) {
    log({ level: 'error', event: 'alert_sweep_failed', error: messageOf(error) })
  }
}
