// The locks of a run: one lease over everything it writes to, taken before the first effect and added to as it goes.
import { lockedSentence } from './lease_event.ts'
import type { Ports } from './ports.ts'
import type { PolicyResult, Receipt } from './schema.ts'

/** Longer than any call: a lease is extended by the next call before it can end. */
const LEASE_MS = 120_000

interface Holder {
  readonly team_id: string
  readonly run_id: string
  readonly user_email: string
  readonly actor: { readonly api_key_id: string | null }
}

/** What a run holds; `lockId` null = nothing. */
export interface Held {
  lockId: string | null
  readonly locks: Map<string, number>
}

/**
 * Takes these resources too, all or none, without waiting, and extends the lease. Null = they are held; else the verdict that
 * names who has them and until when.
 */
export async function takeLocks(holder: Holder, held: Held, resources: readonly string[], ports: Ports): Promise<PolicyResult | null> {
  if (ports.locks === null || resources.length === 0) return null
  const wants = [...new Set(resources)].map((resource) => ({ resource, mode: 'exclusive' as const }))
  const event = {
    type: 'acquire',
    lock_id: ports.ids.runId(),
    owner: ownerOf(holder),
    holder: holder.user_email,
    wants,
    ttlMs: LEASE_MS,
    waitMs: 0
  } as const
  const answer = await ports.locks.ask(holder.team_id, event)
  if (answer.kind === 'granted') {
    held.lockId = answer.lock.lock_id
    for (const hold of answer.holds) held.locks.set(hold.resource, hold.fencing_token)
    return null
  }
  const reason =
    answer.kind === 'locked' ? lockedSentence(answer.rival) : answer.kind === 'full' ? answer.detail : 'the locks could not be taken'
  return { policy: 'lock', passed: false, effect: 'deny', reason, remedy: 'ask again when the lock is released', code: 'locked' }
}

/** Gives everything back. A lease that cannot be given back ends by itself. */
export async function giveBack(holder: Holder, held: Held, ports: Ports): Promise<void> {
  if (ports.locks === null || held.lockId === null) return
  await ports.locks.ask(holder.team_id, { type: 'release', lock_id: held.lockId, owner: ownerOf(holder) }).catch(() => null)
}

/** The same for a run that died between its receipt and this: what it held is found by its run, if it is its own still. */
export async function giveBackLate(holder: Holder, receipt: Receipt, ports: Ports): Promise<void> {
  const held: Held = { lockId: null, locks: new Map() }
  const resources = receipt.locks.map(({ resource }) => resource)
  await takeLocks(holder, held, resources, ports).catch(() => null)
  await giveBack(holder, held, ports)
}

/** As a receipt lists them. */
export function receiptLocks(held: Held): Receipt['locks'] {
  return [...held.locks].map(([resource, fencing_token]) => ({ resource, fencing_token }))
}

function ownerOf({ actor, run_id }: Holder) {
  return { api_key_id: actor.api_key_id ?? 'embedded', run_id }
}
