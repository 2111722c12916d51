// A team's ledger: the one writer of its receipts. Storage, alarms and the pump to the index; the machine itself is the engine's.
import { DurableObject } from 'cloudflare:workers'
import {
  hex,
  inclusionProof,
  ledgerRoot,
  messageOf,
  originOf,
  signCheckpoint,
  timeText,
  type Clock,
  type Draft,
  type ErasureAnswer,
  type ErasureDoor,
  type ErasureOrder,
  type ExportedCheckpoint,
  type ExportedEntry,
  type ExportRange,
  type Hash,
  type InclusionProof,
  type JsonObject,
  type Keys,
  type LedgerDigest,
  type LedgerRow,
  type Receipt,
  type SignedCheckpoint
} from '../src/engine/index.ts'
import { LedgerEraser } from './ledger_eraser.ts'
import { LedgerExports } from './ledger_exports.ts'
import { LedgerStore, shownCheckpoint, type Appended, type LedgerEntry } from './ledger_store.ts'
import { LedgerTellers } from './ledger_tellers.ts'

export type { Appended, LedgerEntry }

/** What a ledger needs from its installation. */
export interface LedgerPorts {
  readonly clock: Clock
  readonly hash: Hash
  readonly keys: Keys
  /** Writes rows to the index; each is the newest revision of its run. Idempotent. */
  project(teamId: string, rows: readonly LedgerRow[]): Promise<void>
  /** Makes events of what was appended. Durable when it resolves, idempotent: told twice, they are the same events. */
  publish(teamId: string, receipts: readonly Receipt[], checkpoints: readonly SignedCheckpoint[]): Promise<void>
  /** Looks for what somebody should be alerted to: first revisions, in the order of the ledger. Durable when it resolves, idempotent. */
  watch(teamId: string, receipts: readonly Receipt[]): Promise<void>
  /** Redacts and signs; appends nothing. */
  issue(draft: Draft): Promise<Receipt>
  readonly copies: ErasureDoor
  log(entry: JsonObject): void
}

/** After an append, receipts wait this long for company on the way to the index. */
const PROJECT_AFTER_MS = 1_000
const PROJECT_ROWS_MAX = 200
const PROJECT_CHARS_MAX = 400_000
/** A checkpoint is signed after so many entries, or so long after the first that none covers. */
const CHECKPOINT_ENTRIES = 256
const CHECKPOINT_AFTER_MS = 60_000
const RETRY_AFTER_MS = 30_000

