// What a ledger knows of its erasures: which entries, by which receipt, who is still to be told; and how old entries are. Synchronous, like the store beside it.
import {
  erasedBy,
  hex,
  isInRanges,
  leafHash,
  preAuthEncoding,
  timeText,
  type Erasure,
  type Hash,
  type LedgerRow,
  type Receipt,
  type SeqRange
} from '../src/engine/index.ts'

const TABLES = `
  CREATE TABLE IF NOT EXISTS erased (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, by TEXT NOT NULL, told INTEGER NOT NULL DEFAULT 0);
  CREATE INDEX IF NOT EXISTS erased_by ON erased (by);
  CREATE INDEX IF NOT EXISTS erased_told ON erased (told) WHERE told = 0;
  CREATE TABLE IF NOT EXISTS postponed (run_id TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS hours (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS hours_at ON hours (at);`

const HOUR_MS = 3_600_000

/** What is to be erased, whole runs. */
export interface ErasurePlan {
  readonly seqs: readonly number[]
  readonly runs: readonly string[]
  /** Where the next round of retention goes on; null = this was no round. */
  readonly next: number | null
}

/** An erased run that the rest of the installation has not forgotten yet. */
export interface Forgotten {
  readonly run_id: string
  readonly position: number
}

/** Erasures over an object's storage. `row` gives a run's first revision, body and all. */
export class LedgerErasures {
  readonly #sql: SqlStorage
  readonly #hash: Hash
  readonly #row: (runId: string) => LedgerRow | null

  constructor(sql: SqlStorage, hash: Hash, row: (runId: string) => LedgerRow | null) {
    this.#sql = sql
    this.#hash = hash
    this.#row = row
    this.#sql.exec(TABLES)
  }

  /** Notes about every hour how far the ledger was: what has a smaller `seq` was appended before `now`. */
  stamp(size: number, now: number): void {
    const last = this.#sql.exec<{ seq: number; at: number }>('SELECT seq, at FROM hours ORDER BY seq DESC LIMIT 1').toArray()[0]
    if (last !== undefined && (last.seq === size || now - last.at < HOUR_MS)) return
    this.#sql.exec('INSERT INTO hours VALUES (?, ?)', size, now)
  }

  /** Everything with a smaller `seq` was certainly appended before `time`; 0 where nothing is known to be. */
  seqBefore(time: number): number {
    return this.#sql.exec<{ seq: number | null }>('SELECT max(seq) AS seq FROM hours WHERE at <= ?', time).one().seq ?? 0
  }

  /** Everything from this `seq` on was certainly appended at `time` or later; null where nothing is known to be. */
  seqFrom(time: number): number | null {
    return this.#sql.exec<{ seq: number | null }>('SELECT min(seq) AS seq FROM hours WHERE at >= ?', time).one().seq
  }

  /** When and by what an entry was erased; null where no erasure says so. */
  of(seq: number): Erasure | null {
    const row = this.#sql.exec<{ at: number; by: string }>('SELECT at, by FROM erased WHERE seq = ?', seq).toArray()[0]
    return row === undefined ? null : { erased_at: timeText(row.at), erased_by: row.by }
  }

  /** Whether the run is the receipt of an erasure: it stays, or nothing would prove what it erased. */
  isErasure(runId: string): boolean {
    return this.#sql.exec('SELECT 1 FROM erased WHERE by = ? LIMIT 1', runId).toArray().length > 0
  }

  /**
   * Whether an entry without a body lost it rightly. INVARIANT: a note in this storage proves nothing, whoever blanks a body can write one:
   * a receipt must say so that stands whole under its own leaf, which the chain and the signed checkpoints hold.
   */
  isProven(seq: number, known: Map<string, readonly SeqRange[]>): boolean {
    const by = this.of(seq)?.erased_by
    if (by === undefined) return false
    const ranges = known.get(by) ?? this.#rangesOf(by)
    known.set(by, ranges)
    return isInRanges(ranges, seq)
  }

  /** Every entry of a run that still has its body. */
  planOf(runId: string): ErasurePlan {
    const rows = this.#sql
      .exec<{ seq: number }>(
        'SELECT seq FROM entries e WHERE run_id = ? AND NOT EXISTS (SELECT 1 FROM erased WHERE erased.seq = e.seq) ORDER BY seq',
        runId
      )
      .toArray()
    return { seqs: rows.map(({ seq }) => seq), runs: rows.length === 0 ? [] : [runId], next: null }
  }

  /** The next runs whose newest revision is below `limit`; those that had to wait first. */
  planRound(from: number, limit: number, entriesMax: number): ErasurePlan {
    const waiting = this.#sql.exec<{ run_id: string }>('SELECT run_id FROM postponed LIMIT ?', entriesMax).toArray()
    const rows = this.#sql
      .exec<{ seq: number; run_id: string }>(
        `SELECT seq, run_id FROM entries e WHERE seq >= ? AND seq < ?
          AND NOT EXISTS (SELECT 1 FROM entries newer WHERE newer.run_id = e.run_id AND newer.revision > e.revision)
        ORDER BY seq LIMIT ?`,
        from,
        limit,
        entriesMax
      )
      .toArray()
    const runs = new Set([...waiting, ...rows].map(({ run_id }) => run_id).filter((runId) => !this.isErasure(runId)))
    const plans = [...runs].map((runId) => this.planOf(runId)).filter(({ seqs }) => seqs.length > 0)
    const next = rows.length < entriesMax ? limit : rows.at(-1)!.seq + 1
    return { seqs: plans.flatMap(({ seqs }) => seqs), runs: plans.flatMap(({ runs: [run] }) => run!), next }
  }

  /** These are looked at again in the next round, and nothing else that waited. */
  postpone(runIds: readonly string[]): void {
    this.#sql.exec('DELETE FROM postponed')
    this.#sql.exec('INSERT OR IGNORE INTO postponed SELECT value FROM json_each(?)', JSON.stringify(runIds))
  }

  /** Takes the bodies away. To be called in the transaction that appends the receipt of it. */
  erase(seqs: readonly number[], at: number, by: string): void {
    const json = JSON.stringify(seqs)
    this.#sql.exec(`UPDATE entries SET body = '', signatures = '[]' WHERE seq IN (SELECT value FROM json_each(?))`, json)
    this.#sql.exec('DELETE FROM parts WHERE seq IN (SELECT value FROM json_each(?))', json)
    this.#sql.exec('INSERT INTO erased (seq, at, by) SELECT value, ?, ? FROM json_each(?)', at, by, json)
  }

  /** Runs of which others still have copies. */
  untold(limit: number): Forgotten[] {
    return this.#sql
      .exec<{ run_id: string; position: number }>(
        'SELECT DISTINCT run_id, position FROM entries WHERE seq IN (SELECT seq FROM erased WHERE told = 0 ORDER BY seq LIMIT ?)',
        limit
      )
      .toArray()
  }

  told(runs: readonly Forgotten[]): void {
    this.#sql.exec(
      'UPDATE erased SET told = 1 WHERE told = 0 AND seq IN (SELECT seq FROM entries WHERE run_id IN (SELECT value FROM json_each(?)))',
      JSON.stringify(runs.map(({ run_id }) => run_id))
    )
  }

  #rangesOf(runId: string): readonly SeqRange[] {
    const row = this.#row(runId)
    if (row === null || row.body === '') return []
    const leaf = hex(leafHash(preAuthEncoding(this.#hash.utf8(row.body), this.#hash), this.#hash))
    return (leaf === row.place.leaf ? erasedBy(JSON.parse(row.body) as Receipt) : null) ?? []
  }
}
