// Receipts for agents: read, listed, and checked with the keys that the installation publishes.
import type { JsonObject, PublicKey, Receipt, ReceiptCheck } from '../engine/index.ts'
import { pages } from './pages.ts'
import type { Time } from './time.ts'
import type { CallOptions, Transport } from './transport.ts'

/** What to list; all parts must hold. Times are RFC 3339 or days, `from` is included, `to` is not. */
export interface ReceiptsWanted {
  readonly workflow?: string
  readonly decision?: 'PASS' | 'BLOCK' | 'PARTIAL'
  readonly outcome?: 'NONE' | 'SUCCEEDED' | 'PARTIAL' | 'FAILED' | 'UNKNOWN'
  readonly user_email?: string
  /** The language of the search box: `decision:block agent:dev* since:24h -staging`. */
  readonly search?: string
  readonly policy?: string
  readonly system?: string
  readonly q?: string
  readonly from?: string
  readonly to?: string
  /** Of one page. */
  readonly limit?: number
}

const REMEMBER_KEYS_MS = 60_000

/** The calls on `/receipts`. */
export class ReceiptCalls {
  readonly #send: Transport
  readonly #time: Time
  readonly #keys = new Map<string, { keys: readonly PublicKey[]; until: number }>()

  constructor(send: Transport, time: Time) {
    this.#send = send
    this.#time = time
  }

  /** The newest revision. Throws code `not_found`. */
  async get(runId: string, options: CallOptions = {}): Promise<Receipt> {
    return (await this.#send({ method: 'GET', path: `/receipts/${encodeURIComponent(runId)}`, ...options })).body as Receipt
  }

  /** Newest first, as many as are asked for: each page is fetched when it is needed. */
  list(wanted: ReceiptsWanted = {}, options: CallOptions = {}): AsyncGenerator<Receipt, void, void> {
    return pages<Receipt>(this.#send, '/receipts', { ...wanted }, options)
  }

  /**
   * Whether the receipt is whole and signed by the team that it names; never throws for what is wrong with it.
   * The keys are those that the installation publishes for that team, or those given: pinned ones prove more.
   */
  async verify(receipt: unknown, options: CallOptions & { readonly keys?: readonly PublicKey[] } = {}): Promise<ReceiptCheck> {
    const { keys, ...rest } = options
    // The checks bring zod along: only for those who verify.
    const [{ verifyReceipt }, { publishedKeys, webHash }] = await Promise.all([
      import('../engine/receipt.ts'),
      import('./published_keys.ts')
    ])
    const team = (receipt as { team_id?: unknown } | null)?.team_id
    const trusted = keys ?? (typeof team === 'string' ? await this.#published(team, rest) : [])
    return verifyReceipt(receipt, publishedKeys(trusted), webHash)
  }

  async #published(team: string, options: CallOptions): Promise<readonly PublicKey[]> {
    const known = this.#keys.get(team)
    if (known !== undefined && known.until > this.#time.now()) return known.keys
    const { body } = await this.#send({ method: 'GET', path: '/.well-known/enact-keys.json', query: { team }, ...options })
    const listed = (body as JsonObject).keys
    const keys = Array.isArray(listed) ? (listed as unknown as PublicKey[]) : []
    this.#keys.set(team, { keys, until: this.#time.now() + REMEMBER_KEYS_MS })
    return keys
  }
}
