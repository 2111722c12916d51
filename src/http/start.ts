// From an admitted request to its answer: one path for runs and rollbacks, with and without an Idempotency-Key.
import { fault, judge, stopped, type Admitted, type Installation, type Judged, type RunState } from '../engine/index.ts'
import type { Host } from './host.ts'
import { answer, type Answer } from './problem.ts'

/** How long a POST waits for its run before it answers 202. */
const WAIT_MS = 25_000

/** Where everyone who asks for the same meets: one run, whose object is the arbiter. */
export interface Meeting {
  readonly run_id: string
  /** What was asked for. Another digest is another request. */
  readonly digest: string
  /** Whether a second caller waits for the first's run (a rollback), or is told that it is still going on (an Idempotency-Key). */
  readonly joins: boolean
}

/** A run that was asked for. */
export interface Asked {
  readonly installation: Installation
  /** Checked only where there is no stored answer: a stored answer outlives a changed configuration. */
  admit(): Admitted
  /** Whether this verdict ends it before its first effect. */
  stops(judged: Judged): boolean
  /** Null = every request is a run of its own. */
  readonly meeting: Meeting | null
  readonly team_id: string
}

/** Judges, then blocks here or executes in the run's own object. Under an Idempotency-Key the object has the BLOCKs too. */
export async function start(host: Host, asked: Asked): Promise<Answer> {
  const { meeting, team_id } = asked
  if (meeting !== null) {
    const known = await host.runs.status(team_id, meeting.run_id, meeting.joins ? WAIT_MS : 0)
    if (known !== null) return again(known, meeting)
  }
  const judged = await judge(asked.installation, asked.admit(), host.ports)
  // A blocked rollback is no rollback: it gets an id of its own, and the next one who asks is judged anew.
  if (asked.stops(judged) && (meeting === null || meeting.joins)) return answer(200, await stopped(judged, host.ports))
  const run_id = meeting?.run_id ?? judged.admitted.run_id
  const state = await host.runs.start({ ...judged, admitted: { ...judged.admitted, run_id } }, meeting?.digest ?? run_id, WAIT_MS)
  return state.first || meeting === null ? print(state, run_id) : again(state, meeting)
}

function again(state: RunState, { digest, joins, run_id }: Meeting): Answer {
  if (state.erased) throw fault('erased', `run \`${run_id}\` was executed, and its receipt was erased since`)
  if (state.request_digest !== digest) throw fault('idempotency_key_reused', 'this Idempotency-Key was used for another request')
  if (state.result === null && state.pending === null && !joins)
    throw fault('idempotency_in_progress', `run \`${run_id}\` with this Idempotency-Key is still going on`, { retryAfterSeconds: 1 })
  return print(state, run_id)
}

function print(state: RunState, runId: string): Answer {
  return state.result === null
    ? answer(202, state.pending ?? running(state, runId), { location: `/runs/${runId}` })
    : answer(200, state.result)
}

/** What is said of a run that goes on. */
export function running({ progress }: RunState, run_id: string) {
  return { run_id, status: 'RUNNING', ...(progress === undefined ? {} : { progress }) } as const
}
