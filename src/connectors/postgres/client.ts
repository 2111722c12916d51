// The Postgres client of one run: sessions made when needed, one kept between calls, all ended with the run.
import { Lost, openSession, type Address, type Session } from './session.ts'

/** What an installation permits. */
export interface Limits {
  readonly tables: readonly string[]
  readonly max_rows: number
  readonly statement_timeout_ms: number
  readonly lock_timeout_ms: number
  /** Whether writes are refused whose locks were lost: see `fencing.ts`. */
  readonly fencing: 'enforce' | 'off'
  /** Whose tokens these are: those of two teams cannot be compared. */
  readonly fencing_scope: string
}

/** What actions use of Postgres. */
export interface PostgresClient {
  readonly limits: Limits
  /** Whether every write is rolled back at the end: see `rehearsal.ts`. */
  readonly rehearses?: true
  /** A session that is nobody else's until it is given back. */
  take(): Promise<Session>
  /** Keeps the session for the next call, or ends it. */
  give(session: Session, isUsable: boolean): void
  close(): Promise<void>
}

/** A client that connects when first used, keeps one session between calls, and after `close` makes no effect any more. */
export function postgresClient(address: Omit<Address, 'answerTimeoutMs'>, limits: Limits): PostgresClient {
  const live = new Set<Session>()
  const spare: Session[] = []
  let closed = false
  const drop = (session: Session) => {
    live.delete(session)
    return session.end()
  }
  return {
    limits,
    async take() {
      const kept = spare.pop()
      if (kept !== undefined) return kept
      const session = closed ? null : await openSession({ ...address, answerTimeoutMs: limits.statement_timeout_ms + ANSWER_GRACE_MS })
      if (session !== null) live.add(session)
      if (session !== null && !closed) return session
      if (session !== null) await drop(session)
      throw new Lost('the connection is closed')
    },
    give(session, isUsable) {
      if (isUsable && !closed && spare.length === 0) spare.push(session)
      else void drop(session)
    },
    async close() {
      closed = true
      spare.length = 0
      // Sessions in use too: a call that was given up must not commit after its run has ended.
      await Promise.all([...live].map(drop))
    }
  }
}

const ANSWER_GRACE_MS = 3_000
