// Sign-ins that are over: they let nobody in any more, and their rows go.
import { messageOf, type Clock, type JsonObject, type Sessions } from '../engine/index.ts'

interface Work {
  readonly sessions: Pick<Sessions, 'sweep'>
  readonly clock: Clock
  log(entry: JsonObject): void
}

/** Never throws. */
export async function sweepSessions({ sessions, clock, log }: Work): Promise<void> {
  await sessions.sweep(clock.now()).catch((error: unknown) => log({ level: 'error', event: 'sessions_not_swept', error: messageOf(error) }))
}
