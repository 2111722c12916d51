// The ledger's tables, and how its pure machine reads and grows them. Everything is synchronous: one append is one transaction.
import {
  appendLeaf,
  chainAfter,
  hex,
  leafHash,
  preAuthEncoding,
  resumeLedger,
  timeText,
  unhex,
  type Hash,
  type LedgerDigest,
  type LedgerPlace,
  type LedgerRow,
  type LedgerState,
  type NodeReader,
  type Receipt,
  type SeqRange,
  type Signature,
  type SignedCheckpoint
} from '../src/engine/index.ts'
import { LedgerErasures } from './ledger_erasure.ts'
import { pieces } from './long_text.ts'

/** A signed receipt on its way into the ledger: `body` is its RFC 8785 text without `signatures` and `ledger`. */
export interface LedgerEntry {
  readonly run_id: string
  readonly revision: number
  readonly body: string
  readonly signatures: readonly Signature[]
}

/** What became of an entry: its place, or null where another body stands under its ids. */
export type Appended = LedgerPlace | null

const TABLES = `
  CREATE TABLE IF NOT EXISTS entries (
    seq INTEGER PRIMARY KEY, run_id TEXT NOT NULL, revision INTEGER NOT NULL, position INTEGER NOT NULL,
    leaf TEXT NOT NULL, prev TEXT NOT NULL, body TEXT NOT NULL, signatures TEXT NOT NULL, UNIQUE (run_id, revision));
  CREATE INDEX IF NOT EXISTS entries_position ON entries (position);
  CREATE TABLE IF NOT EXISTS parts (seq INTEGER NOT NULL, part INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (seq, part)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS nodes (level INTEGER NOT NULL, place INTEGER NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (level, place)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS checkpoints (tree_size INTEGER PRIMARY KEY, root_hash TEXT NOT NULL, created_at INTEGER NOT NULL, note TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID;`

/** A signed tree head as it is stored. */
type StoredCheckpoint = { tree_size: number; root_hash: string; created_at: number; note: string }

type Row = Record<string, SqlStorageValue>
type Revision = { seq: number; leaf: string; prev: string; revision: number; position: number }

/** Rows of one kind, over an object's storage. */
export class LedgerStore {
  readonly #sql: SqlStorage
  readonly #storage: DurableObjectStorage
  readonly #hash: Hash
  readonly erasures: LedgerErasures
  #state: LedgerState

  constructor(storage: DurableObjectStorage, hash: Hash) {
    this.#storage = storage
    this.#sql = storage.sql
    this.#hash = hash
    this.#sql.exec(TABLES)
    this.erasures = new LedgerErasures(this.#sql, hash, (runId) => this.revision(runId, 0))
    this.#state = resumeLedger(this.#last(), this.node, hash)
  }

  get state(): LedgerState {
    return this.#state
  }

  /**
   * All or none, in order, together with what `beside` writes. An entry that is there already gets its old place; the same ids with
   * another body get null.
   */
  append(entries: readonly LedgerEntry[], beside: () => void = () => {}): Appended[] {
    let state = this.#state
    const places = this.#storage.transactionSync(() => {
      beside()
      return entries.map((entry) => {
        const leaf = this.#leafOf(entry.body)
        const run = this.#sql
          .exec<Revision>('SELECT seq, leaf, prev, revision, position FROM entries WHERE run_id = ?', entry.run_id)
          .toArray()
        const known = run.find(({ revision }) => revision === entry.revision)
        if (known !== undefined) return known.leaf === hex(leaf) ? { seq: known.seq, leaf: known.leaf, prev: known.prev } : null
        const step = appendLeaf(state, leaf, this.#hash)
        this.#insert(entry, step.place, run[0]?.position ?? step.place.seq)
        for (const node of step.nodes) this.#sql.exec('INSERT INTO nodes VALUES (?, ?, ?)', node.level, node.index, hex(node.hash))
        state = step.state
        return step.place
      })
    })
    // INVARIANT: the state in memory moves only after the transaction held; a throw above leaves both where they were.
    this.#state = state
    return places
  }

