// One call on Slack: every request under the call's deadline, every failure turned into a result.
import { type ActionResult, type CallContext, failed, type Json, type Recovered } from '../../engine/index.ts'
import type { JsonObject } from '../../engine/index.ts'
import type { Self, SlackApi, SlackClient } from './client.ts'
import { SlackFailure, toFailure } from './failure.ts'

/** Slack, and the call that works on it. */
export interface Workspace {
  readonly api: SlackApi
  readonly client: SlackClient
  readonly call: CallContext
  /** What this call and its earlier attempts wrote into the journal, the newest value of each key. */
  noted(): { readonly [key: string]: Json | undefined }
  /** Marks the one request that changes something: without a clear answer its effect is unknown. */
  effect<T>(work: Promise<T>): Promise<T>
  /** Whose token this is. */
  self(): Promise<Self>
}

// The connector gives up first: then its request is aborted and its answer says what is known.
const SHARE_OF_TIME = 0.9

/** Thrown out of `effect`: the write itself met this. */
class EffectFailure extends Error {
  readonly failure: SlackFailure
  constructor(failure: SlackFailure) {
    super(failure.message)
    this.failure = failure
  }
}

/** Runs `act` where `id` is on the allow list. Never throws for what Slack does: a refusal or a lost answer is a result. */
export async function onSlack<O extends JsonObject>(
  client: SlackClient,
  id: string | null,
  call: CallContext,
  act: (workspace: Workspace) => Promise<ActionResult<O>>
): Promise<ActionResult<O>> {
  if (id !== null && !client.allows(id)) return notAllowed(id)
  try {
    return await act(open(client, call))
  } catch (error) {
    if (error instanceof EffectFailure) return error.failure.result(true)
    const failure = toFailure(error)
    if (failure === null) throw error
    return failure.result(false)
  }
}

/** Asks the world about a call whose outcome was lost; what Slack does not answer stays unknown. */
export async function lookUp<O extends JsonObject>(
  client: SlackClient,
  id: string,
  call: CallContext,
  look: (workspace: Workspace) => Promise<Recovered<O>>
): Promise<Recovered<O>> {
  if (!client.allows(id)) return { kind: 'unknown' }
  try {
    const workspace = open(client, call)
    const seen = await look(workspace)
    // A request without an answer may still be on its way: that its effect is not there yet does not mean never.
    return seen.kind === 'not_done' && workspace.noted()['unanswered'] === true ? { kind: 'unknown' } : seen
  } catch (error) {
    if (toFailure(error) === null) throw error
    return { kind: 'unknown' }
  }
}

/** The answer for an id that the installation did not list. */
export function notAllowed(id: string): ActionResult<never> {
  return failed('channel_not_allowed', `\`${id}\` is not on the allow list of the slack connector`)
}

function open(client: SlackClient, call: CallContext): Workspace {
  const api = client.within(Math.max(1, Math.floor(call.timeoutMs * SHARE_OF_TIME)))
  return {
    api,
    client,
    call,
    noted: () => Object.assign({}, ...call.notes),
    async effect(work) {
      try {
        return await work
      } catch (error) {
        const failure = toFailure(error)
        if (failure === null) throw error
        if (failure.doubt === 'open') await call.note({ unanswered: true })
        throw new EffectFailure(failure)
      }
    },
    async self() {
      const { known } = client
      if (known.self !== null) return known.self
      const { team_id, enterprise_id, bot_id, user_id } = await api.auth.test()
      if (!team_id) throw new SlackFailure('vendor_error', 'slack does not say whose token this is', 'none')
      known.self = { team_id, enterprise_id: enterprise_id ?? null, bot_id: bot_id ?? null, user_id: user_id ?? null }
      return known.self
    }
  }
}

/** Null where Slack refuses with one of these words. */
export async function orNull<T>(work: Promise<T>, ...codes: readonly string[]): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if (codes.includes(toFailure(error)?.code ?? '')) return null
    throw error
  }
}
