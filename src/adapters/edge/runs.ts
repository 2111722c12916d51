// The doors of runs: each lives in an object named by team and run.
import type { RunCalls } from '../../../durable/run.ts'
import type { RunDoor } from '../../engine/index.ts'

/** INVARIANT: the name begins with the team, so that no team's id leads to another's run. */
export function edgeRuns(namespace: DurableObjectNamespace): RunDoor {
  const stub = (teamId: string, runId: string) => namespace.get(namespace.idFromName(`${teamId}/${runId}`)) as unknown as RunCalls
  return {
    start: (judged, requestDigest, waitMs) => stub(judged.admitted.team_id, judged.admitted.run_id).start(judged, requestDigest, waitMs),
    status: (teamId, runId, waitMs) => stub(teamId, runId).status(waitMs),
    wake: (teamId, runId) => stub(teamId, runId).wake(),
    poke: (teamId, runId) => stub(teamId, runId).poke()
  }
}