  /** Hashes of complete subtrees; level 0 is the leaves. */
  readonly node: NodeReader = (level, index) => {
    const row =
      level === 0
        ? this.#one('SELECT leaf AS hash FROM entries WHERE seq = ?', index)
        : this.#one('SELECT hash FROM nodes WHERE level = ? AND place = ?', level, index)
    return unhex(String(row?.hash))!
  }

  /** A revision of a run. */
  revision(runId: string, revision: number): LedgerRow | null {
    const row = this.#one('SELECT * FROM entries WHERE run_id = ? AND revision = ?', runId, revision)
    return row === null ? null : this.#rowOf(row)
  }

  /** The newest revision of a run. */
  latest(runId: string): LedgerRow | null {
    const row = this.#one('SELECT * FROM entries WHERE run_id = ? ORDER BY revision DESC LIMIT 1', runId)
    return row === null ? null : this.#rowOf(row)
  }

  /** Entries with a place in [from, to), in order; at least one where there is one, about `charsMax` in all. */
  entries(from: number, to: number, countMax: number, charsMax: number): LedgerRow[] {
    const rows: LedgerRow[] = []
    let chars = 0
    for (const raw of this.#sql.exec<Row>('SELECT * FROM entries WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?', from, to, countMax)) {
      const row = this.#rowOf(raw)
      if (rows.length > 0 && chars + row.body.length > charsMax) break
      rows.push(row)
      chars += row.body.length
    }
    return rows
  }

  /** Whether an entry's body is the one that was appended, or rightly gone. */
  isWhole({ body, place }: LedgerRow, proven: Map<string, readonly SeqRange[]>): boolean {
    return body === '' ? this.erasures.isProven(place.seq, proven) : hex(this.#leafOf(body)) === place.leaf
  }

  /** The newest revisions of the runs that got an entry in [from, to), and the `seq` up to which that holds; at least one entry, about `charsMax` in all. */
  changed(from: number, to: number, countMax: number, charsMax: number): { rows: LedgerRow[]; upTo: number } {
    const runs = new Map<string, LedgerRow>()
    let chars = 0
    let upTo = from
    for (const { seq, run_id } of this.#sql.exec<{ seq: number; run_id: string }>(
      'SELECT seq, run_id FROM entries WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?',
      from,
      to,
      countMax
    )) {
      const row = runs.get(run_id) ?? this.latest(run_id)!
      // What is erased has nothing to show.
      if (row.body !== '' && !runs.has(run_id)) {
        if (runs.size > 0 && chars + row.body.length > charsMax) break
        runs.set(run_id, row)
        chars += row.body.length
      }
      upTo = seq + 1
    }
    return { rows: [...runs.values()], upTo }
  }

  /** The first revisions with a place in [from, to), and the `seq` up to which that holds; at least one entry, about `charsMax` in all. */
  begun(from: number, to: number, countMax: number, charsMax: number): { receipts: Receipt[]; upTo: number } {
    const receipts: Receipt[] = []
    let chars = 0
    let upTo = from
    for (const row of this.#sql.exec<Row>('SELECT * FROM entries WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?', from, to, countMax)) {
      if (Number(row.revision) === 0) {
        const { body, signatures, place } = this.#rowOf(row)
        if (receipts.length > 0 && chars + body.length > charsMax) break
        if (body !== '') receipts.push({ ...(JSON.parse(body) as Receipt), signatures: [...signatures], ledger: place })
        chars += body.length
      }
      upTo = Number(row.seq) + 1
    }
    return { receipts, upTo }
  }

  /** Runs in the order of their positions from `from` on, each hashed anew from its stored text; and the chain between them checked. */
  digests(from: number, limit: number): LedgerDigest[] {
    const positions = this.#sql
      .exec<{ run_id: string }>('SELECT run_id FROM entries WHERE seq >= ? AND seq = position ORDER BY seq LIMIT ?', from, limit)
      .toArray()
    const proven = new Map<string, readonly SeqRange[]>()
    return positions.map(({ run_id }) => this.digest(run_id, proven)!)
  }

