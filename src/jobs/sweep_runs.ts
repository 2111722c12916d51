// Runs whose alarm was lost: whoever pokes one that nobody executes makes it go on.
import { messageOf, type Clock, type JsonObject, type RunDoor, type UnfinishedRuns } from '../engine/index.ts'

interface Work {
  readonly unfinished: UnfinishedRuns
  readonly runs: Pick<RunDoor, 'poke'>
  readonly clock: Clock
  log(entry: JsonObject): void
}

const BATCH = 100
/** A run's own alarm is given so long before the sweep looks, and looks again. */
export const SWEEP_GRACE_MS = 60_000

/** Pokes what is due, the longest due first; one that does not answer keeps no other waiting. Never throws. */
export async function sweepRuns({ unfinished, runs, clock, log }: Work): Promise<void> {
  try {
    const due = await unfinished.due(clock.now(), BATCH)
    await Promise.all(
      due.map(async ({ team_id, run_id }) => {
        try {
          // Put off before it is poked: a run that breaks whoever pokes it must not stand first in every sweep.
          await unfinished.put(team_id, run_id, clock.now() + SWEEP_GRACE_MS)
          const alarmAt = await runs.poke(team_id, run_id)
          if (alarmAt === null) await unfinished.remove(team_id, run_id)
          else await unfinished.put(team_id, run_id, alarmAt + SWEEP_GRACE_MS)
        } catch (error) {
          log({ level: 'error', event: 'run_not_poked_yet', team_id, run_id, error: messageOf(error) })
        }
      })
    )
  } catch (error) {
    log({ level: 'error', event: 'unfinished_runs_not_read', error: messageOf(error) })
  }
}
