// Receipts to search: what an index of them answers beside lists.
import type { ReceiptFilter, ReceiptPage, ReceiptRow } from './receipt_query.ts'
import type { Decision, Outcome, Receipt } from './schema.ts'

/** Receipts of one stretch of time, by decision; `at` is its beginning, in milliseconds. */
export interface HistogramBucket {
  readonly at: number
  readonly pass: number
  readonly block: number
  readonly partial: number
}

/** What another receipt is to the one asked about. `linked` = one names the other, in a way that is not told here. */
export const RELATIONS = [
  'rollback_of',
  'rolled_back_by',
  'retried_as',
  'retry_of',
  'approval',
  'approval_of',
  'linked',
  'same_session'
] as const

/** A receipt that has to do with another. */
export interface RelatedReceipt {
  readonly relation: (typeof RELATIONS)[number]
  readonly run_id: string
  readonly workflow: string
  readonly decision: Decision
  readonly outcome: Outcome
  readonly timestamp: string
}

/** What a key did. `last_at` is its newest run's time, in milliseconds. */
export interface KeyCounts {
  readonly receipts: number
  readonly blocked: number
  readonly last_at: number | null
}

/** Receipts to search: a projection of the ledger. What was erased stands in no answer, and ends no page early. */
export interface ReceiptIndex {
  /** Newest first, only rows before the position `cursor`. */
  list(teamId: string, filter: ReceiptFilter, cursor: number | null, limit: number): Promise<ReceiptRow[]>
  page(teamId: string, filter: ReceiptFilter, cursor: number | null, limit: number): Promise<ReceiptPage>
  /** `buckets` stretches of `bucketMs` from `from` on; what the filter says of times holds too. */
  histogram(teamId: string, filter: ReceiptFilter, from: number, bucketMs: number, buckets: number): Promise<HistogramBucket[]>
  /** Those that the receipt names, that name it, and the newest of its session, each once. */
  related(teamId: string, receipt: Receipt): Promise<RelatedReceipt[]>
  /** What these keys did since then. */
  countsOfKeys(teamId: string, keyIds: readonly string[], since: number): Promise<Map<string, KeyCounts>>
}
