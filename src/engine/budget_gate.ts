// The gate of budgets: what policies allow is reserved before the effect, and kept or given back after it.
import type { BudgetFigures, BudgetRequest, BudgetSettlement, BudgetWant } from './budget.ts'
import { BUDGETS_FACT, budgetScope, factOf, unitsOf } from './budget_terms.ts'
import type { Target } from './config.ts'
import { FACT_TIMEOUT_MS, judgeAll, strictest } from './gate.ts'
import { messageOf } from './plain.ts'
import type { JudgedContext, Policy, Verdict } from './policy.ts'
import type { Ports } from './ports.ts'
import type { Json, JsonObject, PolicyResult } from './schema.ts'

/** A call of Enact's own counts at least so long while nothing is known of it: it may be waiting for a run that crashed to go on. */
const HOLD_MS = 300_000

/** Who spends, and for which call. */
export interface Spender {
  readonly team_id: string
  readonly run_id: string
  readonly user_email: string
  readonly actor: { readonly api_key_id: string | null }
}

/** What is to be spent: the policies that judged, over what, with what result. */
export interface Spending {
  readonly who: Spender
  readonly ordinal: number
  readonly policies: readonly Policy[]
  readonly context: JudgedContext
  readonly results: readonly PolicyResult[]
  readonly target: Target | null
  /** What the world says the call would come to, by reading only. Null = somebody else acts, so that no look binds anybody. */
  readonly look: (() => Promise<JsonObject>) | null
}

/** The results with the budgets' own verdicts in their places. `figures` is null where no budget was asked. */
export interface Spent {
  readonly results: readonly PolicyResult[]
  readonly figures: Json | null
  /** By key of the output: what the call may come to. */
  readonly atMost: Readonly<Record<string, number>>
}

type BudgetPolicy = Policy & { readonly budget: NonNullable<Policy['budget']> }

export function isBudget(policy: Policy): policy is BudgetPolicy {
  return policy.budget !== null
}

/**
 * Reserves what these policies count, all or nothing, unless something denies already. Never throws: a budget that cannot be asked is a deny.
 * Asking again for the same call is asking once.
 */
export async function spend(spending: Spending, ports: Pick<Ports, 'budgets' | 'timer'>): Promise<Spent> {
  const { who, ordinal, policies, context, target } = spending
  const results = withUnjudged(policies, spending.results, context)
  const places = placesOf(policies, results).filter(({ at }) => isAllowed(results[at]!))
  const nothing = { results, figures: null, atMost: {} }
  if (places.length === 0 || strictest(results) === 'deny') return nothing
  const put = (at: number, verdict: Verdict) => (results[at] = withVerdict(results[at]!, verdict))
  const wants: { at: number; policy: BudgetPolicy; want: BudgetWant }[] = []
  let seen: Promise<JsonObject> | null = null
  const look = spending.look === null ? null : () => (seen ??= spending.look!())
  for (const { policy, at } of places) {
    const { id, max, windowMs, per, decimals } = policy.budget
    const amount = await amountOf(policy, context.payload, target, look)
    if (typeof amount === 'string') {
      put(at, unavailable(amount))
      continue
    }
    const isBinding = results[at]!.would === undefined
    wants.push({
      at,
      policy,
      want: { budget: id, scope: budgetScope(per, who), amount, max: unitsOf(max, decimals)!, windowMs, isBinding }
    })
  }
  if (wants.length === 0 || strictest(results) === 'deny') return nothing
  const request = {
    run_id: who.run_id,
    ordinal,
    holdMs: spending.look === null ? 0 : HOLD_MS,
    wants: wants.map(({ want }) => want)
  }
  const figures = await reserved(who.team_id, request, ports)
  if (typeof figures === 'string') {
    for (const { at } of wants) put(at, unavailable(figures))
    return nothing
  }
  const facts = wants.map(({ policy }, i) => factOf(policy.budget, figures[i]!))
  for (const { at, policy } of wants) put(at, policy.judge({ ...context, facts: { ...context.facts, [BUDGETS_FACT]: facts } }))
  return { results, figures: facts, atMost: atMostOf(wants, figures) }
}

/** Keeps or gives back. What cannot be told counts until its window is over: that is safe, and nobody need wait for it. */
export async function settle(teamId: string, settlement: BudgetSettlement, ports: Pick<Ports, 'budgets' | 'timer'>): Promise<void> {
  if (ports.budgets === null || settlement.settled.length === 0) return
  await ports.timer.within(FACT_TIMEOUT_MS, ports.budgets.settle(teamId, settlement)).catch(() => undefined)
}

