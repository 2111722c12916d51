// A team's budgets in one object: storage follows the engine's machine, an alarm clears away what is over. What counts is the engine's.
import { DurableObject } from 'cloudflare:workers'
import {
  reserveBudgets,
  settleBudgets,
  type BudgetAnswer,
  type BudgetChange,
  type BudgetEntry,
  type BudgetPlace,
  type BudgetRequest,
  type BudgetSettlement,
  type BudgetUse,
  type Clock
} from '../src/engine/index.ts'

/** What a team's budgets need from their installation. */
export interface BudgetPorts {
  readonly clock: Clock
}

/** What is over is cleared away at most so often: it counts no more in any case. */
const CLEAR_EVERY_MS = 60_000

const TABLES = `
  CREATE TABLE IF NOT EXISTS entries (budget TEXT NOT NULL, scope TEXT NOT NULL, run_id TEXT NOT NULL, ordinal INTEGER NOT NULL,
    amount INTEGER NOT NULL, used INTEGER NOT NULL, window_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,
    PRIMARY KEY (budget, scope, run_id, ordinal)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS entries_run ON entries (run_id);
  CREATE INDEX IF NOT EXISTS entries_until ON entries (until_ms);
  CREATE TABLE IF NOT EXISTS latest (id INTEGER PRIMARY KEY CHECK (id = 1), at_ms INTEGER NOT NULL);`

type Row = {
  budget: string
  scope: string
  run_id: string
  ordinal: number
  amount: number
  used: number
  window_ms: number
  until_ms: number
}
type UseRow = { budget: string; scope: string; used: number; in_flight: number; frees_at: number }

/** Makes the Durable Object class; `make` is called once in every instance. */
export function budgetObject<Env>(make: (env: Env) => BudgetPorts) {
  return class BudgetObject extends DurableObject<Env> {
    readonly #ports: BudgetPorts
    readonly #sql: SqlStorage
    #latest: number

    constructor(state: DurableObjectState, env: Env) {
      super(state, env)
      this.#ports = make(env)
      this.#sql = state.storage.sql
      this.#sql.exec(TABLES)
      this.#latest = this.#sql.exec<{ at_ms: number }>('SELECT at_ms FROM latest').toArray()[0]?.at_ms ?? 0
    }

    /** INVARIANT: nothing is awaited between the question and what is written, so that calls at once are calls one after the other. */
    async reserve(request: BudgetRequest): Promise<BudgetAnswer> {
      const now = this.#now()
      const buckets = new Map(request.wants.map(({ budget, scope }) => [JSON.stringify([budget, scope]), { budget, scope }]))
      const entries = [...buckets.values()].flatMap(({ budget, scope }) =>
        this.#read('WHERE budget = ? AND scope = ? AND until_ms > ?', budget, scope, now)
      )
      const step = reserveBudgets(entries, request, now)
      this.#follow(step, now)
      if (step.written.length > 0) await this.#clearLater(now)
      return step.answer
    }

    async settle(settlement: BudgetSettlement): Promise<void> {
      const now = this.#now()
      this.#follow(settleBudgets(this.#read('WHERE run_id = ?', settlement.run_id), settlement, now), now)
    }

    /** What is used now of these budgets, by id and scope. */
    async list(ids: readonly string[], after: BudgetPlace | null, limit: number): Promise<BudgetUse[]> {
      const { budget, scope } = after ?? { budget: '', scope: '' }
      return this.#sql
        .exec<UseRow>(
          `SELECT budget, scope, sum(iif(used, amount, 0)) AS used, sum(iif(used, 0, amount)) AS in_flight, min(until_ms) AS frees_at
           FROM entries WHERE budget IN (SELECT value FROM json_each(?)) AND (budget, scope) > (?, ?) AND until_ms > ?
           GROUP BY budget, scope ORDER BY budget, scope LIMIT ?`,
          JSON.stringify(ids),
          budget,
          scope,
          this.#now(),
          limit
        )
        .toArray()
        .map((row) => ({ budget: row.budget, scope: row.scope, used: row.used, inFlight: row.in_flight, freesAtMs: row.frees_at }))
    }

    override async alarm(): Promise<void> {
      const now = this.#now()
      this.#sql.exec('DELETE FROM entries WHERE until_ms <= ?', now)
      await this.#clearLater(now)
    }

    /** A clock that goes back, here or on another machine, must not let what counts be over sooner, nor what is over count again. */
    #now(): number {
      return (this.#latest = Math.max(this.#latest, this.#ports.clock.now()))
    }

    #read(where: string, ...values: (string | number)[]): BudgetEntry[] {
      return this.#sql
        .exec<Row>(`SELECT * FROM entries ${where}`, ...values)
        .toArray()
        .map(({ budget, scope, run_id, ordinal, amount, used, window_ms, until_ms }) => {
          return { budget, scope, run_id, ordinal, amount, isUsed: used === 1, windowMs: window_ms, untilMs: until_ms }
        })
    }

    #follow({ removed, written }: BudgetChange, now: number): void {
      if (removed.length + written.length === 0) return
      this.ctx.storage.transactionSync(() => {
        for (const { budget, scope, run_id, ordinal } of removed)
          this.#sql.exec(
            'DELETE FROM entries WHERE budget = ? AND scope = ? AND run_id = ? AND ordinal = ?',
            budget,
            scope,
            run_id,
            ordinal
          )
        for (const { budget, scope, run_id, ordinal, amount, isUsed, windowMs, untilMs } of written)
          this.#sql.exec(
            'INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
            budget,
            scope,
            run_id,
            ordinal,
            amount,
            isUsed ? 1 : 0,
            windowMs,
            untilMs
          )
        this.#sql.exec('INSERT OR REPLACE INTO latest VALUES (1, ?)', now)
      })
    }

    async #clearLater(now: number): Promise<void> {
      if ((await this.ctx.storage.getAlarm()) !== null) return
      const next = this.#sql.exec<{ at: number | null }>('SELECT min(until_ms) AS at FROM entries').one().at
      if (next !== null) await this.ctx.storage.setAlarm(Math.max(next, now + CLEAR_EVERY_MS))
    }
  }
}

/** What others may call. */
export type BudgetCalls = Pick<InstanceType<ReturnType<typeof budgetObject>>, 'reserve' | 'settle' | 'list'>
