// What is used of a team's budgets now, as it is listed.
import { amountOf, type Budget } from './budget_terms.ts'
import type { Installation } from './config.ts'
import { timeText } from './plain.ts'
import type { Budgets } from './ports.ts'
import type { Json } from './schema.ts'

/** A bucket that something counts in. `freesAtMs`: when the first of it is over. */
export interface BudgetUse {
  readonly budget: string
  readonly scope: string
  readonly used: number
  readonly inFlight: number
  readonly freesAtMs: number
}

/** Where a page ends: the last bucket of it. */
export interface BudgetPlace {
  readonly budget: string
  readonly scope: string
}

/** Budgets with a view of what is used. */
export interface BudgetDoor extends Budgets {
  /** Of these budgets, by id and scope, after this place. */
  list(teamId: string, ids: readonly string[], after: BudgetPlace | null, limit: number): Promise<BudgetUse[]>
}

/** The budgets of a configuration, by id. */
export function budgetsOf({ policies }: Pick<Installation, 'policies'>): Map<string, { budget: Budget; params: Json; mode: string }> {
  return new Map(policies.flatMap(({ budget, params, mode }) => (budget === null ? [] : [[budget.id, { budget, params, mode }]])))
}

/** One bucket as it is listed; amounts as people write them. */
export function listedBudget({ scope, used, inFlight, freesAtMs }: BudgetUse, budget: Budget, params: Json, mode: string) {
  const { id, policy, on, per, max, decimals, windowMs } = budget
  return {
    budget: id,
    policy,
    params,
    on: on === null ? null : [...on],
    mode,
    per,
    scope,
    used: amountOf(used, decimals),
    in_flight: amountOf(inFlight, decimals),
    max,
    window_seconds: windowMs / 1_000,
    frees_at: timeText(freesAtMs)
  }
}
