// What can happen to a team's locks, within which bounds, and what is answered.
import type { Hold, LeaseState, Lock, LockOwner, Want } from './lease_state.ts'
import { visible } from './visible.ts'

export const LOCK_TTL_MS_MIN = 1_000
export const LOCK_TTL_MS_MAX = 600_000
export const LOCK_WAIT_MS_MAX = 55_000
/** Resources in one request, in one run's lock, in a team; requests that wait. */
export const LOCK_RESOURCES_MAX = 64
export const LOCK_HOLDS_MAX = 1_024
export const TEAM_HOLDS_MAX = 50_000
export const LOCK_QUEUE_MAX = 256

/** What can happen to a team's locks. `acquire.lock_id` is a fresh id: the request's, and the lock's unless its run has one already. */
export type LeaseEvent =
  | {
      readonly type: 'acquire'
      readonly lock_id: string
      readonly owner: LockOwner
      readonly holder: string
      readonly wants: readonly Want[]
      readonly ttlMs: number
      readonly waitMs: number
    }
  | { readonly type: 'renew'; readonly lock_id: string; readonly owner: LockOwner; readonly ttlMs: number }
  | { readonly type: 'release'; readonly lock_id: string; readonly owner: LockOwner }
  /** An admin's: whoever sends it has checked that. */
  | { readonly type: 'break'; readonly lock_id: string }
  /** The alarm: nothing but time passing. */
  | { readonly type: 'tick' }

/** Who stands in the way. `isPromised`: not held, but somebody who was here first waits for it. */
export interface LockRival {
  readonly resource: string
  readonly holder: string
  readonly run_id: string | null
  readonly expires_at: string
  readonly isPromised: boolean
}

/** `granted.holds` are the resources asked for, in the order asked, each with its token; `lock.holds` may be more. */
export type LeaseAnswer =
  | { readonly kind: 'granted'; readonly lock: Lock; readonly holds: readonly Hold[] }
  | { readonly kind: 'waiting'; readonly untilMs: number }
  | { readonly kind: 'locked'; readonly rival: LockRival; readonly reason: 'held' | 'queue_full' | 'waited' }
  | { readonly kind: 'full'; readonly detail: string }
  | { readonly kind: 'renewed'; readonly lock: Lock }
  | { readonly kind: 'released' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'broken'; readonly lock: Lock }
  | { readonly kind: 'lost' }
  | { readonly kind: 'not_owner' }
  | { readonly kind: 'passed' }

/** `woken` answers requests that had been told `waiting`, by their `lock_id`. `written` and `removed` are what storage must follow, with `state.fence`. */
export interface LeaseStep {
  readonly state: LeaseState
  readonly answer: LeaseAnswer
  readonly woken: readonly { readonly lock_id: string; readonly answer: LeaseAnswer }[]
  readonly written: readonly Lock[]
  readonly removed: readonly string[]
}

/** What the loser is told: ``resource `github/acme/app/branch/main` locked by agent-A run 0198… until 2026-03-01T04:30:00.000Z``. */
export function lockedSentence(rival: LockRival): string {
  const who = `${visible(rival.holder)}${rival.run_id === null ? '' : ` run ${rival.run_id}`}`
  return `resource \`${rival.resource}\` ${rival.isPromised ? 'promised to' : 'locked by'} ${who} until ${rival.expires_at}`
}
