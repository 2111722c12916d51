// Receipts of changes that could not be written when the change was made: the ledger did not answer, or the Worker was stopped in between.
import { messageOf, recordChange, type ChangeOutbox, type Clock, type JsonObject, type Ports } from '../engine/index.ts'

interface Work {
  readonly changes: ChangeOutbox
  readonly ports: Pick<Ports, 'hash' | 'keys' | 'sealed' | 'ledger'>
  readonly clock: Clock
  log(entry: JsonObject): void
}

const BATCH = 100
const BUDGET_MS = 20_000

/** Records what waits, oldest first; what fails stays, and keeps nothing else waiting. Never throws. */
export async function recordChanges({ changes, ports, clock, log }: Work): Promise<void> {
  const until = clock.now() + BUDGET_MS
  try {
    for (const change of await changes.waiting(BATCH)) {
      if (clock.now() > until) return
      const { team_id, run_id } = change
      await recordChange(change, changes, ports).catch((error: unknown) =>
        log({ level: 'error', event: 'change_not_recorded_yet', team_id, run_id, error: messageOf(error) })
      )
    }
  } catch (error) {
    log({ level: 'error', event: 'changes_not_read', error: messageOf(error) })
  }
}