/** Makes the Durable Object class; `make` is called once in every instance. */
export function ledgerObject<Env>(make: (env: Env) => LedgerPorts) {
  return class LedgerObject extends DurableObject<Env> {
    readonly #ports: LedgerPorts
    readonly #store: LedgerStore
    readonly #eraser: LedgerEraser
    readonly #exports: LedgerExports
    readonly #tellers: LedgerTellers
    #alarmAt: number | null = null
    #projecting: Promise<void> | null = null
    /** Writes to the index that are under way beside the pump's. */
    readonly #writing = new Set<Promise<void>>()

    constructor(state: DurableObjectState, env: Env) {
      super(state, env)
      this.#ports = make(env)
      this.#store = new LedgerStore(state.storage, this.#ports.hash)
      this.#exports = new LedgerExports(this.#store, this.#ports.hash)
      this.#tellers = new LedgerTellers(this.#store, this.#ports)
      this.#eraser = new LedgerEraser(this.#store, this.#ports, () =>
        Promise.allSettled([this.#projecting, this.#tellers.watching, ...this.#writing])
      )
    }

    /** Appends in one transaction; durable when it answers. Null = another body stands under these ids. */
    async appendMany(teamId: string, entries: readonly LedgerEntry[]): Promise<Appended[]> {
      if (this.#store.text('team') === null) this.#store.keep('team', teamId)
      const size = this.#store.state.size
      const places = this.#store.append(entries, () => this.#store.erasures.stamp(size, this.#ports.clock.now()))
      if (this.#store.state.size > size) await this.#wake(PROJECT_AFTER_MS)
      return places
    }

    /** One revision of a run. */
    async revision(runId: string, revision: number): Promise<LedgerRow | null> {
      return this.#store.revision(runId, revision)
    }

    /** The newest revision of a run. */
    async latest(runId: string): Promise<LedgerRow | null> {
      return this.#store.latest(runId)
    }

    /** That the run's newest revision is in the ledger, against a signed checkpoint that covers it. */
    async proof(runId: string): Promise<InclusionProof | null> {
      const row = this.#store.latest(runId)
      if (row === null) return null
      const { seq, leaf } = row.place
      const newest = this.#store.checkpoints(Number.MAX_SAFE_INTEGER, 1)[0]
      const checkpoint = newest !== undefined && newest.tree_size > seq ? newest : await this.#checkpoint()
      const path = inclusionProof(seq, checkpoint.tree_size, this.#store.node, this.#ports.hash).map(hex)
      return { seq, tree_size: checkpoint.tree_size, leaf, path, checkpoint: checkpoint.note }
    }

    /** Newest first; a ledger that has entries has at least one. */
    async checkpoints(below: number, limit: number): Promise<SignedCheckpoint[]> {
      if (this.#store.state.size > 0 && this.#store.checkpoints(Number.MAX_SAFE_INTEGER, 1).length === 0) await this.#checkpoint()
      return this.#store.checkpoints(below, limit).map(shownCheckpoint)
    }

    /** Resolves when everything that was appended before the call is in the index, with how much that was. */
    async project(): Promise<number> {
      const size = this.#store.state.size
      while (this.#store.number('projected') < size) {
        this.#projecting ??= this.#pump().finally(() => (this.#projecting = null))
        await this.#projecting
      }
      return size
    }

    /** Runs from a position on, for the reconciler. */
    async digests(from: number, limit: number): Promise<LedgerDigest[]> {
      return this.#store.digests(from, limit)
    }

    /** One run, for the reconciler. */
    async digest(runId: string): Promise<LedgerDigest | null> {
      return this.#store.digest(runId)
    }

    /** Writes these runs to the index once more. */
    async reproject(runIds: readonly string[]): Promise<void> {
      for (const runId of runIds) {
        const row = this.#store.latest(runId)
        if (row === null || row.body === '') continue
        const writing = this.#ports.project(this.#team(), [row])
        this.#writing.add(writing)
        await writing.finally(() => this.#writing.delete(writing))
      }
    }

    /** Bodies go and the receipt of that comes in one transaction; what has copies is told then, by the alarm where it cannot be told now. */
    async erase(order: ErasureOrder): Promise<ErasureAnswer> {
      if (this.#store.text('team') === null) return { kind: 'none', more: false }
      const answer = await this.#eraser.erase(order)
      if (answer.kind !== 'erased') return answer
      await this.#wake(PROJECT_AFTER_MS)
      await this.#eraser.forget(this.#team()).catch((error: unknown) => this.#fail('erased_not_forgotten_yet', error))
      return answer
    }

    /** Which entries a period has; there is a checkpoint that covers them when this resolves. */
    async exportRange(from: number, to: number): Promise<ExportRange> {
      const { first, end } = this.#exports.range(from, to)
      const covering = this.#store.checkpointAt(Math.max(end, 1), 'smallest')
      const tree_size = covering ?? (await this.exportHead()).tree_size
      return { first, end, tree_size, before: this.#store.checkpointAt(first, 'largest') ?? 0 }
    }

    /** A checkpoint that covers everything there is now. */
    async exportHead(): Promise<{ tree_size: number }> {
      const { size } = this.#store.state
      return { tree_size: this.#store.checkpointAt(size, 'smallest') ?? (size === 0 ? 0 : (await this.#checkpoint()).tree_size) }
    }

    /** The next entries of [from, to), with their proofs in the tree of `treeSize`. */
    async exportEntries(from: number, to: number, treeSize: number): Promise<ExportedEntry[]> {
      return this.#exports.entries(from, to, treeSize)
    }

    /** The receipts of these erasures. */
    async exportErasures(runIds: readonly string[], treeSize: number): Promise<ExportedEntry[]> {
      return this.#exports.erasures(runIds, treeSize)
    }

    /** Checkpoints of more than `after` entries, up to `upTo`. */
    async exportCheckpoints(after: number, upTo: number, previous: number | null): Promise<ExportedCheckpoint[]> {
      return this.#exports.checkpoints(after, upTo, previous)
    }

    /** INVARIANT: never throws and re-arms before it works, or the platform would forget the alarm after six failures. */
    override async alarm(): Promise<void> {
      this.#alarmAt = null
      await this.#wake(RETRY_AFTER_MS)
      try {
        await this.project()
        const wait = await this.#checkpointWhenDue()
        const failed = await this.#tellers.tell(this.#team())
        await this.#eraser.forget(this.#team())
        for (const error of failed) this.#fail('ledger_not_told_yet', error)
        // The alarm of above comes again where somebody could not be told.
        if (failed.length > 0) return
        this.#alarmAt = null
        await this.ctx.storage.deleteAlarm()
        const done = Math.min(this.#store.number('projected'), this.#tellers.done)
        if (done < this.#store.state.size || this.#store.erasures.untold(1).length > 0) await this.#wake(PROJECT_AFTER_MS)
        else if (wait !== null) await this.#wake(wait)
      } catch (error) {
        this.#fail('ledger_alarm_failed', error)
      }
    }

    #fail(event: string, error: unknown): void {
      this.#ports.log({ level: 'error', event, team_id: this.#store.text('team'), error: messageOf(error) })
    }

    async #pump(): Promise<void> {
      const from = this.#store.number('projected')
      const { rows, upTo } = this.#store.changed(from, this.#store.state.size, PROJECT_ROWS_MAX, PROJECT_CHARS_MAX)
      await this.#ports.project(this.#team(), rows)
      this.#store.keep('projected', upTo)
    }

    /** Signs one where it is due; else says how long until then, null where nothing waits for one. */
    async #checkpointWhenDue(): Promise<number | null> {
      const newest = this.#store.checkpoints(Number.MAX_SAFE_INTEGER, 1)[0]
      const waiting = this.#store.state.size - (newest?.tree_size ?? 0)
      if (waiting === 0) return null
      const since = this.#store.number('uncovered_since') || this.#ports.clock.now()
      const wait = since + CHECKPOINT_AFTER_MS - this.#ports.clock.now()
      if (waiting < CHECKPOINT_ENTRIES && wait > 0) {
        this.#store.keep('uncovered_since', since)
        return wait
      }
      await this.#checkpoint()
      return this.#store.state.size > this.#store.checkpoints(Number.MAX_SAFE_INTEGER, 1)[0]!.tree_size ? CHECKPOINT_AFTER_MS : null
    }

    async #checkpoint(): Promise<{ tree_size: number; note: string }> {
      const { clock, hash, keys } = this.#ports
      const { state } = this.#store
      const root = ledgerRoot(state, hash)
      const at = clock.now()
      const team = this.#team()
      const checkpoint = { origin: originOf(team), size: state.size, root, timestamp: timeText(at) }
      const note = await signCheckpoint(checkpoint, await keys.team(team), hash)
      this.#store.keepCheckpoint(state.size, hex(root), at, note)
      this.#store.keep('uncovered_since', 0)
      // Two may have signed the same tree at once: the first stored is the one that is published.
      return this.#store.checkpoints(state.size + 1, 1)[0]!
    }

    #team(): string {
      return this.#store.text('team') ?? ''
    }

    /** Sees to an alarm in `ms` at the latest. */
    async #wake(ms: number): Promise<void> {
      const at = this.#ports.clock.now() + ms
      this.#alarmAt ??= await this.ctx.storage.getAlarm()
      if (this.#alarmAt !== null && this.#alarmAt <= at) return
      this.#alarmAt = at
      await this.ctx.storage.setAlarm(at)
    }
  }
}

/** What others may call. */
export type LedgerCalls = Pick<
  InstanceType<ReturnType<typeof ledgerObject>>,
  | 'appendMany'
  | 'latest'
  | 'revision'
  | 'proof'
  | 'checkpoints'
  | 'project'
  | 'digests'
  | 'digest'
  | 'reproject'
  | 'erase'
  | 'exportRange'
  | 'exportHead'
  | 'exportEntries'
  | 'exportErasures'
  | 'exportCheckpoints'
>
