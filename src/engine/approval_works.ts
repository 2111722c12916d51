// What the machine's effects mean for the host: pieces of work that are stored with the state, and each done once it can be.
import type { ApprovalEffect } from './approval_event.ts'
import type { ApprovalState, Channel } from './approval_state.ts'
import type { PolicyResult } from './schema.ts'

/** One piece. Each may be done twice (a crash between doing and noting it) and must then have one effect. */
export type ApprovalWork =
  | Extract<ApprovalEffect, { kind: 'notify' | 'withdraw' | 'judge' }>
  /** Into the list of the team's approvals. */
  | { readonly kind: 'list' }
  /** To endpoints and callbacks: asked where it is PENDING, otherwise how it ended. */
  | { readonly kind: 'tell'; readonly status: ApprovalState['status'] }
  /** The signed receipt, into the ledger. */
  | { readonly kind: 'receipt' }
  /** The run that waits. */
  | { readonly kind: 'wake' }
  /** Messages that offer buttons say how it ended instead. */
  | { readonly kind: 'close' }

/** A message that can be changed later; `ref` is its provider's name for it. */
export interface SentMessage {
  readonly person_id: string
  readonly channel: Channel
  readonly ref: string
}

/** What a piece of work gives: a message to remember, or the policies' word on an edit. */
export interface WorkDone {
  readonly sent?: SentMessage
  readonly judged?: { readonly request_digest: string; readonly policy_results: readonly PolicyResult[] }
}

/** The work of an approval that was just opened. */
export function openingWorks(effects: readonly ApprovalEffect[]): ApprovalWork[] {
  return [{ kind: 'list' }, { kind: 'tell', status: 'PENDING' }, ...worksOf(effects, null)]
}

/** The work that effects make; `runId` is the run that waits. */
export function worksOf(effects: readonly ApprovalEffect[], runId: string | null): ApprovalWork[] {
  return effects.flatMap((effect): ApprovalWork[] => {
    if (effect.kind !== 'decided') return [effect]
    const wake: ApprovalWork[] = runId === null ? [] : [{ kind: 'wake' }]
    return [{ kind: 'receipt' }, ...wake, { kind: 'list' }, { kind: 'tell', status: effect.decision }, { kind: 'close' }]
  })
}
