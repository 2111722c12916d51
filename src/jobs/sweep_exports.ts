// Exports that nobody began or whose alarm was lost, and those that should have deleted themselves.
import { messageOf, type Clock, type ExportOrder, type JsonObject } from '../engine/index.ts'

interface Work {
  readonly exports: {
    running(before: number, limit: number): Promise<ExportOrder[]>
    expired(before: number, limit: number): Promise<ExportOrder[]>
    start(order: ExportOrder): Promise<void>
    remove(teamId: string, exportId: string): Promise<boolean>
  }
  readonly clock: Clock
  log(entry: JsonObject): void
}

const BATCH = 50
/** Their own alarms come first. */
const AFTER_MS = 60_000

/** One sweep; what fails is met again at the next. Never throws. */
export async function sweepExports({ exports, clock, log }: Work): Promise<void> {
  const before = clock.now() - AFTER_MS
  const failed = (error: unknown) => log({ level: 'error', event: 'export_sweep_failed', error: messageOf(error) })
  try {
    for (const { team_id, export_id } of await exports.expired(before, BATCH)) await exports.remove(team_id, export_id).catch(failed)
    for (const order of await exports.running(before, BATCH)) await exports.start(order).catch(failed)
  } catch (error) {
    failed(error)
  }
}
