// The Budgets port in one process, for the embedded SDK and for tests: the same machine, nothing stored.
import { reserveBudgets, settleBudgets, type BudgetChange, type BudgetEntry, type Budgets, type Clock } from '../../engine/index.ts'

/** Budgets that are counted within this process alone, and begin anew with it. */
export function memoryBudgets(clock: Clock): Budgets {
  const teams = new Map<string, Map<string, BudgetEntry>>()
  let latest = 0
  // A clock that goes back must not let what is over count again, nor what counts be over sooner.
  const now = () => (latest = Math.max(latest, clock.now()))
  const entriesOf = (teamId: string) => {
    const entries = teams.get(teamId) ?? new Map<string, BudgetEntry>()
    teams.set(teamId, entries)
    for (const [key, entry] of entries) if (entry.untilMs <= now()) entries.delete(key)
    return entries
  }
  return {
    reserve: (teamId, request) =>
      attempt(() => {
        const entries = entriesOf(teamId)
        const step = reserveBudgets([...entries.values()], request, now())
        follow(entries, step)
        return step.answer
      }),
    settle: (teamId, settlement) =>
      attempt(() => {
        const entries = entriesOf(teamId)
        follow(entries, settleBudgets([...entries.values()], settlement, now()))
      })
  }
}

/** A throw is a rejection, as it would be from afar. */
async function attempt<T>(work: () => T): Promise<T> {
  return work()
}

function follow(entries: Map<string, BudgetEntry>, { removed, written }: BudgetChange): void {
  for (const entry of removed) entries.delete(keyOf(entry))
  for (const entry of written) entries.set(keyOf(entry), entry)
}

function keyOf({ budget, scope, run_id, ordinal }: BudgetEntry): string {
  return JSON.stringify([budget, scope, run_id, ordinal])
}
