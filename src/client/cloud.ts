// Receipts of an embedded client on their way to an installation: kept until it has them, and never in the way of a run.
import type { EnactEdge } from '../client.ts'
import type { Receipt } from '../engine/index.ts'
import { EnactError } from './errors.ts'

/** More than these and the oldest are let go: they are in the local store all the same. */
const WAITING_MAX = 1_000
/** What no second attempt will change: it is not a receipt that the installation takes, or it has another under this id. */
const FINAL = new Set([400, 409, 413, 422])

/** How far the receipts of this process have come. */
export interface CloudState {
  readonly delivered: number
  readonly waiting: number
  /** Let go because too many waited. */
  readonly dropped: number
  readonly refused: readonly { readonly run_id: string; readonly code: string }[]
  /** Why the first of those that wait was not taken; null when none waits. */
  readonly problem: EnactError | null
}

/** Pushes receipts in the order in which they were given. Nothing here throws. */
export class CloudReceipts {
  readonly #edge: Pick<EnactEdge, 'pushReceipt'>
  readonly #waiting: Receipt[] = []
  readonly #refused: { run_id: string; code: string }[] = []
  #delivered = 0
  #dropped = 0
  #problem: EnactError | null = null
  #going: Promise<void> | null = null

  constructor(edge: Pick<EnactEdge, 'pushReceipt'>) {
    this.#edge = edge
  }

  /** Takes the receipt and starts to deliver whatever waits; the caller need not wait for that. */
  push(receipt: Receipt): void {
    this.#waiting.push(receipt)
    if (this.#waiting.length > WAITING_MAX) {
      this.#waiting.shift()
      this.#dropped++
    }
    void this.#deliver()
  }

  /** Tries to deliver all that waits, and says how far that came. */
  async flush(): Promise<CloudState> {
    // What goes on may have begun before the last failure was over: then once more.
    await this.#going
    await this.#deliver()
    const { length: waiting } = this.#waiting
    return {
      delivered: this.#delivered,
      waiting,
      dropped: this.#dropped,
      refused: [...this.#refused],
      problem: waiting === 0 ? null : this.#problem
    }
  }

  async #deliver(): Promise<void> {
    if (this.#waiting.length === 0) return
    this.#going ??= this.#work()
    await this.#going
  }

  async #work(): Promise<void> {
    for (let receipt = this.#waiting[0]; receipt !== undefined; receipt = this.#waiting[0]) {
      const problem = await this.#edge.pushReceipt(receipt).then(
        () => null,
        (error: unknown) =>
          error instanceof EnactError ? error : new EnactError('network', 'the receipt could not be sent', { cause: error })
      )
      if (problem !== null && !FINAL.has(problem.status)) {
        this.#problem = problem
        break
      }
      if (problem === null) this.#delivered++
      else this.#refused.push({ run_id: receipt.run_id, code: problem.code })
      // It may have been let go meanwhile.
      if (this.#waiting[0] === receipt) this.#waiting.shift()
    }
    // In the same moment as the last look: a receipt that comes now starts anew.
    this.#going = null
  }
}
