// A team's locks in one object: storage follows the engine's lease machine, an alarm tells it that time has passed, and who waits is answered from memory.
import { DurableObject } from 'cloudflare:workers'
import {
  Fault,
  listLocks,
  listWaiters,
  messageOf,
  nextLeaseAlarm,
  restoreLeases,
  stepLeases,
  type BrokenLock,
  type Clock,
  type FaultCode,
  type InputError,
  type JsonObject,
  type LeaseAnswer,
  type LeaseEvent,
  type LeaseState,
  type LeaseStep,
  type Lock,
  type LockBreak,
  type Receipt,
  type Waiter
} from '../src/engine/index.ts'

/** What a team's locks need from their installation. */
export interface LocksPorts {
  readonly clock: Clock
  /** Issues the receipt of a broken lock and appends it; twice for the same break is once. */
  receipt(broken: BrokenLock): Promise<Receipt>
  log(entry: JsonObject): void
}

/** An answer, or a fault as a value: on its way between objects an error loses its class. */
export type LeaseReply = { readonly answer: LeaseAnswer } | { readonly refused: LeaseRefusal }

export interface LeaseRefusal {
  readonly code: FaultCode
  readonly detail: string
  readonly errors: readonly InputError[]
}

/** What could not be done is tried again after this. */
const RETRY_AFTER_MS = 30_000

const TABLES = `
  CREATE TABLE IF NOT EXISTS fence (id INTEGER PRIMARY KEY CHECK (id = 1), token INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS locks (lock_id TEXT PRIMARY KEY, lock TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS broken (run_id TEXT PRIMARY KEY, broken TEXT NOT NULL);`

