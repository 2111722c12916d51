// Erasure: bodies of receipts go, their leaves and places stay, and a receipt that is never erased says which and why. Pure: what was erased is told by that receipt alone.
import * as z from 'zod'
import type { Draft } from './issue.ts'
import { timeText } from './plain.ts'
import type { JsonObject, Receipt } from './schema.ts'
import { ENGINE_VERSION } from './version.ts'

/** Entries by `seq`, first and last included. */
export type SeqRange = readonly [number, number]

/** Who has what erased, and why. `run_id` is that of the erasure's own receipt. */
export interface ErasureOrder {
  readonly run_id: string
  readonly team_id: string
  /** Null = nobody asked: the setting does it. */
  readonly api_key_id: string | null
  /** The key's user; empty where the key is nobody's own. */
  readonly user_email: string
  readonly config_digest: string
  readonly at: number
  readonly why:
    | { readonly kind: 'retention'; readonly retention_days: number }
    | { readonly kind: 'request'; readonly run_id: string; readonly reason: string }
}

/** When an entry was erased, and the run id of the receipt that says so. */
export interface Erasure {
  readonly erased_at: string
  readonly erased_by: string
}

/**
 * What became of an order. `none`: there is no such run, or nothing is old enough; `kept`: it is the receipt of an erasure itself;
 * `busy`: something that is not over yet needs it. `more` = there may be others that are old enough.
 */
export type ErasureAnswer =
  | (Erasure & { readonly kind: 'erased' | 'already'; readonly entries: number; readonly more: boolean })
  | { readonly kind: 'none'; readonly more: boolean }
  | { readonly kind: 'kept'; readonly more: boolean }
  | { readonly kind: 'busy'; readonly more: boolean }

/** What the receipts of erasures are called: `retention_applied:<from>-<to>`, `receipt_erased:<run_id>`. */
const WORKFLOW = /^(retention_applied|receipt_erased):/

const Erased = z.object({
  erased: z.array(z.tuple([z.int().nonnegative(), z.int().nonnegative()]).refine(([first, last]) => first <= last)).min(1)
})

/** The entries as ranges, in order; each once. */
export function rangesOf(seqs: readonly number[]): SeqRange[] {
  const ranges: [number, number][] = []
  for (const seq of [...new Set(seqs)].sort((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last !== undefined && last[1] === seq - 1) last[1] = seq
    else ranges.push([seq, seq])
  }
  return ranges
}

/** The receipt of an erasure. INVARIANT: of what is erased it holds places and the run id that was asked for, and nothing that stood there. */
export function erasureDraft(order: ErasureOrder, seqs: readonly number[], runs: number): Draft {
  const { run_id, team_id, api_key_id, user_email, config_digest, at, why } = order
  const erased = rangesOf(seqs)
  const [from, to] = [erased[0]![0], erased.at(-1)![1]]
  const payload: JsonObject = {
    ...(why.kind === 'retention' ? { retention_days: why.retention_days } : { run_id: why.run_id, reason: why.reason }),
    entries: seqs.length,
    runs,
    erased: erased.map(([first, last]) => [first, last])
  }
  return {
    run_id,
    revision: 0,
    team_id,
    mode: 'mediated',
    run_mode: 'enforce',
    workflow: why.kind === 'retention' ? `retention_applied:${from}-${to}` : `receipt_erased:${why.run_id}`,
    user_email,
    user_attributes: {},
    actor: { api_key_id, session_id: null },
    payload,
    policy_results: [],
    facts: {},
    decision: 'PASS',
    outcome: 'SUCCEEDED',
    actions_taken: [],
    approval: null,
    locks: [],
    links: {},
    config_digest,
    engine_version: ENGINE_VERSION,
    timestamp: timeText(at)
  }
}

/**
 * What a receipt says was erased; null where it is not the receipt of an erasure. The receipt must have been verified, or stand under its leaf.
 * INVARIANT: no request can get one like it: what is not listed is a BLOCK, what is imported says so, a dry run is no run.
 */
export function erasedBy({ workflow, mode, run_mode, decision, outcome, revision, payload }: Receipt): readonly SeqRange[] | null {
  const isErasure =
    WORKFLOW.test(workflow) && mode === 'mediated' && run_mode === 'enforce' && decision === 'PASS' && outcome === 'SUCCEEDED'
  const parsed = isErasure && revision === 0 ? Erased.safeParse(payload) : null
  return parsed?.success ? parsed.data.erased : null
}

/** Whether one of the ranges holds the entry. */
export function isInRanges(ranges: readonly SeqRange[], seq: number): boolean {
  return ranges.some(([first, last]) => first <= seq && seq <= last)
}
