// The Ledger port over the team's ledger object; concurrent appends of one isolate travel together.
import type { Appended, LedgerCalls, LedgerEntry } from '../../../durable/ledger.ts'
import {
  canonicalize,
  fault,
  type JsonObject,
  type Ledger,
  type LedgerDigest,
  type LedgerDoor,
  type LedgerRow,
  type Receipt
} from '../../engine/index.ts'

/** The doors of all teams' ledgers. */
export interface EdgeLedger extends Ledger, LedgerDoor {
  digests(teamId: string, from: number, limit: number): Promise<LedgerDigest[]>
  digest(teamId: string, runId: string): Promise<LedgerDigest | null>
  reproject(teamId: string, runIds: readonly string[]): Promise<void>
  /** The newest revision as `latest` gives it; null also where it was erased. */
  present(teamId: string, runId: string): Promise<Receipt | null>
}

/** One trip takes at most so many entries, and so many characters of them. */
const TRIP_ENTRIES_MAX = 128
const TRIP_CHARS_MAX = 4_000_000
/** How long an entry waits for another request to carry it before it goes by itself. */
const FOLLOW_MS = 5_000

/**
 * Ledgers by team. An append is durable when it resolves; another body under the same ids throws `receipt_conflict`.
 * `together` is for requests of the Worker; an object, which makes one append, sends it `alone`.
 */
export function edgeLedger(namespace: DurableObjectNamespace, appends: 'together' | 'alone'): EdgeLedger {
  const queues = new Map<string, Queue>()
  const stub = (teamId: string) => namespace.get(namespace.idFromName(teamId)) as unknown as LedgerCalls
  const queueOf = (teamId: string): Queue => {
    const send = (entries: LedgerEntry[]) => withRetry(() => stub(teamId).appendMany(teamId, entries))
    if (appends === 'alone') return async (entry) => (await send([entry]))[0]!
    const queue = queues.get(teamId) ?? makeQueue(send)
    queues.set(teamId, queue)
    return queue
  }
  return {
    async append(teamId, receipt) {
      const place = await queueOf(teamId)(entryOf(receipt))
      if (place === null)
        throw fault('receipt_conflict', `run \`${receipt.run_id}\` has another revision ${receipt.revision} in the ledger`)
      return place
    },
    async latest(teamId, runId) {
      const row = await stub(teamId).latest(runId)
      return row === null ? null : wholeReceipt(row)
    },
    async present(teamId, runId) {
      const row = await stub(teamId).latest(runId)
      return row === null || row.body === '' ? null : receiptOf(row)
    },
    async revision(teamId, runId, revision) {
      const row = await stub(teamId).revision(runId, revision)
      return row === null ? null : wholeReceipt(row)
    },
    proof: (teamId, runId) => stub(teamId).proof(runId),
    checkpoints: (teamId, below, limit) => stub(teamId).checkpoints(below ?? Number.MAX_SAFE_INTEGER, limit),
    project: (teamId) => stub(teamId).project(),
    digests: (teamId, from, limit) => stub(teamId).digests(from, limit),
    digest: (teamId, runId) => stub(teamId).digest(runId),
    reproject: (teamId, runIds) => stub(teamId).reproject(runIds),
    erase: (order) => stub(order.team_id).erase(order)
  }
}

/** Once more where the platform says that it may help: the object moved or restarted. Appending twice is appending once. */
async function withRetry<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if ((error as { retryable?: boolean }).retryable !== true || (error as { overloaded?: boolean }).overloaded === true) throw error
    return work()
  }
}

/** Throws `erased`, which still tells leaf and place. INVARIANT: never null for what was: whoever asks whether a run was must not run it again. */
function wholeReceipt(row: LedgerRow): Receipt {
  if (row.body !== '') return receiptOf(row)
  const { seq, leaf } = row.place
  const { erased_at = null, erased_by = null } = row.erased ?? {}
  const when = erased_at === null ? 'is not there any more, and nothing says that it was erased' : `was erased at ${erased_at}`
  throw fault('erased', `the receipt of run \`${row.run_id}\` ${when}`, { shown: { seq, leaf, erased_at, erased_by } })
}

/** The receipt that a row holds. */
export function receiptOf({ body, signatures, place }: Pick<LedgerRow, 'body' | 'signatures' | 'place'>): Receipt {
  return { ...(JSON.parse(body) as Receipt), signatures: [...signatures], ledger: place }
}

/** A receipt as it travels to the ledger: with the very text that was signed. */
export function entryOf({ signatures, ledger: _ledger, ...body }: Receipt): LedgerEntry {
  return { run_id: body.run_id, revision: body.revision, body: canonicalize(body as unknown as JsonObject), signatures }
}

type Queue = (entry: LedgerEntry) => Promise<Appended>

interface Waiting {
  readonly entry: LedgerEntry
  readonly settle: (outcome: Trip) => void
}

/** `lead` = this entry's request takes everyone who waits along with it. */
type Trip =
  | { readonly kind: 'lead' }
  | { readonly kind: 'carried'; readonly place: Appended }
  | { readonly kind: 'failed'; readonly error: unknown }

/**
 * Group commit: while one trip is under way the next gathers, and one of those who wait leads it.
 * INVARIANT: a trip is made by a request whose own entry is in it, since what another request does may be cancelled with that request.
 */
function makeQueue(send: (entries: LedgerEntry[]) => Promise<Appended[]>): Queue {
  let waiting: Waiting[] = []
  let underWay = false

  const lead = async (own: LedgerEntry): Promise<Appended> => {
    const others = takeTrip(own)
    try {
      const [place, ...places] = await send([own, ...others.map(({ entry }) => entry)])
      others.forEach(({ settle }, i) => settle({ kind: 'carried', place: places[i]! }))
      return place!
    } catch (error) {
      for (const { settle } of others) settle({ kind: 'failed', error })
      throw error
    } finally {
      const next = waiting.shift()
      underWay = next !== undefined
      next?.settle({ kind: 'lead' })
    }
  }

  const takeTrip = (own: LedgerEntry): Waiting[] => {
    let chars = own.body.length
    let count = 0
    while (count < waiting.length && count + 1 < TRIP_ENTRIES_MAX && (chars += waiting[count]!.entry.body.length) <= TRIP_CHARS_MAX) count++
    return waiting.splice(0, count)
  }

  return async (entry) => {
    if (!underWay) {
      underWay = true
      return lead(entry)
    }
    const { promise, resolve } = Promise.withResolvers<Trip>()
    const own: Waiting = { entry, settle: resolve }
    waiting.push(own)
    const trip = await orAlone(promise)
    if (trip?.kind === 'carried') return trip.place
    if (trip?.kind === 'failed') throw trip.error
    if (trip?.kind === 'lead') return lead(entry)
    // Nobody came: the request that led was cancelled. Appending is idempotent, so going alone is safe even if it was carried.
    waiting = waiting.filter((one) => one !== own)
    const places = await send([entry])
    return places[0]!
  }
}

/** Null after a while. The timer also tells the runtime that this request is waiting, not hanging. */
async function orAlone(promise: Promise<Trip>): Promise<Trip | null> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), FOLLOW_MS)))
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
