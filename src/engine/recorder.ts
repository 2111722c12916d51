// The recorder: every call a run makes is judged, written down before its effect and again after it, and given its inverse.
import { digestOf } from './canonical.ts'
import type { Installation, Target } from './config.ts'
import type { Connections } from './connections.ts'
import { CLEARED, clearCall } from './call_gate.ts'
import type { Held } from './hold.ts'
import { perform } from './perform.ts'
import { timeText } from './plain.ts'
import type { Journal, JournalEntry, Ports } from './ports.ts'
import type { Admitted, Judged } from './run.ts'
import { settleCall } from './run_budget.ts'
import type { ActionTaken, Approval, JsonObject, PolicyResult } from './schema.ts'

/** What one call left behind: its line in the receipt, its unredacted output, and the verdicts over it. */
export interface Step {
  readonly taken: ActionTaken
  readonly output: JsonObject | null
  readonly results: readonly PolicyResult[]
  readonly facts: JsonObject
}

/** What an earlier attempt wrote about one call. */
export interface PastCall {
  readonly digest: string
  readonly notes: JsonObject[]
  step: Step | null
  /** Since when, and what: for a call whose outcome nobody will ever write. */
  readonly intent: { readonly at: number; readonly call: JsonObject; readonly at_most?: JsonObject } | null
}

/** A run while it executes. */
export interface Running {
  readonly installation: Installation
  readonly ports: Ports
  readonly journal: Journal
  readonly connections: Connections
  /** As the first attempt was given it: a resumed run does what was admitted, or what an approver made of it, whatever its caller says now. */
  order: Admitted
  /** The verdict that counts: the last one before the first effect. */
  judged: Judged
  /** The journal as it was when this attempt began. */
  readonly entries: readonly JournalEntry[]
  /** `workflow`: each call is judged. `action`: the request was the call, judged once. `rollback`: inverses, on no allow list. */
  readonly kind: 'workflow' | 'action' | 'rollback'
  readonly past: ReadonlyMap<number, PastCall>
  readonly held: Held
  /** By ordinal, as they settle. */
  readonly steps: Map<number, Step>
  readonly pending: Promise<Step>[]
  /** What the request's budgets let its one call come to, by key of the output. */
  atMost: Readonly<Record<string, number>>
  /** The last one that this run has got, or that ended it. */
  approval: Approval | null
  /** Set = suspended until a person decides. */
  waiting: { readonly hitl_id: string; readonly expires_at: string } | null
  /** The next call's ordinal. */
  next: number
  /** Set once: the run makes no further call, even if its workflow swallows the error. */
  ended: Ended | null
}

/** Why a run stopped early. */
export class Ended extends Error {
  readonly code: 'blocked' | 'failed' | 'diverged' | 'suspended'
  constructor(code: 'blocked' | 'failed' | 'diverged' | 'suspended', message: string) {
    super(message)
    this.name = 'Ended'
    this.code = code
  }
}

/** The reducer over a journal: what is known of each call. */
export function pastCalls(entries: readonly JournalEntry[]): Map<number, PastCall> {
  const past = new Map<number, PastCall>()
  for (const entry of entries) {
    if (entry.type === 'intent') past.set(entry.ordinal, { digest: entry.digest, notes: [], step: null, intent: entry })
    if (entry.type === 'note') past.get(entry.ordinal)?.notes.push(entry.data)
    if (entry.type === 'outcome')
      past.set(entry.ordinal, { digest: entry.digest, notes: [], step: entry.step as unknown as Step, intent: null })
  }
  return past
}

/** What a run that cannot go on says of a call: what it knows, or that the effect is unknown. */
export function stepAsKnown({ step, intent }: PastCall, now: number): Step | null {
  if (step !== null || intent === null) return step
  const { system, action } = intent.call
  const taken: ActionTaken = {
    system: String(system),
    action: String(action),
    success: false,
    status: 'UNKNOWN',
    output: {},
    rollback_data: null,
    resources: [],
    started_at: timeText(intent.at),
    finished_at: timeText(now),
    error: { code: 'interrupted', message: 'the run was interrupted during this call and could not look what became of it' }
  }
  return { taken, output: null, results: [], facts: {} }
}

/** What a rollback knows of the call it takes back. */
export interface Undoing {
  readonly expect: JsonObject
  /** The ordinal, in the original run, of the call being taken back. */
  readonly undoes: number
}

/**
 * Makes one call of a run, or answers it from the journal. Resolves to its step whatever became of the call;
 * in workflows and actions the run is ended unless it succeeded. Throws `Ended` when the run is over already or the journal tells of another call.
 */
export function recordCall(run: Running, target: Target, input: JsonObject, undoing: Undoing | null = null): Promise<Step> {
  const call = { system: target.system.id, action: target.name, input, expect: undoing?.expect ?? null }
  return remember(run, call, (ordinal, digest, past) => judgeAndPerform(run, target, call, undoing, ordinal, digest, past))
}

