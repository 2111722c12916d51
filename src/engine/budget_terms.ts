// What a budget is: whose it is, what it counts, over which window; its one id, and the sentence that its figures make.
import * as z from 'zod'
import { fault } from './fault.ts'
import { timeText } from './plain.ts'
import type { PolicyMode, Verdict } from './policy.ts'
import type { Json, JsonObject } from './schema.ts'
import { visible } from './visible.ts'

const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
export const BUDGET_WINDOW_MS_MAX = 31 * UNITS_MS.d

/** `60s`, `1m`, `24h`, `7d`; a number is seconds. One second to 31 days. */
export const BudgetWindow = z
  .union([z.int(), z.string().regex(/^[1-9]\d{0,8}[smhd]$/, 'must be like `60s`, `1m`, `24h` or `7d`')])
  .refine((window) => windowMsOf(window) >= 1_000 && windowMsOf(window) <= BUDGET_WINDOW_MS_MAX, 'must be 1 second to 31 days')

/** Whose budget: each API key has one of its own (embedded: the whole process), each user whom requests name, or the team has one. */
export const BudgetPer = z.enum(['key', 'user', 'team'])
export type BudgetPer = z.infer<typeof BudgetPer>

/** What the author of a budget policy says. */
export interface BudgetTerms {
  /** What is counted, as people read it: `calls`, `amount`. */
  readonly counts: string
  readonly max: number
  readonly windowMs: number
  readonly per: BudgetPer
  /** Decimal places of the amounts; the machine counts in the smallest unit. */
  readonly decimals?: number
  /** The key of an action's output that tells what a call came to; what is reserved before is the most that it can be. */
  readonly output?: string
  /** The most that one call is taken to come to, where its action cannot tell. */
  readonly atMost?: number | null
}

/** A budget of a configuration. Two with one id would be the same counter. */
export interface Budget extends Pick<BudgetTerms, 'counts' | 'max' | 'windowMs' | 'per'> {
  readonly id: string
  readonly policy: string
  readonly on: readonly string[] | null
  readonly decimals: number
  readonly output: string | null
  readonly atMost: number | null
}

/** How a budget stood when it was asked, as a receipt records it under `facts.budgets`. Amounts as people write them. */
export interface BudgetFact {
  readonly [key: string]: Json
  readonly budget: string
  readonly scope: string
  readonly amount: number
  readonly used: number
  readonly in_flight: number
  readonly max: number
  readonly window_seconds: number
  /** When there is room for `amount`; null = there is, or never will be. */
  readonly frees_at: string | null
}

/** The fact that holds the figures. */
export const BUDGETS_FACT = 'budgets'

/**
 * INVARIANT: the id follows from what is counted, not from how much is allowed: a changed `max` keeps the count. What is tried out in shadow
 * counts by itself, so that it may stand beside what is enforced.
 */
export function budgetOf(policy: string, terms: BudgetTerms, on: readonly string[] | null, mode: PolicyMode): Budget {
  const { counts, max, per, windowMs, output = null, decimals = 0, atMost = null } = terms
  if (output !== null && on === null)
    throw fault('misconfigured', `policy \`${policy}\`: \`output\` is an action's: bind it with \`{ on: ['delete_row'] }\``)
  const what = output === null ? (counts === 'calls' ? '' : ` ${counts}`) : ` output ${output}`
  const id = `${policy}${what} ${windowMs / 1_000}s per ${per}${on === null ? '' : ` on ${[...on].sort().join(' ')}`}${mode === 'shadow' ? ' in shadow' : ''}`
  return { id, policy, on, counts, max, windowMs, per, decimals, output, atMost }
}

/** Whose bucket this request counts in. */
export function budgetScope(
  per: BudgetPer,
  who: { readonly user_email: string; readonly actor: { readonly api_key_id: string | null } }
): string {
  if (per === 'team') return 'team'
  return per === 'user' ? who.user_email.toLowerCase() : (who.actor.api_key_id ?? 'embedded')
}

