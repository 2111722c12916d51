// One call against its system: with a time-out, a truthful result, recovery of a lost outcome, and the inverse.
import { failed, type ActionResult, type AnyAction, type CallContext } from './connector.ts'
import type { Target } from './config.ts'
import { connectOnce } from './connections.ts'
import { receiptLocks } from './hold.ts'
import { pastCall } from './past.ts'
import { messageOf, toJsonObject } from './plain.ts'
import type { ActionStatus, ActionTaken, ErrorNote, Inverse, JsonObject } from './schema.ts'
import type { Running } from './recorder.ts'

/** How long one call may take where its action does not say. */
export const CALL_TIMEOUT_MS = 20_000

const INTERRUPTED = 'interrupted'

type Performed = Pick<ActionTaken, 'success' | 'status' | 'output' | 'rollback_data' | 'error'>
type Settled = ActionResult & { readonly inFlight?: boolean }

/** Runs (or, with `notes` of an interrupted attempt, recovers) one call. Never throws for what the system does. */
export async function perform(
  run: Running,
  target: Target,
  input: JsonObject,
  expect: JsonObject | null,
  ordinal: number,
  notes: readonly JsonObject[] | null,
  atMost: Readonly<Record<string, number>> | null
): Promise<{ taken: Performed; output: JsonObject | null }> {
  const { action } = target
  const noted = [...(notes ?? [])]
  let isOver = false
  const context: CallContext = {
    idempotencyKey: `${run.order.run_id}/${ordinal}`,
    expect,
    timeoutMs: action.timeoutMs ?? CALL_TIMEOUT_MS,
    notes: noted,
    ...(atMost === null ? {} : { atMost }),
    ...(run.held.locks.size > 0 ? { fencing: receiptLocks(run.held) } : {}),
    async note(data) {
      // A call that was given up must not make its effect permanent after its outcome is on record.
      if (isOver) throw new Error('this call is over: its outcome is recorded')
      const plain = toJsonObject(data)
      await run.journal.append({ type: 'note', at: run.ports.clock.now(), ordinal, data: plain })
      noted.push(plain)
    }
  }
  let result: Settled
  try {
    const client = await connectOnce(run.connections, target.system)
    const act = async () =>
      (await doneBefore(run, target, client, input, context)) ??
      attempt(run, context, action.mutates, () => action.run(client as never, input as never, context))
    result =
      notes === null
        ? await act()
        : { kind: 'failed', code: INTERRUPTED, message: 'the run was interrupted during this call', effect: 'unknown' }
    if (result.kind === 'failed' && result.effect === 'unknown' && action.mutates)
      result = await recover(run, action, client, input, context, result, act)
  } catch (error) {
    result = { kind: 'failed', code: 'connect_failed', message: messageOf(error), effect: 'none' }
  }
  isOver = true
  return describe(result, action, input, run.kind === 'rollback')
}

/** What an earlier run of the team makes of this call; null where none did the same. Where nobody can tell, nothing is done. */
async function doneBefore(
  run: Running,
  { name, action }: Target,
  client: unknown,
  input: JsonObject,
  { timeoutMs, notes }: CallContext
): Promise<Settled | null> {
  const { past, timer } = run.ports
  const query = action.mutates ? (action.once?.ask(input as never) ?? null) : null
  if (!action.mutates || query === null || past === undefined || notes.length > 0) return null
  try {
    const earlier = await timer.within(timeoutMs, pastCall(past, run.order.team_id, query, name))
    return earlier === null ? null : await action.once!.answer(client as never, input as never, earlier)
  } catch (error) {
    return failed('past_unknown', `whether an earlier run did this could not be read: ${messageOf(error)}`)
  }
}

async function attempt(run: Running, context: CallContext, mutates: boolean, work: () => Promise<ActionResult>): Promise<Settled> {
  try {
    return await run.ports.timer.within(context.timeoutMs, Promise.resolve().then(work))
  } catch (error) {
    const timedOut = error instanceof Error && error.name === 'TimeoutError'
    const message = timedOut ? `no answer within ${context.timeoutMs} ms` : messageOf(error)
    return {
      kind: 'failed',
      code: timedOut ? 'timeout' : 'connector_threw',
      message,
      effect: mutates ? 'unknown' : 'none',
      inFlight: timedOut
    }
  }
}

/** An effect is unknown: look, or send again under the same key, or leave it unknown. Never guess. */
async function recover(
  run: Running,
  action: AnyAction & { mutates: true },
  client: unknown,
  input: JsonObject,
  context: CallContext,
  lost: Settled & { kind: 'failed' },
  again: () => Promise<Settled>
): Promise<ActionResult> {
  if (action.recovery === 'opaque') return lost
  if (action.recovery === 'keyed') return again()
  const look = action.recovery
  try {
    const seen = await run.ports.timer.within(context.timeoutMs, look(client as never, input as never, context))
    if (seen.kind === 'done') return { kind: 'done', output: seen.output }
    // A request that was never answered may still arrive after the look: "not there yet" is not "never".
    if (seen.kind === 'not_done' && !lost.inFlight) return lost.code === INTERRUPTED ? await again() : { ...lost, effect: 'none' }
  } catch {
    // The look failed: what was unknown stays unknown.
  }
  return lost
}

function describe(
  result: ActionResult,
  action: AnyAction,
  input: JsonObject,
  isRollback: boolean
): { taken: Performed; output: JsonObject | null } {
  if (result.kind === 'failed' || result.kind === 'conflict') {
    const unknown = result.kind === 'failed' && result.effect === 'unknown'
    const status: ActionStatus = result.kind === 'conflict' && isRollback ? 'CONFLICT' : unknown ? 'UNKNOWN' : 'FAILED'
    const error: ErrorNote = { code: result.kind === 'conflict' ? 'conflict' : result.code, message: result.message }
    const output: JsonObject = result.kind === 'conflict' ? { found: toJsonObject(result.found) } : {}
    return { taken: { success: false, status, output, rollback_data: null, error }, output: null }
  }
  const output: JsonObject = { ...toJsonObject(result.output), already_done: result.kind === 'already' ? result.what : false }
  const done: ActionStatus = isRollback ? 'REVERTED' : 'DONE'
  const status = result.kind === 'already' ? 'ALREADY' : done
  const { rollback_data, error } =
    result.kind === 'already' || isRollback ? { rollback_data: null, error: null } : inverseOf(action, input, output)
  const shown = action.shows === undefined ? output : { ...toJsonObject(action.shows(result.output)), already_done: output.already_done! }
  return { taken: { success: true, status, output: shown, rollback_data, error }, output }
}

function inverseOf(
  action: AnyAction,
  input: JsonObject,
  output: JsonObject
): { rollback_data: Inverse | 'irreversible' | null; error: ErrorNote | null } {
  if (!action.mutates) return { rollback_data: null, error: null }
  if (action.inverse === 'irreversible') return { rollback_data: 'irreversible', error: null }
  try {
    const inverse = action.inverse(input as never, output as never)
    return { rollback_data: inverse === null ? null : (toJsonObject(inverse) as Inverse), error: null }
  } catch (error) {
    return { rollback_data: 'irreversible', error: { code: 'inverse_failed', message: messageOf(error) } }
  }
}
