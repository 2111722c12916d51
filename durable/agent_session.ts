// One agent's session: its steps in order, append-only, and the questions that are open in it. What they mean is the engine's.
import { DurableObject } from 'cloudflare:workers'
import {
  SESSION_CHARS_MAX,
  SESSION_STEPS_MAX,
  type BlockedStep,
  type Clock,
  type OpenQuestion,
  type SessionBefore,
  type SessionEnd,
  type SessionStep
} from '../src/engine/index.ts'

/** What a session needs from its installation. */
export interface AgentSessionPorts {
  readonly clock: Clock
}

/** Nothing is remembered longer than this after the last step. */
const KEPT_MS = 30 * 86_400_000
/** The alarm is put off at most once a day. */
const REARM_MS = 86_400_000

const TABLES = `
  CREATE TABLE IF NOT EXISTS steps (seq INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, step TEXT NOT NULL, decision TEXT);
  CREATE INDEX IF NOT EXISTS steps_decision ON steps (decision, seq);
  CREATE TABLE IF NOT EXISTS questions (digest TEXT PRIMARY KEY, hitl_id TEXT NOT NULL, expires_at TEXT NOT NULL) WITHOUT ROWID;`

/** Makes the Durable Object class; `make` is called once in every instance. */
export function agentSessionObject<Env>(make: (env: Env) => AgentSessionPorts) {
  return class AgentSessionObject extends DurableObject<Env> {
    readonly #ports: AgentSessionPorts
    readonly #sql: SqlStorage
    #alarmAt = 0

    constructor(state: DurableObjectState, env: Env) {
      super(state, env)
      this.#ports = make(env)
      this.#sql = state.storage.sql
      this.#sql.exec(TABLES)
    }

    /** INVARIANT: the step is written before anything is answered; nothing is awaited in between. `keeps` false remembers questions alone. */
    async begin(step: SessionStep, digest: string, keeps: boolean): Promise<SessionBefore> {
      const question = this.#question(digest)
      if (!keeps) return { steps: [], count: 0, question }
      this.#sql.exec('INSERT INTO steps (run_id, step) VALUES (?, ?) ON CONFLICT (run_id) DO NOTHING', step.run_id, JSON.stringify(step))
      const { seq } = this.#sql.exec<{ seq: number }>('SELECT seq FROM steps WHERE run_id = ?', step.run_id).one()
      const before = this.#before(seq)
      await this.#keepAwhile()
      return { ...before, question }
    }

    async end({ run_id, decision, digest, question }: SessionEnd): Promise<void> {
      this.#sql.exec('UPDATE steps SET decision = ? WHERE run_id = ?', decision, run_id)
      if (question === null) this.#sql.exec('DELETE FROM questions WHERE digest = ?', digest)
      else {
        const { hitl_id, expires_at } = question
        this.#sql.exec(
          'INSERT INTO questions VALUES (?, ?, ?) ON CONFLICT (digest) DO UPDATE SET hitl_id = excluded.hitl_id, expires_at = excluded.expires_at',
          digest,
          hitl_id,
          expires_at
        )
        await this.#keepAwhile()
      }
    }

    async blocked(limit: number): Promise<BlockedStep[]> {
      return this.#sql
        .exec<{ step: string }>(`SELECT step FROM steps WHERE decision = 'BLOCK' ORDER BY seq DESC LIMIT ?`, limit)
        .toArray()
        .map((row) => {
          const { run_id, at, workflow, payload } = JSON.parse(row.step) as SessionStep
          return { run_id, at, workflow, payload }
        })
    }

    override async alarm(): Promise<void> {
      await this.ctx.storage.deleteAll()
      this.#sql.exec(TABLES)
      this.#alarmAt = 0
    }

    #before(seq: number): { steps: SessionStep[]; count: number } {
      const { count } = this.#sql
        .exec<{ count: number }>(`SELECT count(*) AS count FROM steps WHERE seq < ? AND decision IS NOT 'BLOCK'`, seq)
        .one()
      const steps: SessionStep[] = []
      let room = SESSION_CHARS_MAX
      for (const row of this.#sql.exec<{ step: string }>(
        `SELECT step FROM steps WHERE seq < ? AND decision IS NOT 'BLOCK' ORDER BY seq DESC LIMIT ?`,
        seq,
        SESSION_STEPS_MAX
      )) {
        room -= row.step.length
        if (room < 0) break
        steps.push(JSON.parse(row.step) as SessionStep)
      }
      return { steps: steps.reverse(), count }
    }

    #question(digest: string): OpenQuestion | null {
      return (
        this.#sql
          .exec<{ hitl_id: string; expires_at: string }>('SELECT hitl_id, expires_at FROM questions WHERE digest = ?', digest)
          .toArray()[0] ?? null
      )
    }

    /** What nobody comes back to goes by itself. */
    async #keepAwhile(): Promise<void> {
      const at = this.#ports.clock.now() + KEPT_MS
      if (at - this.#alarmAt < REARM_MS) return
      this.#alarmAt = at
      await this.ctx.storage.setAlarm(at)
    }
  }
}

/** What others may call. */
export type AgentSessionCalls = Pick<InstanceType<ReturnType<typeof agentSessionObject>>, 'begin' | 'end' | 'blocked'>
