// The receipt of a lock that an admin broke: whose it was, what it held, and who took it away.
import type { Draft } from './issue.ts'
import { resourcesOf } from './lease_request.ts'
import type { Lock } from './lease_state.ts'
import { timeText } from './plain.ts'
import { ENGINE_VERSION } from './version.ts'

/** Who breaks which lock. `run_id` is the receipt's, drawn beforehand: whoever carries this out twice ends in the same receipt. */
export interface LockBreak {
  readonly run_id: string
  readonly lock_id: string
  readonly team_id: string
  readonly api_key_id: string
  /** The person the key belongs to; empty where it belongs to nobody in particular. */
  readonly user_email: string
  readonly reason: string | null
  readonly config_digest: string
}

/** A lock that was broken, and by whom. JSON: it is stored until its receipt is. */
export interface BrokenLock {
  readonly order: LockBreak
  readonly lock: Lock
  readonly atMs: number
}

/** Always the same for the same break. `locks` is empty: they were somebody else's, and stand in the payload. */
export function lockBrokenDraft({ order, lock, atMs }: BrokenLock): Draft {
  const at = timeText(atMs)
  return {
    run_id: order.run_id,
    revision: 0,
    team_id: order.team_id,
    mode: 'mediated',
    run_mode: 'enforce',
    workflow: 'lock_broken',
    user_email: order.user_email,
    user_attributes: {},
    actor: { api_key_id: order.api_key_id, session_id: null },
    payload: {
      lock_id: lock.lock_id,
      holder: lock.holder,
      api_key_id: lock.owner.api_key_id,
      run_id: lock.owner.run_id,
      acquired_at: timeText(lock.acquiredAtMs),
      expires_at: timeText(lock.expiresAtMs),
      fencing_tokens: lock.holds.map((hold) => hold.fencing_token),
      reason: order.reason
    },
    policy_results: [],
    facts: {},
    decision: 'PASS',
    outcome: 'SUCCEEDED',
    actions_taken: [
      {
        action: 'break_lock',
        system: 'enact',
        success: true,
        status: 'DONE',
        output: { already_done: false },
        // What somebody does with the resources from now on cannot be taken back by giving the lock back.
        rollback_data: 'irreversible',
        resources: resourcesOf(lock),
        started_at: at,
        finished_at: at,
        error: null
      }
    ],
    approval: null,
    locks: [],
    links: {},
    config_digest: order.config_digest,
    engine_version: ENGINE_VERSION,
    timestamp: at
  }
}
