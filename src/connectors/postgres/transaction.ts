// Transactions with limits, and writes that are noted before they are made permanent.
import { done, failed, type ActionResult, type CallContext } from '../../engine/connector.ts'
import type { JsonObject } from '../../engine/schema.ts'
import type { Limits, PostgresClient } from './client.ts'
import { fence } from './fencing.ts'
import { statusOf } from './outcome.ts'
import { refusal } from './refusal.ts'
import { Lost, type Answer, type Bound, type Session } from './session.ts'

/** Inside a transaction. */
export interface Transaction {
  readonly limits: Limits
  /** The rows that the budget of this call was asked for; null = none was. */
  readonly budgeted: number | null
  query(text: string, values?: readonly Bound[]): Promise<Answer>
}

/**
 * Every value prints the same everywhere, whatever the server's, database's or role's settings say:
 * an image taken today compares with one taken tomorrow, and text read back gives the same value.
 */
const EXACT_TEXT = [
  `DateStyle = 'ISO, YMD'`,
  `IntervalStyle = 'postgres'`,
  `TimeZone = 'UTC'`,
  `extra_float_digits = 3`,
  `bytea_output = 'hex'`,
  `lc_monetary = 'C'`,
  `xmloption = 'content'`
]

/** One round trip. READ COMMITTED, because a check behind a lock must see what was committed while it waited. */
function beginning(limits: Limits, call: CallContext, mode: 'READ ONLY' | 'READ WRITE'): string {
  const statementMs = Math.max(1, Math.min(limits.statement_timeout_ms, call.timeoutMs))
  const settings = [
    ...EXACT_TEXT,
    `statement_timeout = ${statementMs}`,
    `lock_timeout = ${Math.min(limits.lock_timeout_ms, statementMs)}`,
    // A worker that dies in here must not keep its row locks.
    `idle_in_transaction_session_timeout = ${Math.max(1, call.timeoutMs)}`
  ]
  return [`BEGIN ISOLATION LEVEL READ COMMITTED ${mode}`, ...settings.map((setting) => `SET LOCAL ${setting}`)].join('; ')
}

async function begin(client: PostgresClient, call: CallContext, mode: 'READ ONLY' | 'READ WRITE'): Promise<Session> {
  const text = beginning(client.limits, call, mode)
  for (let attempt = 1; ; attempt++) {
    const session = await client.take()
    try {
      await session.query(text)
      return session
    } catch (error) {
      client.give(session, false)
      // A session kept from an earlier call may have died meanwhile; nothing was asked of it yet.
      if (!(error instanceof Lost) || attempt === 2) throw error
    }
  }
}

/** Runs `work` in a transaction that cannot write. */
export async function reading<O extends JsonObject>(
  client: PostgresClient,
  call: CallContext,
  work: (tx: Transaction) => Promise<ActionResult<O>>
): Promise<ActionResult<O>> {
  let session: Session | null = null
  try {
    session = await begin(client, call, 'READ ONLY')
    const result = await work(transactionOf(session, client, null))
    await leave(client, session)
    return result
  } catch (error) {
    if (session) await leave(client, session, error)
    return refusal(error)
  }
}

/**
 * Runs `work` in one transaction. A `done` is noted in the journal with its transaction id and then committed;
 * every other answer, and every error, is rolled back and promises that nothing changed. In a rehearsal, `done` is, too.
 */
export async function writing<O extends JsonObject>(
  client: PostgresClient,
  call: CallContext,
  work: (tx: Transaction) => Promise<ActionResult<O>>
): Promise<ActionResult<O>> {
  let session: Session | null = null
  let xid: string
  let result: ActionResult<O>
  try {
    session = await begin(client, call, 'READ WRITE')
    const tx = transactionOf(session, client, call.atMost?.affected ?? null)
    await fence(tx, call.fencing)
    result = await work(tx)
    if (result.kind !== 'done' || client.rehearses) {
      await leave(client, session)
      return result
    }
    xid = (await tx.query('SELECT pg_current_xact_id()::text')).rows[0]?.[0] ?? ''
    // INVARIANT: the note is durable before COMMIT leaves. No note, no effect.
    await call.note({ xid, output: result.output })
  } catch (error) {
    if (session) await leave(client, session, error)
    return refusal(error)
  }
  return commit(client, session, xid, result.output)
}

async function commit<O extends JsonObject>(client: PostgresClient, session: Session, xid: string, output: O): Promise<ActionResult<O>> {
  try {
    const { command } = await session.query('COMMIT')
    client.give(session, true)
    return command === 'COMMIT' ? done(output) : failed('not_committed', 'the transaction was rolled back')
  } catch {
    client.give(session, false)
  }
  // Whatever COMMIT answered but yes: only the server's own record tells.
  const status = await statusOf(client, xid)
  if (status === 'committed') return done(output)
  if (status === 'aborted')
    return failed('connection_lost', 'the connection was lost before the transaction was committed: nothing changed')
  return failed('outcome_unknown', `the connection was lost while transaction ${xid} was being committed`, 'unknown')
}

function transactionOf(session: Session, client: PostgresClient, budgeted: number | null): Transaction {
  return { limits: client.limits, budgeted, query: (text, values) => session.query(text, values) }
}

/** Rolls back. Where the connection is lost the session is dropped, and the server rolls back by itself. */
async function leave(client: PostgresClient, session: Session, error?: unknown): Promise<void> {
  const rolledBack = error instanceof Lost ? false : await session.query('ROLLBACK').then(Boolean, () => false)
  client.give(session, rolledBack)
}
