// Approvals whose alarm was lost: who looks at one that is over sees to its receipt and wakes its run.
import { messageOf, type ApprovalDoor, type ApprovalList, type Clock, type JsonObject } from '../engine/index.ts'

interface Work {
  readonly list: Pick<ApprovalList, 'overdue'>
  readonly door: Pick<ApprovalDoor, 'look'>
  readonly clock: Clock
  log(entry: JsonObject): void
}

const BATCH = 100
/** An approval's own alarm is given so long to see to its end. */
const GRACE_MS = 30_000

/** Looks at each; one that does not answer keeps no other waiting. Never throws. */
export async function sweepApprovals({ list, door, clock, log }: Work): Promise<void> {
  try {
    const overdue = await list.overdue(clock.now() - GRACE_MS, BATCH)
    await Promise.all(
      overdue.map(({ team_id, hitl_id }) =>
        door
          .look(team_id, hitl_id, 0)
          .catch((error: unknown) => log({ level: 'error', event: 'approval_not_ended_yet', team_id, hitl_id, error: messageOf(error) }))
      )
    )
  } catch (error) {
    log({ level: 'error', event: 'approvals_not_read', error: messageOf(error) })
  }
}
