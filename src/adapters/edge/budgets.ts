// The budgets of all teams, over one object a team.
import type { BudgetCalls } from '../../../durable/budget.ts'
import type { BudgetDoor } from '../../engine/index.ts'

/** INVARIANT: the object is named by the team alone, so that no team's calls count in another's budget. */
export function edgeBudgets(namespace: DurableObjectNamespace): BudgetDoor {
  const stub = (teamId: string) => namespace.get(namespace.idFromName(teamId)) as unknown as BudgetCalls
  return {
    reserve: (teamId, request) => withRetry(() => stub(teamId).reserve(request)),
    settle: (teamId, settlement) => withRetry(() => stub(teamId).settle(settlement)),
    list: (teamId, ids, after, limit) => stub(teamId).list(ids, after, limit)
  }
}

/** Once more where the object moved or restarted: the same call twice is the same call. */
async function withRetry<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if ((error as { retryable?: boolean }).retryable !== true || (error as { overloaded?: boolean }).overloaded === true) throw error
    return work()
  }
}