export function windowMsOf(window: number | string): number {
  if (typeof window === 'number') return window * 1_000
  return Number(window.slice(0, -1)) * UNITS_MS[window.at(-1) as keyof typeof UNITS_MS]
}

/** In the smallest unit; null where the number has more decimals than it may, is negative, or is no number that can be counted exactly. */
export function unitsOf(amount: number, decimals: number): number | null {
  const units = Math.round(amount * 10 ** decimals)
  return Number.isSafeInteger(units) && units >= 0 && amountOf(units, decimals) === amount ? units + 0 : null
}

/** As people write it. */
export function amountOf(units: number, decimals: number): number {
  return units / 10 ** decimals
}

/** What stands recorded of this budget; null where it was not asked. */
export function figuresIn(facts: JsonObject, budget: Pick<Budget, 'id'>): BudgetFact | null {
  const all = facts[BUDGETS_FACT]
  const found = Array.isArray(all) ? all.find((one) => one !== null && typeof one === 'object' && one.budget === budget.id) : undefined
  return (found as BudgetFact | undefined) ?? null
}

/** The verdict that the figures make, today and from a receipt. */
export function budgetVerdict(budget: Budget, { amount, used, in_flight, scope, frees_at }: BudgetFact): Verdict {
  const { max, decimals } = budget
  const units = (value: number) => Math.round(value * 10 ** decimals)
  const before = units(used) + units(in_flight)
  const after = before + units(amount)
  const frame = `in the last ${windowText(budget.windowMs)} by ${whoText(budget.per, scope)}`
  const flying = in_flight > 0 ? `, ${in_flight} of them in flight` : ''
  if (after <= units(max))
    return { effect: 'allow', reason: `${amountOf(after, decimals)} of ${max} ${whatText(budget)} ${frame}${flying}` }
  if (units(amount) > units(max))
    return exhausted(`${amount} ${whatText(budget)} at once, at most ${max} in ${windowText(budget.windowMs)} are allowed`, LESS)
  const more = units(amount) === 1 && decimals === 0 ? '' : `, and this is ${amount} more`
  const frees = frees_at === null ? '' : `; ${more === '' ? 'the next is free' : 'there is room'} at ${frees_at}`
  const remedy = frees_at === null ? LESS : `ask again at ${frees_at}${more === '' ? '' : ', or for less at once'}`
  return exhausted(`${amountOf(before, decimals)} of ${max} ${whatText(budget)} ${frame}${flying}${more}${frees}`, remedy)
}

const LESS = 'ask for less at once'

function exhausted(reason: string, remedy: string): Verdict {
  return { effect: 'deny', reason, code: 'budget_exhausted', remedy }
}

/** `60 s`, `24 h`. */
function windowText(ms: number): string {
  const unit = (['d', 'h', 'm', 's'] as const).find((one) => ms % UNITS_MS[one] === 0 && ms > UNITS_MS[one]) ?? 's'
  return `${ms / UNITS_MS[unit]} ${unit}`
}

function whoText(per: BudgetPer, scope: string): string {
  if (per === 'team') return 'the team'
  return per === 'user' ? `user \`${visible(scope)}\`` : scope === 'embedded' ? 'this program' : `key \`${scope}\``
}

function whatText({ counts, on }: Budget): string {
  const of = (on ?? []).map((one) => `\`${one}\``).join(', ')
  if (counts === 'calls') return on === null ? 'requests' : of
  return on === null ? `\`${counts}\`` : `\`${counts}\` of ${of}`
}

/** When a receipt's figures were read from the machine's. */
export function factOf(
  budget: Budget,
  { scope, amount, used, inFlight, freesAtMs }: { scope: string; amount: number; used: number; inFlight: number; freesAtMs: number | null }
): BudgetFact {
  const { decimals } = budget
  return {
    budget: budget.id,
    scope,
    amount: amountOf(amount, decimals),
    used: amountOf(used, decimals),
    in_flight: amountOf(inFlight, decimals),
    max: budget.max,
    window_seconds: budget.windowMs / 1_000,
    frees_at: freesAtMs === null ? null : timeText(freesAtMs),
    ...(budget.output === null ? {} : { output: budget.output })
  }
}