  /** The same for one run. */
  digest(runId: string, proven = new Map<string, readonly SeqRange[]>()): LedgerDigest | null {
    const rows = this.#sql.exec<Row>('SELECT * FROM entries WHERE run_id = ? ORDER BY revision', runId).toArray()
    const newest = rows.at(-1)
    if (newest === undefined) return null
    const { body, erased: _erased, ...digest } = this.#rowOf(newest)
    return { ...digest, erased: body === '', damaged: rows.some((row) => this.#isDamaged(this.#rowOf(row), proven)) }
  }

  /** A number that is kept under a name; 0 where none was. */
  number(name: string): number {
    return Number(this.#one('SELECT value FROM facts WHERE name = ?', name)?.value ?? 0)
  }

  text(name: string): string | null {
    const row = this.#one('SELECT value FROM facts WHERE name = ?', name)
    return row === null ? null : String(row.value)
  }

  keep(name: string, value: number | string): void {
    this.#sql.exec('INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value', name, value)
  }

  keepCheckpoint(size: number, root: string, at: number, note: string): void {
    this.#sql.exec('INSERT OR IGNORE INTO checkpoints VALUES (?, ?, ?, ?)', size, root, at, note)
  }

  checkpoints(below: number, limit: number): StoredCheckpoint[] {
    return this.#sql
      .exec<StoredCheckpoint>('SELECT * FROM checkpoints WHERE tree_size < ? ORDER BY tree_size DESC LIMIT ?', below, limit)
      .toArray()
  }

  /** The size of the smallest checkpoint of at least `size` entries, or (`largest`) of the largest with at most so many; null without one. */
  checkpointAt(size: number, which: 'smallest' | 'largest'): number | null {
    const query =
      which === 'smallest'
        ? 'SELECT min(tree_size) AS size FROM checkpoints WHERE tree_size >= ?'
        : 'SELECT max(tree_size) AS size FROM checkpoints WHERE tree_size <= ?'
    return this.#one(query, size)?.size as number | null
  }

  /** Oldest first. */
  checkpointsAfter(size: number, limit: number): StoredCheckpoint[] {
    return this.#sql
      .exec<StoredCheckpoint>('SELECT * FROM checkpoints WHERE tree_size > ? ORDER BY tree_size LIMIT ?', size, limit)
      .toArray()
  }

  #last(): LedgerPlace | null {
    return this.#one('SELECT seq, leaf, prev FROM entries ORDER BY seq DESC LIMIT 1') as LedgerPlace | null
  }

  #insert(entry: LedgerEntry, place: LedgerPlace, position: number): void {
    const [body, ...more] = pieces(entry.body)
    const { seq, leaf, prev } = place
    this.#sql.exec(
      'INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      seq,
      entry.run_id,
      entry.revision,
      position,
      leaf,
      prev,
      body!,
      JSON.stringify(entry.signatures)
    )
    more.forEach((part, i) => this.#sql.exec('INSERT INTO parts VALUES (?, ?, ?)', seq, i + 1, part))
  }

  #rowOf(row: Row): LedgerRow {
    const seq = Number(row.seq)
    let body = String(row.body)
    for (const part of this.#sql.exec<{ body: string }>('SELECT body FROM parts WHERE seq = ? ORDER BY part', seq)) body += part.body
    return {
      position: Number(row.position),
      run_id: String(row.run_id),
      revision: Number(row.revision),
      body,
      signatures: JSON.parse(String(row.signatures)) as Signature[],
      place: { seq, leaf: String(row.leaf), prev: String(row.prev) },
      ...(body === '' ? { erased: this.erasures.of(seq) } : {})
    }
  }

  #isDamaged(row: LedgerRow, proven: Map<string, readonly SeqRange[]>): boolean {
    const { place } = row
    const before =
      place.seq === 0 ? null : (this.#one('SELECT seq, leaf, prev FROM entries WHERE seq = ?', place.seq - 1) as LedgerPlace | null)
    return !this.isWhole(row, proven) || chainAfter(before, this.#hash) !== place.prev
  }

  /** INVARIANT: over the very text that was signed; it is never put into canonical form again. */
  #leafOf(body: string): Uint8Array {
    return leafHash(preAuthEncoding(this.#hash.utf8(body), this.#hash), this.#hash)
  }

  #one(query: string, ...values: SqlStorageValue[]): Row | null {
    for (const row of this.#sql.exec<Row>(query, ...values)) return row
    return null
  }
}

/** A checkpoint as it is published. */
export function shownCheckpoint(row: StoredCheckpoint): SignedCheckpoint {
  return { ...row, created_at: timeText(row.created_at) }
}
