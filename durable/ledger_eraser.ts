// Erases entries of a ledger: the receipt is signed first, then bodies go and it comes in one transaction, then whoever has copies forgets them.
import {
  canonicalize,
  erasureDraft,
  timeText,
  type Draft,
  type ErasureAnswer,
  type ErasureDoor,
  type ErasureOrder,
  type JsonObject,
  type Receipt
} from '../src/engine/index.ts'
import type { ErasurePlan } from './ledger_erasure.ts'
import type { LedgerEntry, LedgerStore } from './ledger_store.ts'

/** What it needs of its installation. */
export interface EraserPorts {
  /** Redacts and signs; appends nothing. */
  issue(draft: Draft): Promise<Receipt>
  readonly copies: ErasureDoor
}

const DAY_MS = 86_400_000
/** Runs looked at for one receipt of retention. */
const ROUND_MAX = 1_000
/** Runs that others are told to forget at once, each costing them up to two calls; and how often in one go. */
const FORGET_RUNS_MAX = 100
const FORGET_ROUNDS_MAX = 4
const ATTEMPTS_MAX = 20

/** Erasure over a store. `arrived` resolves when everything that is on its way to the index has arrived, or failed to. */
export class LedgerEraser {
  readonly #store: LedgerStore
  readonly #ports: EraserPorts
  readonly #arrived: () => Promise<unknown>

  constructor(store: LedgerStore, ports: EraserPorts, arrived: () => Promise<unknown>) {
    this.#store = store
    this.#ports = ports
    this.#arrived = arrived
  }

  /** One order; of retention, one round. INVARIANT: what the receipt says is erased is exactly what is erased with it. */
  async erase(order: ErasureOrder): Promise<ErasureAnswer> {
    const { erasures } = this.#store
    erasures.stamp(this.#store.state.size, order.at)
    for (let i = 0; i < ATTEMPTS_MAX; i++) {
      const plan = this.#planOf(order)
      if ('kind' in plan) return plan
      const busy = plan.runs.length === 0 ? [] : await this.#ports.copies.busy(order.team_id, plan.runs)
      if (order.why.kind === 'request' && busy.length > 0) return { kind: 'busy', more: false }
      const runs = plan.runs.filter((runId) => !busy.includes(runId))
      const seqs = runs.flatMap((runId) => erasures.planOf(runId).seqs)
      const receipt = seqs.length === 0 ? null : await this.#ports.issue(erasureDraft(order, seqs, runs.length))
      // Asking and signing took their time: where another erasure or revision came in between, all of it is done again.
      if (JSON.stringify(this.#planOf(order)) !== JSON.stringify(plan)) continue
      this.#write(order, plan, busy, seqs, receipt)
      const more = plan.next !== null && plan.next < this.#limitOf(order)
      if (receipt === null) return { kind: 'none', more }
      return { kind: 'erased', erased_at: timeText(order.at), erased_by: order.run_id, entries: seqs.length, more }
    }
    throw new Error('the ledger changed too often while something was to be erased')
  }

  /** INVARIANT: nothing that was read before the erasure may be written after this: what is on its way to the index arrives first. */
  async forget(teamId: string): Promise<void> {
    for (let round = 0; round < FORGET_ROUNDS_MAX; round++) {
      const runs = this.#store.erasures.untold(FORGET_RUNS_MAX)
      if (runs.length === 0) return
      await this.#arrived()
      await this.#ports.copies.forget(teamId, runs)
      this.#store.erasures.told(runs)
    }
  }

  /** What is to be erased now, or the answer where that is nothing. */
  #planOf(order: ErasureOrder): ErasurePlan | ErasureAnswer {
    const { erasures } = this.#store
    const { why } = order
    if (why.kind === 'retention') return erasures.planRound(this.#store.number('retained'), this.#limitOf(order), ROUND_MAX)
    const newest = this.#store.latest(why.run_id)
    if (newest === null) return { kind: 'none', more: false }
    if (erasures.isErasure(why.run_id)) return { kind: 'kept', more: false }
    const plan = erasures.planOf(why.run_id)
    const before = plan.seqs.length === 0 ? erasures.of(newest.place.seq) : null
    return before === null ? plan : { kind: 'already', ...before, entries: 0, more: false }
  }

  #limitOf({ why, at }: ErasureOrder): number {
    return why.kind === 'retention' ? this.#store.erasures.seqBefore(at - why.retention_days * DAY_MS) : 0
  }

  #write(
    { at, run_id }: ErasureOrder,
    { next }: ErasurePlan,
    busy: readonly string[],
    seqs: readonly number[],
    receipt: Receipt | null
  ): void {
    const { erasures } = this.#store
    if (receipt !== null && this.#store.latest(run_id) !== null) throw new Error(`run \`${run_id}\` has a receipt already`)
    this.#store.append(receipt === null ? [] : [entryOf(receipt)], () => {
      if (next !== null) {
        this.#store.keep('retained', next)
        erasures.postpone(busy)
      }
      if (receipt !== null) erasures.erase(seqs, at, run_id)
    })
  }
}

function entryOf({ signatures, ledger: _ledger, ...body }: Receipt): LedgerEntry {
  return { run_id: body.run_id, revision: body.revision, body: canonicalize(body as unknown as JsonObject), signatures }
}
