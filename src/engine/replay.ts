// Judges receipts again: what a configuration would say today about what was decided then. Facts and time are the receipt's. Pure, but for the parsers.
import { contextsOf, type SessionStep } from './agent_session.ts'
import { allowListRefusal } from './call_gate.ts'
import type { Installation } from './config.ts'
import { BUDGETS_FACT, figuresIn } from './budget_terms.ts'
import { contextOf, judgeAll, strictest } from './gate.ts'
import { PROMOTED, type Policy } from './policy.ts'
import type { Parsers } from './ports.ts'
import { readPayload, resolve } from './run.ts'
import type { Json, JsonObject, PolicyResult, Receipt } from './schema.ts'

/** What became of one receipt. `unknown`: it cannot be judged again, and `why` says why; nothing is guessed. */
export type Replayed =
  | {
      readonly kind: 'same' | 'changed'
      readonly was: ReplayedVerdict
      readonly now: ReplayedVerdict
      readonly because: readonly Difference[]
    }
  | { readonly kind: 'unknown'; readonly why: string }

export type ReplayedVerdict = 'PASS' | 'BLOCK' | 'HOLD'

/** A policy that says something else now; null = it was or is not among those that judge. */
export interface Difference {
  readonly policy: string
  readonly was: string | null
  readonly now: string | null
  readonly reason: string
}

/** What the host adds by itself; of these the receipt is believed. */
const OF_THE_HOST: ReadonlySet<string> = new Set(['kill_switch', 'permission_request'])
/** What people, locks and the world said after the verdict. */
const AFTERWARDS: ReadonlySet<string> = new Set(['approval', 'locks', 'lock'])

/** Whether policies decided it. Enact also receipts what it did by itself: approvals, changes of people, keys and facts. */
export function wasJudged({ workflow, policy_results }: Receipt, installation: Installation): boolean {
  return !workflow.startsWith('approval:') && (policy_results.length > 0 || resolve(installation, workflow) !== null)
}

/** `session`: the earlier receipts of the same session, oldest first. */
export async function replay(
  receipt: Receipt,
  session: readonly Receipt[],
  installation: Installation,
  parsers: Parsers
): Promise<Replayed> {
  if (receipt.mode === 'imported') return unknown('it was imported: its policies judged elsewhere')
  if (!receipt.payload_digest.startsWith('sha256:')) return unknown('secrets were taken out of its payload')
  const found = resolve(installation, receipt.workflow)
  const target = found !== null && 'target' in found ? found.target : null
  const isRollback = receipt.workflow.startsWith('rollback:')
  const policies = found === null && !isRollback ? [] : installation.requestPolicies(receipt.workflow)
  const before = stepsBefore(receipt, session)
  if (typeof before === 'string') return unknown(before)
  let payload: JsonObject
  try {
    payload = receipt.mode === 'observed' || isRollback ? receipt.payload : readPayload(installation, receipt.workflow, receipt.payload)
  } catch (error) {
    return unknown(`its payload does not fit any more: ${(error as Error).message}`)
  }
  // The parser starts anew after a text that exhausted it.
  await parsers.load([...new Set(policies.flatMap(({ parses }) => parses))])
  const subject = { ...receipt, mode: receipt.mode }
  const now = Date.parse(receipt.judged_at ?? receipt.timestamp)
  const context = { ...contextOf(subject, payload, receipt.facts, now, { parsers }, target), before: contextsOf(before, parsers) }
  const answerable = policies.filter((policy) => unread(policy, receipt) === null)
  const judged = judgeAll(answerable, context, new Map())
  const refusal = isRollback ? null : found === null ? NOT_LISTED : target === null ? null : allowListRefusal(target)
  const kept = receipt.policy_results.filter(
    ({ policy, call }) => OF_THE_HOST.has(policy) || (call !== undefined && !AFTERWARDS.has(policy))
  )
  const gone = kept.find(
    ({ policy, effect, call }) => call !== undefined && effect === 'deny' && !installation.policies.some(({ id }) => id === policy)
  )
  if (gone !== undefined) return unknown(`\`${gone.policy}\` blocked a call of it, whose input is not in the receipt`)
  const results = [...(refusal === null ? [] : [refusal]), ...judged, ...kept]
  const open = policies.filter((policy) => !answerable.includes(policy))
  if (strictest(results) !== 'deny' && open.length > 0)
    return unknown(`\`${open[0]!.id}\` needs \`${unread(open[0]!, receipt)}\`, which was not read then`)
  return compared(receipt, results)
}