/** What a call came to, for those budgets that count its output. */
export function outputAmounts(policies: readonly Policy[], output: JsonObject | null): Record<string, number> {
  const amounts: Record<string, number> = {}
  for (const { budget } of policies) {
    const value = budget?.output ? output?.[budget.output] : undefined
    if (budget !== null && typeof value === 'number' && unitsOf(value, 0) !== null) amounts[budget.id] = value
  }
  return amounts
}

/** The figures, or why there are none. */
async function reserved(
  teamId: string,
  request: BudgetRequest,
  { budgets, timer }: Pick<Ports, 'budgets' | 'timer'>
): Promise<readonly BudgetFigures[] | string> {
  if (budgets === null) return 'this installation cannot count'
  try {
    const { granted, figures } = await timer.within(FACT_TIMEOUT_MS, budgets.reserve(teamId, request))
    // INVARIANT: what was not granted never passes for what fits.
    const fits = request.wants.every(
      ({ isBinding, max }, i) => !isBinding || figures[i]!.used + figures[i]!.inFlight + figures[i]!.amount <= max
    )
    return granted === fits && figures.length === request.wants.length ? figures : 'its answer does not add up'
  } catch (error) {
    return `it could not be asked: ${messageOf(error)}`
  }
}

/** A budget's place among the results: several of one policy stand in the order in which they judged. */
function placesOf(policies: readonly Policy[], results: readonly PolicyResult[]): { policy: BudgetPolicy; at: number }[] {
  const next = new Map<string, number>()
  return policies.flatMap((policy) => {
    const at = results.findIndex((result, i) => result.policy === policy.id && i >= (next.get(policy.id) ?? 0))
    next.set(policy.id, at + 1)
    return isBudget(policy) && at >= 0 ? [{ policy, at }] : []
  })
}

/** A budget that came into the configuration after the request was judged counts as well: the run has had no effect yet. */
function withUnjudged(policies: readonly Policy[], results: readonly PolicyResult[], context: JudgedContext): PolicyResult[] {
  const judged = new Set(placesOf(policies, results).map(({ policy }) => policy))
  const late = policies.filter((policy) => isBudget(policy) && !judged.has(policy))
  return [...results, ...judgeAll(late, context, new Map())]
}

/** In shadow, whatever it would say: only what it would allow is counted. */
function isAllowed({ effect, would }: PolicyResult): boolean {
  return (would ?? effect) === 'allow'
}

/** In the smallest unit, or why it cannot be said beforehand. */
async function amountOf(
  { budget }: BudgetPolicy,
  payload: JsonObject,
  target: Target | null,
  look: (() => Promise<JsonObject>) | null
): Promise<number | string> {
  const said = budget.amount(payload)
  if (said !== null) return said
  if (budget.atMost !== null) return budget.atMost
  const bound = target?.action.mutates ? target.action.bounds?.[budget.output!] : undefined
  if (bound === undefined || (bound === 'previewed' && look === null))
    return `how much \`${budget.output}\` it would be cannot be known before: give \`at_most\``
  if (typeof bound === 'function') return bound(payload)
  const seen = await look!()
  const output = (seen.done ?? seen.already) as JsonObject | undefined
  const value = output?.[budget.output!]
  if (typeof value === 'number' && unitsOf(value, 0) !== null) return value
  const why = seen.failed ?? seen.conflict
  return `how much \`${budget.output}\` it would be could not be seen${typeof why === 'string' ? `: ${why}` : ''}`
}

function atMostOf(wants: readonly { policy: BudgetPolicy; want: BudgetWant }[], figures: readonly BudgetFigures[]): Record<string, number> {
  const atMost: Record<string, number> = {}
  wants.forEach(({ policy: { budget }, want }, i) => {
    if (budget.output !== null && want.isBinding)
      atMost[budget.output] = Math.min(atMost[budget.output] ?? Number.POSITIVE_INFINITY, figures[i]!.amount)
  })
  return atMost
}

function unavailable(why: string): Verdict {
  return { effect: 'deny', reason: `its budget: ${why}`, code: 'budget_unavailable' }
}

function withVerdict(before: PolicyResult, { effect, reason, remedy, code }: Verdict): PolicyResult {
  const { remedy: _remedy, code: _code, ...kept } = before
  const more = { ...(remedy === undefined ? {} : { remedy }), ...(code === undefined ? {} : { code }) }
  if (before.would !== undefined) return { ...kept, would: effect, reason, ...more }
  return { ...kept, passed: effect === 'allow', effect, reason, ...more }
}
