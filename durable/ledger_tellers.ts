// Who is told of a ledger's entries beside the index: the outbox of events, and whoever watches for what people should be alerted to.
import type { Receipt, SignedCheckpoint } from '../src/engine/index.ts'
import { shownCheckpoint, type LedgerStore } from './ledger_store.ts'

/** What it needs of its installation. */
export interface TellerPorts {
  publish(teamId: string, receipts: readonly Receipt[], checkpoints: readonly SignedCheckpoint[]): Promise<void>
  watch(teamId: string, receipts: readonly Receipt[]): Promise<void>
}

const RECEIPTS_MAX = 100
const CHARS_MAX = 400_000
const CHECKPOINTS_MAX = 20

/** Cursors over a store, one for each who is told. */
export class LedgerTellers {
  readonly #store: LedgerStore
  readonly #ports: TellerPorts
  /** Set while receipts are being looked at: what is erased meanwhile must wait for that to end. */
  watching: Promise<void> | null = null

  constructor(store: LedgerStore, ports: TellerPorts) {
    this.#store = store
    this.#ports = ports
    // A ledger that was filled before anybody watched is watched from where its events ended: nobody is alerted to its whole history.
    // INVARIANT: written down at once, or a ledger that is new would be taken for such a one after its first entry.
    if (store.text('watched') === null) store.keep('watched', store.number('published'))
  }

  /** How many entries everybody has been told of. */
  get done(): number {
    return Math.min(this.#store.number('published'), this.#store.number('watched'))
  }

  /** Tells everybody what is new, each by themselves: who fails holds up nobody else. The failures. */
  async tell(teamId: string): Promise<unknown[]> {
    this.watching = this.#receipts('watched', (receipts) => this.#ports.watch(teamId, receipts)).finally(() => (this.watching = null))
    const ends = await Promise.allSettled([this.#publish(teamId), this.watching])
    return ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []))
  }

  async #publish(teamId: string): Promise<void> {
    await this.#receipts('published', (receipts) => this.#ports.publish(teamId, receipts, []))
    for (;;) {
      const signed = this.#store.checkpointsAfter(this.#store.number('published_checkpoint'), CHECKPOINTS_MAX)
      if (signed.length === 0) return
      await this.#ports.publish(teamId, [], signed.map(shownCheckpoint))
      this.#store.keep('published_checkpoint', signed.at(-1)!.tree_size)
    }
  }

  /** INVARIANT: a cursor moves only when what is before it was taken: whatever fails or dies here is told again, the very same. */
  async #receipts(cursor: 'published' | 'watched', take: (receipts: readonly Receipt[]) => Promise<void>): Promise<void> {
    const { size } = this.#store.state
    while (this.#store.number(cursor) < size) {
      const { receipts, upTo } = this.#store.begun(this.#store.number(cursor), size, RECEIPTS_MAX, CHARS_MAX)
      if (receipts.length > 0 || cursor === 'published') await take(receipts)
      this.#store.keep(cursor, upTo)
    }
  }
}
