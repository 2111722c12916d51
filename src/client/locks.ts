// Locks for agents: taken, kept by renewing, and always given back.
import type { LockRequest, LockView, listedLock } from '../engine/index.ts'
import { EnactError } from './errors.ts'
import { patience } from './polling.ts'
import type { Time } from './time.ts'
import { freshKey, type CallOptions, type Transport } from './transport.ts'
import { pages } from './pages.ts'

export type LockWanted = Pick<LockRequest, 'resources' | 'holder'> & Partial<Omit<LockRequest, 'resources' | 'holder'>>
export type ListedLock = ReturnType<typeof listedLock>

/** What `withLock` hands to its work. */
export interface Holding {
  readonly lock: LockView
  /** Aborted when the lock is lost or the caller gives up: whatever is still to be done must not be done. */
  readonly signal: AbortSignal
}

const TTL_S = 60

/** The calls on `/locks`. */
export class LockCalls {
  readonly #send: Transport
  readonly #time: Time
  readonly #timeoutMs: number

  constructor(send: Transport, time: Time, timeoutMs: number) {
    this.#send = send
    this.#time = time
    this.#timeoutMs = timeoutMs
  }

  /** Takes all of the resources or none. Held by others: throws `EnactError` with code `locked`, whose `problem` names holder, run and end. */
  async acquire(wanted: LockWanted, options: CallOptions & { readonly idempotencyKey?: string } = {}): Promise<LockView> {
    const { idempotencyKey = freshKey(), ...rest } = options
    const timeoutMs = rest.timeoutMs ?? patience(wanted.wait_seconds ?? 0, this.#timeoutMs)
    const asked = { method: 'POST', path: '/locks', body: wanted, idempotencyKey, ...rest, timeoutMs } as const
    return (await this.#send(asked)).body as LockView
  }

  /** From now on it lasts `ttlSeconds`. Throws code `lock_lost` once it is not held any more. */
  async renew(lockId: string, ttlSeconds = TTL_S, options: CallOptions & { readonly retries?: number } = {}): Promise<LockView> {
    const asked = { method: 'PUT', path: `/locks/${encodeURIComponent(lockId)}`, body: { ttl_seconds: ttlSeconds }, ...options } as const
    return (await this.#send(asked)).body as LockView
  }

  /** Gives it back; once more changes nothing. */
  async release(lockId: string, options: CallOptions = {}): Promise<void> {
    await this.#send({ method: 'DELETE', path: `/locks/${encodeURIComponent(lockId)}`, ...options })
  }

  /** What is held in the team now. */
  list(options: CallOptions = {}): AsyncGenerator<ListedLock, void, void> {
    return pages<ListedLock>(this.#send, '/locks', {}, options)
  }

  /**
   * Does the work while the lock is held: renews it every third of its time and gives it back whatever happens.
   * INVARIANT: when this resolves, the lock was held from beginning to end. Lost in between, the work's signal is aborted,
   * and once the work has ended this throws code `lock_lost`, whatever the work came to.
   */
  async withLock<T>(wanted: LockWanted, work: (holding: Holding) => Promise<T>, options: CallOptions = {}): Promise<T> {
    const ttlMs = (wanted.ttl_seconds ?? TTL_S) * 1000
    const askedAt = this.#time.now()
    const lock = await this.acquire(wanted, options)
    const over = new AbortController()
    const lost = new AbortController()
    const signal = options.signal === undefined ? lost.signal : AbortSignal.any([options.signal, lost.signal])
    let keeping: Promise<void> = Promise.resolve()
    try {
      // When a lock that was waited for was granted is not known here: renewed at once, it is.
      const heldSince = this.#time.now() - askedAt > ttlMs / 3 ? await this.#extend(lock, ttlMs, ttlMs, signal) : askedAt
      keeping = this.#keep(lock, ttlMs, heldSince, over.signal).catch((error: unknown) => void (over.signal.aborted || lost.abort(error)))
      const result = await work({ lock, signal })
      lost.signal.throwIfAborted()
      return result
    } catch (error) {
      throw lost.signal.aborted ? lost.signal.reason : error
    } finally {
      over.abort(new Error('the work is over'))
      await keeping
      // Not given back it ends by itself: no reason to spoil what was done.
      await this.release(lock.lock_id, { timeoutMs: this.#timeoutMs }).catch(() => undefined)
    }
  }

  /** Renews until `over`. Rejects when the lock is lost, be it only that nobody can say any more that it is held. */
  async #keep(lock: LockView, ttlMs: number, heldSince: number, over: AbortSignal): Promise<void> {
    let heldUntil = heldSince + ttlMs
    for (;;) {
      await this.#time.sleep(Math.max(0, Math.min(ttlMs / 3, heldUntil - this.#time.now())), over)
      const leftMs = heldUntil - this.#time.now()
      if (leftMs <= 0) throw new EnactError('lock_lost', 'the lock could not be renewed in time')
      try {
        heldUntil = (await this.#extend(lock, ttlMs, leftMs, over)) + ttlMs
      } catch (error) {
        if (!(error instanceof EnactError) || !error.retryable) throw error
      }
    }
  }

  /** Since when it is held anew: from before the request, since the installation cannot have begun to count any earlier. */
  async #extend(lock: LockView, ttlMs: number, leftMs: number, signal: AbortSignal): Promise<number> {
    const askedAt = this.#time.now()
    await this.renew(lock.lock_id, ttlMs / 1000, { signal, timeoutMs: Math.ceil(Math.min(ttlMs / 3, leftMs)), retries: 0 })
    return askedAt
  }
}
