// Ids of locks: a UUID of which the last eight digits say that this team got it here, so that a lock that was lost can be told from one that never was.
import type { Ports } from '../engine/index.ts'
import type { Actor } from './host.ts'
import { idempotentRunId } from './run_id.ts'

/** A fresh id; under an Idempotency-Key the one that this key of this caller means. */
export async function newLockId(actor: Actor, idempotencyKey: string | null, ports: Ports): Promise<string> {
  const id = idempotencyKey === null ? ports.ids.runId() : await idempotentRunId(actor, `lock ${idempotencyKey}`, ports)
  return `${id.slice(0, -8)}${await markOf(actor.team_id, id.slice(0, -8), ports)}`
}

/** Whether this team got this id here; nothing hangs on it but whether a lock that is not there was lost (410) or never was (404). */
export async function isOwnLockId(teamId: string, id: string, ports: Ports): Promise<boolean> {
  return id.slice(-8) === (await markOf(teamId, id.slice(0, -8), ports))
}

async function markOf(teamId: string, text: string, ports: Ports): Promise<string> {
  const committed = await (await ports.keys.team(teamId)).commit(ports.hash.utf8(`enact/lock-id\n${text}`))
  return committed.slice(-8)
}
