// From whatever stopped a transaction to a result that says what to do, and promises that nothing changed.
import { conflict, failed, type ActionResult } from '../../engine/connector.ts'
import { Lost, Refused } from './session.ts'

/** Thrown inside a transaction to end it with this result; the transaction is rolled back. */
export class Refusal extends Error {
  readonly result: ActionResult<never>
  constructor(result: ActionResult<never>) {
    super(result.kind)
    this.name = 'Refusal'
    this.result = result
  }
}

/** Ends the transaction: `throw refuse('too_many_rows', '…')`. */
export function refuse(code: string, message: string): Refusal {
  return new Refusal(failed(code, message))
}

/** SQLSTATE, or its class, → the code in the receipt (PostgreSQL documentation, appendix A). */
const CODES: Readonly<Record<string, string>> = {
  '23505': 'duplicate',
  '23503': 'foreign_key',
  '23502': 'not_null',
  '23514': 'check_failed',
  '25006': 'read_only',
  '428C9': 'generated_column',
  '28': 'login_refused',
  '3D': 'no_such_database',
  '40': 'try_again',
  '42501': 'permission_denied',
  '42883': 'no_such_operator',
  '53': 'server_busy',
  '55P03': 'lock_timeout',
  '57014': 'statement_timeout',
  '22': 'bad_value',
  '23': 'constraint'
}

/** The result for an error thrown before COMMIT was sent: the server rolls back, so the effect is none. */
export function refusal(error: unknown): ActionResult<never> {
  if (error instanceof Refusal) return error.result
  if (error instanceof Refused)
    return failed(CODES[error.state] ?? CODES[error.state.slice(0, 2)] ?? `postgres_${error.state}`, withoutValue(error))
  if (error instanceof Lost) return failed('connection_lost', error.message)
  return failed('internal', error instanceof Error ? error.message : 'an unexpected error')
}

/** What cannot be read is quoted by the server, and may be a secret that only its column's name would have told of. */
function withoutValue({ state, message }: Refused): string {
  return state.startsWith('22') ? message.replace(/: "[^]*"$/, '').replace(/^(row \d+: )?value "[^]*" is/, '$1the value is') : message
}

/** Runs the part of an undo that writes: a constraint that now stands against it means that the world has moved on. */
export async function orConflict<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Refused && error.state.startsWith('23')) throw new Refusal(conflict(error.message))
    throw error
  }
}
