// Asking people in the middle of a run: once per question, over the journal, so that a run that resumes meets its own question again.
import type { Installation, Target } from './config.ts'
import { closeAll, connectOnce, type Connections } from './connections.ts'
import { Fault } from './fault.ts'
import { CALL_TIMEOUT_MS } from './perform.ts'
import { messageOf, toJsonObject } from './plain.ts'
import type { ApprovalAsk, Journal, JournalEntry, Ports } from './ports.ts'
import { requestDigest } from './approval_digest.ts'
import type { Approval, JsonObject, PolicyResult } from './schema.ts'

/** The ordinal under which the request itself is asked about. */
export const REQUEST_ORDINAL = -1

/** What became of a question. `waiting` suspends the run; `ended` is a BLOCK. */
export type Asked =
  | { readonly kind: 'approved'; readonly approval: Approval }
  | { readonly kind: 'waiting'; readonly hitl_id: string; readonly expires_at: string }
  | { readonly kind: 'ended'; readonly result: PolicyResult; readonly approval: Approval | null }

interface Asking {
  readonly ports: Ports
  readonly journal: Journal
  readonly entries: readonly JournalEntry[]
}

/**
 * Asks, or looks what became of it. INVARIANT: an approval is used up, by its own object, for exactly this digest of team, workflow,
 * payload and preview, before anything is done under it; a world that looks different by then is another digest.
 */
export async function askPeople({ ports, journal, entries }: Asking, ask: ApprovalAsk, redeems: string | null = null): Promise<Asked> {
  const { ordinal, team_id, run_id } = ask
  const call = ordinal === REQUEST_ORDINAL ? {} : { call: ordinal }
  const approved = entries.find((entry) => entry.type === 'approved' && entry.ordinal === ordinal)
  if (approved?.type === 'approved') return { kind: 'approved', approval: approved.approval as unknown as Approval }
  const ended = (code: string, reason: string, approval: Approval | null): Asked => ({
    kind: 'ended',
    result: { policy: 'approval', passed: false, effect: 'deny', reason, code, ...call },
    approval
  })
  if (ports.approvals === null)
    return ended('approval_unavailable', 'a person must approve this, and this installation has no approvals', null)
  try {
    const before = entries.find((entry) => entry.type === 'asked' && entry.ordinal === ordinal)
    let hitl_id = before?.type === 'asked' ? before.hitl_id : redeems
    if (hitl_id === null) {
      const opened = await ports.approvals.request(ask)
      hitl_id = opened.hitl_id
      await journal.append({ type: 'asked', at: ports.clock.now(), ordinal, hitl_id, expires_at: opened.expires_at })
    }
    const answer = await ports.approvals.consume(team_id, hitl_id, run_id, requestDigest(ask, ports.hash))
    if (answer.kind === 'pending')
      return redeems === null
        ? { kind: 'waiting', hitl_id, expires_at: answer.expires_at }
        : ended('approval_pending', 'nobody has decided on this approval yet', null)
    if (answer.kind === 'ended') return ended(answer.code, answer.detail, answer.approval)
    await journal.append({ type: 'approved', at: ports.clock.now(), ordinal, approval: answer.approval as unknown as JsonObject })
    return { kind: 'approved', approval: answer.approval }
  } catch (error) {
    // Nobody who could be asked is an answer; a part that does not answer is not: the run tries again.
    if (error instanceof Fault && error.status < 500) return ended(error.code, error.detail, null)
    throw error
  }
}

/**
 * The same for what an approver makes of a run's request; null where it says nothing of the world (a workflow, an input that does not fit).
 * INVARIANT: the run looks in the same way before it acts, or no edit would ever be what was approved.
 */
export async function previewOfEdit(
  installation: Installation,
  workflow: string,
  payload: JsonObject,
  ports: Ports
): Promise<JsonObject | null> {
  const target = installation.actions.get(workflow)
  const input = target?.action.input.safeParse(payload)
  if (target === undefined || input?.success !== true) return null
  const connections: Connections = new Map()
  try {
    return await previewOf(target, input.data as JsonObject, ports, connections)
  } finally {
    if (connections.size > 0) await closeAll(connections)
  }
}

/** Of several policies that ask, the one that wants most people counts. */
export function neededBy(results: readonly PolicyResult[]): number {
  return Math.max(1, ...results.filter((result) => result.effect === 'ask').map((result) => result.needed ?? 1))
}

/** What the world looks like where this call would act, by reading only; {} where the action cannot tell. Never throws. */
export async function previewOf(target: Target | null, input: JsonObject, ports: Ports, connections: Connections): Promise<JsonObject> {
  const action = target?.action
  if (target === null || !action?.mutates || action.preview === undefined) return {}
  const timeoutMs = action.timeoutMs ?? CALL_TIMEOUT_MS
  const context = { idempotencyKey: '', expect: null, timeoutMs, notes: [], note: () => Promise.resolve() }
  try {
    const client = await connectOnce(connections, target.system)
    const result = await ports.timer.within(timeoutMs, action.preview(client as never, input as never, context))
    return result.kind === 'done' || result.kind === 'already'
      ? { [result.kind]: toJsonObject(result.output) }
      : { [result.kind]: result.message }
  } catch (error) {
    return { failed: messageOf(error) }
  }
}
