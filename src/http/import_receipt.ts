// Receipts of others, wrapped: what an SDK signed is kept as it came; what this installation signs is only that it came, from whom, and when.
import * as z from 'zod'
import {
  ActionTaken,
  ENGINE_VERSION,
  fault,
  Inverse,
  isPayloadOf,
  issueReceipt,
  Outcome,
  PolicyResult,
  RunMode,
  timeText,
  type Draft,
  type InputError,
  type JsonObject,
  type Receipt
} from '../engine/index.ts'
import { requireUser } from './auth.ts'
import type { Actor, Host } from './host.ts'
import type { PushedReceipt } from './schema.ts'

type Pushed = z.output<typeof PushedReceipt>

/**
 * Stores the receipt as imported; true when the very same was there before.
 * Throws `receipt_conflict` where the id belongs to anything else, be it a run that is still going on, and `invalid` where it contradicts itself.
 */
export async function importReceipt(host: Host, actor: Actor, pushed: Pushed): Promise<boolean> {
  const { ports } = host
  const contradictions = contradictionsOf(pushed, actor.team_id)
  if (contradictions.length > 0)
    throw fault('invalid', `\`${contradictions[0]!.pointer}\`: ${contradictions[0]!.detail}`, { errors: contradictions })
  const email = text(pushed.receipt.user_email, 254)
  requireUser(actor, email)
  const payload = { receipt: pushed.receipt }
  const stored = await ports.ledger.latest(actor.team_id, pushed.run_id)
  if (stored !== null) return isSame(host, stored, pushed, payload)
  // INVARIANT: a run of this installation owns its id from its first moment, or its receipt could be forestalled.
  if ((await host.runs.status(actor.team_id, pushed.run_id, 0)) !== null) throw taken(pushed.run_id)
  const receipt = await issueReceipt(draftOf(pushed, actor, email, payload, ports.clock.now()), ports)
  try {
    await ports.ledger.append(actor.team_id, receipt)
    return false
  } catch (error) {
    // Two pushed the same at once, or something else came first: what is stored decides.
    const winner = await ports.ledger.latest(actor.team_id, pushed.run_id)
    if (winner === null) throw error
    return isSame(host, winner, pushed, payload)
  }
}

async function isSame(host: Host, stored: Receipt, pushed: Pushed, payload: JsonObject): Promise<true> {
  const same =
    stored.mode === 'imported' &&
    stored.workflow === pushed.workflow &&
    stored.decision === pushed.decision &&
    (await isPayloadOf(stored, payload, host.ports))
  if (!same) throw taken(pushed.run_id)
  return true
}

function taken(runId: string) {
  return fault('receipt_conflict', `another receipt or run has the id \`${runId}\``)
}

/** The envelope and the receipt in it must tell one story; `team_id` may differ only where an embedded SDK named it for itself. */
function contradictionsOf({ receipt, ...envelope }: Pushed, teamId: string): InputError[] {
  const expected = { ...envelope, ...(receipt.mode === 'embedded' ? {} : { team_id: teamId }) }
  return Object.entries(expected).flatMap(([key, value]) =>
    receipt[key] === undefined || receipt[key] === value ? [] : [{ pointer: `/receipt/${key}`, detail: `contradicts \`${value}\`` }]
  )
}

function draftOf(
  { run_id, workflow, decision, receipt }: Pushed,
  actor: Actor,
  user_email: string,
  payload: JsonObject,
  now: number
): Draft {
  return {
    run_id,
    revision: 0,
    team_id: actor.team_id,
    mode: 'imported',
    run_mode: RunMode.safeParse(receipt.run_mode).data ?? 'enforce',
    workflow,
    user_email,
    user_attributes: {},
    actor: { api_key_id: actor.api_key_id, session_id: null },
    payload,
    policy_results: listOf(receipt.policy_results, ShownResult),
    facts: {},
    decision,
    outcome: Outcome.safeParse(receipt.outcome).data ?? (decision === 'BLOCK' ? 'NONE' : 'UNKNOWN'),
    actions_taken: listOf(receipt.actions_taken, shownAction(timeText(now))),
    approval: null,
    locks: [],
    links: {},
    config_digest: text(receipt.config_digest, 128),
    engine_version: ENGINE_VERSION,
    timestamp: timeText(now)
  }
}

/** Results of any SDK, as far as they can be shown in a receipt's columns; the original has the rest. */
const ShownResult = z
  .object({ policy: z.string(), passed: z.boolean(), reason: z.string().catch('') })
  .transform(({ policy, passed, reason }): PolicyResult => ({ policy, passed, effect: passed ? 'allow' : 'deny', reason }))

function shownAction(at: string) {
  const known = z
    .object({
      action: z.string(),
      system: z.string(),
      success: z.boolean(),
      output: z.record(z.string(), z.json()).catch({}),
      rollback_data: z.union([Inverse, z.literal('irreversible'), z.null()]).catch(null)
    })
    .transform((line): ActionTaken => ({
      ...line,
      status: line.success ? 'DONE' : 'FAILED',
      resources: [],
      started_at: at,
      finished_at: at,
      error: null
    }))
  return z.union([ActionTaken, known])
}

/** The items that fit. */
function listOf<T>(value: unknown, item: z.ZodType<T>): T[] {
  return Array.isArray(value) ? value.flatMap((one) => item.safeParse(one).data ?? []) : []
}

function text(value: unknown, lengthMax: number): string {
  return typeof value === 'string' && value.length <= lengthMax ? value : ''
}