function compared(receipt: Receipt, results: readonly PolicyResult[]): Replayed {
  const lost = receipt.policy_results.filter(({ policy, effect }) => effect === 'deny' && AFTERWARDS.has(policy))
  const was: ReplayedVerdict = receipt.decision === 'BLOCK' ? 'BLOCK' : 'PASS'
  const now = verdictOf(results, receipt, lost)
  const because = was === now ? [] : differences(receipt.policy_results, results)
  return { kind: was === now ? 'same' : 'changed', was, now, because }
}

/** An approval holds for what it was given for; a question that ended without one stays ended; a new question is a hold. */
function verdictOf(
  results: readonly PolicyResult[],
  { approval, policy_results }: Receipt,
  lost: readonly PolicyResult[]
): ReplayedVerdict {
  const effect = strictest(results)
  if (effect === 'deny') return 'BLOCK'
  const wasAsked = policy_results.some((result) => result.effect === 'ask')
  if (effect === 'ask') return approval?.decision === 'APPROVED' ? 'PASS' : wasAsked && lost.length > 0 ? 'BLOCK' : 'HOLD'
  return lost.some(({ policy }) => policy !== 'approval') ? 'BLOCK' : 'PASS'
}

function differences(before: readonly PolicyResult[], after: readonly PolicyResult[]): Difference[] {
  const names = new Set(
    [...before, ...after].filter(({ call, policy }) => call === undefined && !AFTERWARDS.has(policy)).map(({ policy }) => policy)
  )
  return [...names].flatMap((policy) => {
    const was = worst(before, policy)
    const now = worst(after, policy)
    // Whoever allowed and is not asked any more has not changed anything.
    return (was?.effect ?? 'allow') === (now?.effect ?? 'allow')
      ? []
      : [{ policy, was: was?.effect ?? null, now: now?.effect ?? null, reason: (now ?? was)!.reason }]
  })
}

function worst(results: readonly PolicyResult[], policy: string): PolicyResult | undefined {
  const own = results.filter((result) => result.policy === policy && result.call === undefined)
  return own.find(({ effect }) => effect === strictest(own))
}

/** A fact that was never set is absent, and so is one that nobody read: only a policy that judged then is known to have read it. */
function unread({ id, facts, lookups, mode, budget }: Policy, receipt: Receipt): string | null {
  if (receipt.policy_results.some(({ policy }) => policy === id)) return null
  // What was used at that time stands only in the receipts of those who asked.
  if (budget !== null && receipt.run_mode === 'enforce' && figuresIn(receipt.facts, budget) === null) return BUDGETS_FACT
  const names = [...facts.filter((name) => mode !== 'shadow' || name !== PROMOTED), ...lookups.map(({ action }) => action)]
  return names.find((name) => !Object.hasOwn(receipt.facts, name)) ?? null
}

/** What policies saw of the session; a text where not all of it is there. */
function stepsBefore(receipt: Receipt, session: readonly Receipt[]): SessionStep[] | string {
  const { session: told } = receipt.facts
  const steps = session
    .filter(({ decision }) => decision !== 'BLOCK')
    .map((one): SessionStep => {
      const [system = null, action = null] = one.workflow.includes('.')
        ? one.workflow.split('.', 2)
        : [one.actions_taken[0]?.system ?? null, one.workflow]
      const at = Date.parse(one.judged_at ?? one.timestamp)
      return { run_id: one.run_id, at, workflow: one.workflow, action, system, user_email: one.user_email, payload: one.payload }
    })
  if (receipt.mode !== 'observed') return steps
  // Nothing is told where nothing came before.
  if (!isObject(told)) return []
  const last = steps.findIndex(({ run_id }) => run_id === told.last_run_id)
  const seen = steps.slice(0, last + 1)
  if (last !== -1 && seen.length === told.steps) return seen
  return `${Number(told.steps) - seen.length} of the ${Number(told.steps)} earlier steps of its session have no receipt here`
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const NOT_LISTED: PolicyResult = {
  policy: 'allow_list',
  passed: false,
  effect: 'deny',
  reason: 'it is not on the list of workflows and actions',
  code: 'not_allowed'
}

function unknown(why: string): Replayed {
  return { kind: 'unknown', why }
}
