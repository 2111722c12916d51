// Budgets as a pure machine over exact sliding windows: what is granted counts until its window is over, or is given back. No clock: `now` decides.

/** A bucket with more entries than this counts two of its oldest used ones as one, for as long as the younger of them: longer, never shorter. */
export const BUDGET_ENTRIES_MAX = 10_000

/** What one call was granted of one budget. Amounts are whole. */
export interface BudgetEntry {
  readonly budget: string
  /** Whose: a key, a user, the team. A budget and a scope make a bucket. */
  readonly scope: string
  readonly run_id: string
  readonly ordinal: number
  readonly amount: number
  /** False = in flight: nobody has said yet what became of the call. */
  readonly isUsed: boolean
  readonly windowMs: number
  /** It counts while `now` is less than this. */
  readonly untilMs: number
}

/** `isBinding` false = of a policy in shadow: it is counted where it fits, and stops nothing where it does not. */
export interface BudgetWant {
  readonly budget: string
  readonly scope: string
  readonly amount: number
  readonly max: number
  readonly windowMs: number
  readonly isBinding: boolean
}

/** Everything one call would use up. `holdMs`: it counts at least so long while nobody says what became of it. */
export interface BudgetRequest {
  readonly run_id: string
  readonly ordinal: number
  readonly holdMs: number
  readonly wants: readonly BudgetWant[]
}

/** How a bucket stood without this call. `freesAtMs`: when `amount` would fit if no more came; null = it fits, or never will. */
export interface BudgetFigures {
  readonly budget: string
  readonly scope: string
  readonly amount: number
  readonly used: number
  readonly inFlight: number
  readonly freesAtMs: number | null
}

/** What storage must follow: first `removed`, then `written`. */
export interface BudgetChange {
  readonly written: readonly BudgetEntry[]
  readonly removed: readonly BudgetEntry[]
}

export interface BudgetStep extends BudgetChange {
  readonly answer: BudgetAnswer
}

/** `figures` in the order of the wants. */
export interface BudgetAnswer {
  readonly granted: boolean
  readonly figures: readonly BudgetFigures[]
}

/** What became of a run's calls. `amounts`: by budget, what a call really came to, where its output told. */
export interface BudgetSettlement {
  readonly run_id: string
  readonly settled: readonly { readonly ordinal: number; readonly isKept: boolean; readonly amounts: Readonly<Record<string, number>> }[]
}

/**
 * Grants all that is binding or nothing. `entries` are at least those of the wanted buckets.
 *
 * - INVARIANT: what is granted and not given back never exceeds `max`, at no moment and in no window.
 * - The same call again is the same entry: its older amount does not stand in its own way, and what was used already stays as it is.
 */
export function reserveBudgets(entries: readonly BudgetEntry[], request: BudgetRequest, now: number): BudgetStep {
  const { run_id, ordinal, holdMs } = request
  const isOwn = (entry: BudgetEntry) => entry.run_id === run_id && entry.ordinal === ordinal
  const buckets = request.wants.map((want) => {
    const live = entries.filter((entry) => isIn(want, entry) && entry.untilMs > now)
    const own = live.find(isOwn) ?? null
    const amount = own?.isUsed === true ? own.amount : want.amount
    const others = live.filter((entry) => entry !== own)
    const figures = figuresOf({ ...want, amount }, others, now)
    return { want, own, amount, others, figures, fits: figures.used + figures.inFlight + amount <= want.max }
  })
  const granted = buckets.every(({ want, fits }) => fits || !want.isBinding)
  const answer = { granted, figures: buckets.map(({ figures }) => figures) }
  if (!granted) return { answer, written: [], removed: [] }
  const written: BudgetEntry[] = []
  const removed: BudgetEntry[] = []
  for (const { want, own, amount, others, fits } of buckets) {
    if (own?.isUsed === true) continue
    if (own !== null) removed.push(own)
    if (!fits || amount === 0) continue
    const { budget, scope, windowMs } = want
    written.push({ budget, scope, run_id, ordinal, amount, isUsed: false, windowMs, untilMs: now + Math.max(windowMs, holdMs) })
    if (others.length >= BUDGET_ENTRIES_MAX) mergeOldest(others, written, removed)
  }
  return { answer, written, removed }
}

/**
 * Says what became of calls: kept = it counts from now for its whole window, since its effect may be as young as that; else it is given back.
 * `entries` are at least those of the run. Once more changes nothing, and what is over stays over.
 */
export function settleBudgets(entries: readonly BudgetEntry[], settlement: BudgetSettlement, now: number): BudgetChange {
  const written: BudgetEntry[] = []
  const removed: BudgetEntry[] = []
  const open = new Map(settlement.settled.map((one) => [one.ordinal, one]))
  for (const entry of entries) {
    if (entry.run_id !== settlement.run_id || entry.isUsed || entry.untilMs <= now) continue
    const became = open.get(entry.ordinal)
    if (became === undefined) continue
    removed.push(entry)
    const amount = became.amounts[entry.budget] ?? entry.amount
    if (became.isKept && amount > 0) written.push({ ...entry, amount, isUsed: true, untilMs: now + entry.windowMs })
  }
  return { written, removed }
}

function isIn({ budget, scope }: BudgetWant, entry: BudgetEntry): boolean {
  return entry.budget === budget && entry.scope === scope
}

function figuresOf({ budget, scope, amount, max }: BudgetWant, others: readonly BudgetEntry[], now: number): BudgetFigures {
  let used = 0
  let inFlight = 0
  for (const entry of others) {
    if (entry.isUsed) used += entry.amount
    else inFlight += entry.amount
  }
  return { budget, scope, amount, used, inFlight, freesAtMs: freesAt(others, used + inFlight + amount - max, amount > max, now) }
}

/** When so much will have ended by itself. */
function freesAt(entries: readonly BudgetEntry[], excess: number, isNever: boolean, now: number): number | null {
  if (excess <= 0 || isNever) return null
  let open = excess
  for (const { amount, untilMs } of [...entries].sort((a, b) => a.untilMs - b.untilMs)) {
    open -= amount
    if (open <= 0) return Math.max(untilMs, now)
  }
  return null
}

function mergeOldest(entries: readonly BudgetEntry[], written: BudgetEntry[], removed: BudgetEntry[]): void {
  const used = entries.filter(({ isUsed }) => isUsed).sort((a, b) => a.untilMs - b.untilMs)
  for (let i = 0; i + 1 < used.length / 2; i += 2) {
    const [older, younger] = [used[i]!, used[i + 1]!]
    removed.push(older, younger)
    written.push({ ...younger, amount: older.amount + younger.amount })
  }
}
