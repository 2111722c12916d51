// How a write to Slack is written: what to read first, the one effect that may be left, and how to see afterwards whether it was made.
import type * as z from 'zod'
import { actionsOf, done, type ActionResult, type JsonObject, type MutatingAction, type Recovered } from '../../engine/index.ts'
import type { SlackClient } from './client.ts'
import { lookUp, onSlack, type Workspace } from './workspace.ts'

const action = actionsOf<SlackClient>()

/** The answer already; or what somebody who must approve should see, and the effect that is left to make. */
export type Planned<O extends JsonObject> = ActionResult<O> | { readonly shows: JsonObject; readonly act: () => Promise<ActionResult<O>> }

interface WritingText<I extends z.ZodObject, O extends JsonObject> {
  readonly title: string
  readonly input: I
  resources(input: z.output<I>): readonly string[]
  /** Changes nothing, so a dry run or a preview can ask it too. */
  plan(workspace: Workspace, input: z.output<I>): Promise<Planned<O>>
  /** Whether the effect of this call is there. It only reads; Slack honours no idempotency keys. */
  look(workspace: Workspace, input: z.output<I>): Promise<Recovered<O>>
  readonly inverse: MutatingAction<SlackClient, I, O>['inverse']
  readonly internal?: boolean
}

/** An action with exactly one request that changes something; after a crash or a lost answer `look` decides. */
export function writing<I extends z.ZodObject, O extends JsonObject>(text: WritingText<I, O>): MutatingAction<SlackClient, I, O> {
  const { title, input, resources, plan, look, inverse, internal = false } = text
  return action<I, O>({
    title,
    input,
    mutates: true,
    internal,
    resources,
    inverse,
    timeoutMs: 30_000,
    run: (client, given, call) =>
      onSlack(client, channelOf(given), call, async (workspace) => {
        const planned = await plan(workspace, given)
        return 'act' in planned ? planned.act() : planned
      }),
    preview: (client, given, call) =>
      onSlack<JsonObject>(client, channelOf(given), call, async (workspace) => {
        const planned = await plan(workspace, given)
        return 'act' in planned ? done(planned.shows) : planned
      }),
    recovery: (client, given, call) => lookUp(client, channelOf(given), call, (workspace) => look(workspace, given))
  })
}

function channelOf(input: object): string {
  return (input as { channel: string }).channel
}
