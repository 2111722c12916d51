// A compliance export under way: what is asked for, what it has so far, and what it needs to know next. JSON, so that it outlives whatever works on it.
import type { SignedCheckpoint } from './edge_ports.ts'
import type { Erasure, SeqRange } from './erasure.ts'
import type { PublicKey } from './ports.ts'
import type { LedgerPlace, Signature } from './schema.ts'

/** What was asked for; times in milliseconds, `to` not included. */
export interface ExportOrder {
  readonly team_id: string
  readonly export_id: string
  readonly from: number
  readonly to: number
  readonly created_at: number
  readonly expires_at: number
}

/** A file of it; `sha256` null until it is whole. */
export interface ExportFile {
  readonly name: string
  readonly size: number
  readonly crc: number
  readonly sha256: string | null
}

/** Entries of the period: `seq` from `first` up to, not including, `end`. */
export interface ExportRange {
  readonly first: number
  readonly end: number
  /** Of the checkpoint that covers them all. */
  readonly tree_size: number
  /** Of the newest checkpoint that covers none of them; 0 where there is none. */
  readonly before: number
}

/** An entry on its way into an export. `body` is empty where there is none, `whole` says whether it is as it was appended, or rightly gone. */
export interface ExportedEntry {
  readonly run_id: string
  readonly revision: number
  readonly place: LedgerPlace
  readonly path: readonly string[]
  readonly body: string
  readonly signatures: readonly Signature[]
  readonly erased: Erasure | null
  readonly whole: boolean
}

/** A checkpoint, and the proof that the one before it in the export is its beginning. */
export type ExportedCheckpoint = SignedCheckpoint & { readonly path: readonly string[] | null }

/** What it needs next, and what comes back. */
export interface ExportTalk {
  range: { ask: { readonly from: number; readonly to: number }; answer: ExportRange }
  entries: { ask: { readonly from: number; readonly to: number; readonly tree_size: number }; answer: readonly ExportedEntry[] }
  /** The newest checkpoint, which covers everything that was there when it was asked for. */
  head: { ask: object; answer: { readonly tree_size: number } }
  erasures: { ask: { readonly run_ids: readonly string[]; readonly tree_size: number }; answer: readonly ExportedEntry[] }
  checkpoints: {
    ask: { readonly after: number; readonly up_to: number; readonly previous: number | null }
    answer: readonly ExportedCheckpoint[]
  }
  keys: { ask: object; answer: readonly PublicKey[] }
  digest: { ask: { readonly file: string }; answer: string }
  signature: { ask: { readonly bytes: Uint8Array }; answer: Signature }
}

export type ExportStage = 'range' | 'entries' | 'head' | 'erasures' | 'checkpoints' | 'words' | 'digests' | 'manifest' | 'done' | 'failed'

/** The whole of it but the files' bytes. */
export interface ExportState {
  readonly order: ExportOrder
  readonly stage: ExportStage
  readonly range: ExportRange | null
  /** The next entry. */
  readonly next: number
  /** The newest checkpoint's size. */
  readonly head: number
  /** `prev` of the first entry, and the place of the last. */
  readonly start: string | null
  readonly last: LedgerPlace | null
  readonly first_time: string | null
  readonly last_time: string | null
  readonly receipts: number
  readonly checkpoints: number
  readonly erased: readonly SeqRange[]
  readonly unreadable: readonly SeqRange[]
  /** Receipts of erasures that must come along, and how many of them have. */
  readonly erased_by: readonly string[]
  readonly fetched: number
  /** The last checkpoint that is in it. */
  readonly checkpoint: number | null
  /** The file of receipts that is being written, and how many it has. */
  readonly part: number
  readonly in_part: number
  readonly files: readonly ExportFile[]
  readonly size_bytes: number | null
  readonly detail: string | null
}

/** Nothing done yet. */
export function openExport(order: ExportOrder): ExportState {
  return {
    order,
    stage: 'range',
    range: null,
    next: 0,
    head: 0,
    start: null,
    last: null,
    first_time: null,
    last_time: null,
    receipts: 0,
    checkpoints: 0,
    erased: [],
    unreadable: [],
    erased_by: [],
    fetched: 0,
    checkpoint: null,
    part: 1,
    in_part: 0,
    files: [],
    size_bytes: null,
    detail: null
  }
}

/** How far it is, as callers see it. */
export interface ExportProgress {
  readonly status: 'RUNNING' | 'DONE' | 'FAILED'
  /** Entries of the ledger. */
  readonly done: number
  readonly total: number
  readonly size_bytes: number | null
  /** Why it failed. */
  readonly detail: string | null
}

/** A view of the state. */
export function exportProgress({ stage, range, next, size_bytes, detail }: ExportState): ExportProgress {
  const status = stage === 'done' ? 'DONE' : stage === 'failed' ? 'FAILED' : 'RUNNING'
  const [done, total] = range === null ? [0, 0] : [next - range.first, range.end - range.first]
  return { status, done, total, size_bytes, detail }
}
