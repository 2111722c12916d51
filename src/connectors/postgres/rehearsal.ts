// The dry run of an undo: it is carried out and rolled back, so that it asks every constraint and trigger and says what they say.
import type { ActionResult, CallContext } from '../../engine/connector.ts'
import type { JsonObject } from '../../engine/schema.ts'
import type { PostgresClient } from './client.ts'

interface Runs<I> {
  run(client: PostgresClient, input: I, call: CallContext): Promise<ActionResult<JsonObject>>
}

/** The action with a `preview` that answers exactly what `run` would, and changes nothing. */
export function rehearsed<I, A extends Runs<I>>(action: A & Runs<I>): A & { preview: Runs<I>['run'] } {
  return { ...action, preview: (client, input, call) => action.run({ ...client, rehearses: true }, input, call) }
}
