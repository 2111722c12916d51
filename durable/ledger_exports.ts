// What a ledger gives to an export, in pieces: which entries a period has, the entries with their proofs, the checkpoints with theirs. Changes nothing.
import {
  consistencyProof,
  hex,
  inclusionProof,
  timeText,
  type ExportedCheckpoint,
  type ExportedEntry,
  type Hash,
  type LedgerRow,
  type Receipt,
  type SeqRange
} from '../src/engine/index.ts'
import type { LedgerStore } from './ledger_store.ts'

const ENTRIES_MAX = 250
const CHARS_MAX = 1_500_000
const CHECKPOINTS_MAX = 200
/** Entries looked at together where the edge of a period is sought. */
const STEP = 200

/** Over a store. */
export class LedgerExports {
  readonly #store: LedgerStore
  readonly #hash: Hash

  constructor(store: LedgerStore, hash: Hash) {
    this.#store = store
    this.#hash = hash
  }

  /**
   * The entries that were appended from `from` until before `to`, in one piece: about, by the hours that the ledger notes, and then without those at
   * either edge whose own time is outside. Erased ones at an edge have no time any more: they are taken in, unless one that is outside lies further in.
   */
  range(from: number, to: number): { first: number; end: number } {
    const { erasures, state } = this.#store
    const [low, high] = [erasures.seqBefore(from), Math.min(erasures.seqFrom(to) ?? state.size, state.size)]
    let first = low
    for (let at = low, goesOn = true; goesOn && at < high; at += STEP) {
      for (const { seq, time } of this.#times(at, Math.min(at + STEP, high))) {
        if (time !== null && time < from) first = seq + 1
        goesOn &&= time === null || time < from
        if (!goesOn) break
      }
    }
    let end = Math.max(high, first)
    for (let at = high, goesOn = true; goesOn && at > first; at -= STEP) {
      for (const { seq, time } of this.#times(Math.max(at - STEP, first), at).reverse()) {
        if (time !== null && time >= to) end = seq
        goesOn &&= time === null || time >= to
        if (!goesOn) break
      }
    }
    return { first, end }
  }

  entries(from: number, to: number, treeSize: number): ExportedEntry[] {
    const proven = new Map<string, readonly SeqRange[]>()
    return this.#store.entries(from, to, ENTRIES_MAX, CHARS_MAX).map((row) => this.#exported(row, treeSize, proven))
  }

  erasures(runIds: readonly string[], treeSize: number): ExportedEntry[] {
    const proven = new Map<string, readonly SeqRange[]>()
    const rows = runIds.map((runId) => this.#store.revision(runId, 0)).filter((row) => row !== null)
    return rows.toSorted((a, b) => a.place.seq - b.place.seq).map((row) => this.#exported(row, treeSize, proven))
  }

  checkpoints(after: number, upTo: number, previous: number | null): ExportedCheckpoint[] {
    let before = previous
    return this.#store
      .checkpointsAfter(after, CHECKPOINTS_MAX)
      .filter(({ tree_size }) => tree_size <= upTo)
      .map((row) => {
        const path = before === null ? null : consistencyProof(before, row.tree_size, this.#store.node, this.#hash).map(hex)
        before = row.tree_size
        return { ...row, created_at: timeText(row.created_at), path }
      })
  }

  #exported(row: LedgerRow, treeSize: number, proven: Map<string, readonly SeqRange[]>): ExportedEntry {
    const { run_id, revision, place, body, signatures, erased = null } = row
    const path = inclusionProof(place.seq, treeSize, this.#store.node, this.#hash).map(hex)
    return { run_id, revision, place, path, body, signatures, erased, whole: this.#store.isWhole(row, proven) }
  }

  #times(from: number, to: number): { seq: number; time: number | null }[] {
    return this.#store
      .entries(from, to, STEP, Number.POSITIVE_INFINITY)
      .map(({ body, place }) => ({ seq: place.seq, time: body === '' ? null : Date.parse((JSON.parse(body) as Receipt).timestamp) }))
  }
}
