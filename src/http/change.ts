// What an admin changes, from the door to its receipt: written with its outbox row, then recorded; a job records what could not be recorded here.
import { fault, messageOf, recordChange, type Change, type Json } from '../engine/index.ts'
import type { Actor, Host } from './host.ts'

/** Two admins at once: the second one's change is made again on top of the first one's, so many times. */
const ATTEMPTS_MAX = 20

/** What one attempt to write came to; `again` = the thing moved on in between. `change` null = there was nothing to change. */
export type Written<T> = { readonly again: true } | { readonly again: false; readonly value: T; readonly change: Change | null }

/** Reads and writes until nothing came in between. The change is in the ledger, or sure to get there, when this resolves. */
export async function applyChange<T>(host: Host, attempt: () => Promise<Written<T>>): Promise<{ value: T; run_id: string | null }> {
  for (let i = 0; i < ATTEMPTS_MAX; i++) {
    const done = await attempt()
    if (done.again) continue
    const { value, change } = done
    if (change !== null) {
      const { team_id, run_id } = change
      await recordChange(change, host.changes, host.ports).catch((error: unknown) =>
        host.log({ level: 'error', event: 'change_not_recorded_yet', team_id, run_id, error: messageOf(error) })
      )
    }
    return { value, run_id: change?.run_id ?? null }
  }
  throw fault('unavailable', 'too many change this at once', { retryAfterSeconds: 1 })
}

/** The change as it will be taken down. */
export function changeOf(host: Host, actor: Actor, workflow: string, name: string, before: Json, after: Json): Change {
  const { ids, clock } = host.ports
  const { team_id, api_key_id, user_email } = actor
  const what = { workflow, name, before, after, api_key_id, user_email: user_email ?? '', config_digest: configDigest(host, team_id) }
  return { ...what, run_id: ids.runId(), team_id, at: clock.now() }
}

/** A broken configuration must not keep anybody from throwing the kill switch. */
export function configDigest(host: Host, teamId: string): string {
  try {
    return host.installation(teamId).digest
  } catch {
    return 'unreadable'
  }
}