/** Makes the Durable Object class; `make` is called once in every instance. */
export function locksObject<Env>(make: (env: Env) => LocksPorts) {
  return class LocksObject extends DurableObject<Env> {
    readonly #ports: LocksPorts
    readonly #sql: SqlStorage
    readonly #waiting = new Map<string, (answer: LeaseAnswer) => void>()
    #state: LeaseState
    #alarmAt: number | null = null

    constructor(state: DurableObjectState, env: Env) {
      super(state, env)
      this.#ports = make(env)
      this.#sql = state.storage.sql
      this.#sql.exec(TABLES)
      const locks = this.#sql.exec<{ lock: string }>('SELECT lock FROM locks').toArray()
      this.#state = restoreLeases(
        this.#fence(),
        locks.map(({ lock }) => JSON.parse(lock) as Lock)
      )
    }

    /** Resolves when there is an answer: a request that may wait is answered when it is granted or its wait is over. */
    async ask(event: LeaseEvent): Promise<LeaseReply> {
      try {
        const answer = this.#step(event)
        // INVARIANT: nothing is awaited between the step and this: whoever frees the lock next must find who waits for it.
        const settled = answer.kind === 'waiting' && event.type === 'acquire' ? this.#wait(event.lock_id) : answer
        await this.#armSooner()
        return { answer: await settled }
      } catch (error) {
        if (error instanceof Fault) return { refused: { code: error.code, detail: error.detail, errors: error.errors ?? [] } }
        throw error
      }
    }

    /** What is held now. */
    async list(after: string | null, limit: number): Promise<Lock[]> {
      return listLocks(this.#state, this.#ports.clock.now(), after, limit)
    }

    /** Who waits for them, in order. Not `queue`: the platform keeps that name for its own event. */
    async inLine(): Promise<Waiter[]> {
      return listWaiters(this.#state, this.#ports.clock.now())
    }

    /** How many requests wait for an answer. */
    waiters(): number {
      return this.#waiting.size
    }

    /** Null where there is no such lock. Its end and the duty to issue its receipt are one write. */
    async break(order: LockBreak): Promise<Receipt | null> {
      const atMs = this.#ports.clock.now()
      this.#step({ type: 'break', lock_id: order.lock_id }, (answer) => {
        if (answer.kind !== 'broken') return
        this.#sql.exec('INSERT INTO broken VALUES (?, ?)', order.run_id, JSON.stringify({ order, lock: answer.lock, atMs }))
      })
      await this.#armSooner()
      // Also where an earlier attempt broke it and could not reach the ledger.
      const broken = this.#broken().findLast(({ lock }) => lock.lock_id === order.lock_id)
      return broken === undefined ? null : this.#settle(broken)
    }

    /** INVARIANT: re-arms before it works, and never throws, or the platform would forget the alarm after six failures. */
    override async alarm(): Promise<void> {
      try {
        await this.#arm(this.#ports.clock.now() + RETRY_AFTER_MS)
        this.#step({ type: 'tick' })
        await Promise.allSettled(this.#broken().map((broken) => this.#settle(broken)))
        await this.#arm(this.#due())
      } catch (error) {
        this.#ports.log({ level: 'error', event: 'locks_alarm_failed', error: messageOf(error) })
      }
    }

    /** One step of the machine. INVARIANT: what it changed is written before it is true in memory, and before anybody hears of it. */
    #step(event: LeaseEvent, beside: (answer: LeaseAnswer) => void = () => {}): LeaseAnswer {
      const step = stepLeases(this.#state, event, this.#ports.clock.now())
      this.ctx.storage.transactionSync(() => {
        this.#write(step)
        beside(step.answer)
      })
      this.#state = step.state
      for (const { lock_id, answer } of step.woken) {
        this.#waiting.get(lock_id)?.(answer)
        this.#waiting.delete(lock_id)
      }
      return step.answer
    }

    #write({ state, written, removed }: LeaseStep): void {
      if (state.fence !== this.#state.fence) this.#sql.exec('INSERT OR REPLACE INTO fence VALUES (1, ?)', state.fence)
      for (const lock of written) this.#sql.exec('INSERT OR REPLACE INTO locks VALUES (?, ?)', lock.lock_id, JSON.stringify(lock))
      for (const id of removed) this.#sql.exec('DELETE FROM locks WHERE lock_id = ?', id)
    }

    /** An object without a past begins at the clock: databases may remember tokens of an installation that was lost or set up anew. */
    #fence(): number {
      return this.#sql.exec<{ token: number }>('SELECT token FROM fence').toArray()[0]?.token ?? this.#ports.clock.now()
    }

    #wait(lockId: string): Promise<LeaseAnswer> {
      return new Promise((resolve) => this.#waiting.set(lockId, resolve))
    }

    #broken(): BrokenLock[] {
      const rows = this.#sql.exec<{ broken: string }>('SELECT broken FROM broken ORDER BY run_id').toArray()
      return rows.map(({ broken }) => JSON.parse(broken) as BrokenLock)
    }

    async #settle(broken: BrokenLock): Promise<Receipt> {
      try {
        const receipt = await this.#ports.receipt(broken)
        this.#sql.exec('DELETE FROM broken WHERE run_id = ?', broken.order.run_id)
        return receipt
      } catch (error) {
        const { team_id, run_id } = broken.order
        this.#ports.log({ level: 'error', event: 'lock_receipt_failed', team_id, run_id, error: messageOf(error) })
        throw error
      }
    }

    /** When there is something to do next; null = never. */
    #due(): number | null {
      const lease = nextLeaseAlarm(this.#state) ?? Number.POSITIVE_INFINITY
      const retry = this.#broken().length > 0 ? this.#ports.clock.now() + RETRY_AFTER_MS : Number.POSITIVE_INFINITY
      const next = Math.min(lease, retry)
      return Number.isFinite(next) ? next : null
    }

    /** An alarm that comes too early finds nothing to do and sets the right one: it need not be moved for every lease that ends later. */
    async #armSooner(): Promise<void> {
      const due = this.#due()
      const isArmed = this.#alarmAt !== null && this.#alarmAt > this.#ports.clock.now()
      if (due !== null && !(isArmed && this.#alarmAt! <= due)) await this.#arm(due)
    }

    #arm(at: number | null): Promise<void> {
      this.#alarmAt = at
      return at === null ? this.ctx.storage.deleteAlarm() : this.ctx.storage.setAlarm(at)
    }
  }
}

/** What others may call. */
export type LocksCalls = Pick<InstanceType<ReturnType<typeof locksObject>>, 'ask' | 'list' | 'inLine' | 'waiters' | 'break'>