/** Writes down a step of a rollback that makes no call (irreversible, undone before, system gone). */
export function recordKnown(
  run: Running,
  system: string,
  action: string,
  undoes: number,
  known: Pick<ActionTaken, 'success' | 'status' | 'output' | 'error'>
): Promise<Step> {
  const at = timeText(run.ports.clock.now())
  const taken: ActionTaken = {
    system,
    action,
    rollback_data: null,
    resources: [],
    started_at: at,
    finished_at: at,
    ...known,
    output: { ...known.output, undoes }
  }
  return remember(run, { system, action, undoes }, () => Promise.resolve({ taken, output: null, results: [], facts: {} }))
}

async function remember(
  run: Running,
  call: JsonObject,
  make: (ordinal: number, digest: string, past: PastCall | null) => Promise<Step>
): Promise<Step> {
  if (run.ended !== null) throw run.ended
  const ordinal = run.next++
  const digest = digestOf(call, run.ports.hash)
  const past = run.past.get(ordinal)
  if (past !== undefined && past.digest !== digest) {
    run.ended = new Ended('diverged', `call ${ordinal} is not the one in the journal: the workflow is not deterministic`)
    throw run.ended
  }
  if (past?.step) return settle(run, ordinal, past.step)
  const work = make(ordinal, digest, past ?? null).then(async (step) => {
    await run.journal.append({ type: 'outcome', at: run.ports.clock.now(), ordinal, digest, step: step as unknown as JsonObject })
    await settleCall(run, ordinal, step)
    return settle(run, ordinal, step)
  })
  // A workflow that does not await a call, or fails beside it, must not leave it out of the receipt.
  run.pending.push(work)
  return work
}

function settle(run: Running, ordinal: number, step: Step): Step {
  run.steps.set(ordinal, step)
  if (run.kind !== 'rollback' && !step.taken.success) {
    const { code, message } = step.taken.error ?? { code: 'failed', message: 'the call failed' }
    run.ended ??= new Ended(code === 'blocked' ? 'blocked' : 'failed', message)
  }
  return step
}

async function judgeAndPerform(
  run: Running,
  target: Target,
  call: JsonObject & { readonly input: JsonObject },
  undoing: Undoing | null,
  ordinal: number,
  digest: string,
  past: PastCall | null
): Promise<Step> {
  const { ports } = run
  const notes = past?.notes ?? null
  const { input } = call
  const startedAt = ports.clock.now()
  const line = { action: target.name, system: target.system.id, resources: [] as string[], started_at: timeText(startedAt) }
  const refuse = (
    status: 'FAILED' | 'SKIPPED',
    code: string,
    message: string,
    results: readonly PolicyResult[] = [],
    facts: JsonObject = {}
  ): Step => ({
    taken: {
      ...line,
      success: false,
      status,
      output: {},
      rollback_data: null,
      finished_at: timeText(ports.clock.now()),
      error: { code, message }
    },
    output: null,
    results,
    facts
  })
  const parsed = target.action.input.safeParse(input)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    return refuse(
      'FAILED',
      'invalid_input',
      `\`${target.name}\` does not take this input: \`${issue?.path.join('.') ?? ''}\` ${issue?.message ?? ''}`
    )
  }
  const checked = parsed.data as JsonObject
  line.resources = resourcesOf(target, checked)
  // An intent in the journal was judged before it was written: judging it again could leave a real effect unrecorded.
  const judged = notes !== null ? CLEARED : await clearCall(run, target, checked, line.resources, ordinal, startedAt)
  if (judged.denied !== null) {
    const status = run.kind === 'rollback' ? 'FAILED' : 'SKIPPED'
    return refuse(status, 'blocked', `${judged.denied.policy}: ${judged.denied.reason}`, judged.results, judged.facts)
  }
  // INVARIANT: what the call may come to stands beside its intent, so that an attempt that resumes it is held to the same.
  const at_most = (past?.intent?.at_most as Record<string, number> | undefined) ?? { ...run.atMost, ...judged.atMost }
  const isBound = Object.keys(at_most).length > 0
  if (notes === null && target.action.mutates) {
    await run.journal.append({ type: 'intent', at: startedAt, ordinal, digest, call, ...(isBound ? { at_most } : {}) })
  }
  const { taken, output } = await perform(run, target, checked, undoing?.expect ?? null, ordinal, notes, isBound ? at_most : null)
  const shown = undoing === null ? taken.output : { ...taken.output, undoes: undoing.undoes }
  return {
    taken: { ...taken, ...line, output: shown, finished_at: timeText(ports.clock.now()) },
    output,
    results: judged.results,
    facts: judged.facts
  }
}

/** What a call touches; a connector that cannot say is taken to touch its whole system. */
export function resourcesOf(target: Target, input: JsonObject): string[] {
  try {
    return [...target.action.resources(input)]
  } catch {
    return [target.system.id]
  }
}
