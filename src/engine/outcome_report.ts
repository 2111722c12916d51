// What became of an action that somebody else executed: the next revision of its receipt. It is what the executor says, and never run.
import { REQUEST_ORDINAL } from './ask.ts'
import { settle } from './budget_gate.ts'
import { BUDGETS_FACT, unitsOf, type BudgetFact } from './budget_terms.ts'
import { canonicalize } from './canonical.ts'
import { fault } from './fault.ts'
import { timeText } from './plain.ts'
import type { Ports } from './ports.ts'
import { receiptDigest, signReceipt } from './receipt.ts'
import { redact } from './redaction.ts'
import type { ActionTaken, Inverse, JsonObject, Receipt } from './schema.ts'

/** As the executor tells it. */
export interface OutcomeReport {
  readonly success: boolean
  readonly output: JsonObject
  readonly error: string | null
  readonly rollback_data: Inverse | 'irreversible' | null
}

/** Characters of an output in a receipt; a longer one is said to be longer. */
const OUTPUT_CHARS_MAX = 16_384

/**
 * Appends the outcome. The same again changes nothing; another one is a `receipt_conflict`: what was reported stays. A blocked action that
 * is reported as done keeps its BLOCK and shows what its executor says.
 */
export async function reportOutcome(
  latest: Receipt,
  report: OutcomeReport,
  ports: Pick<Ports, 'budgets' | 'clock' | 'hash' | 'keys' | 'ledger' | 'timer'>
): Promise<{ receipt: Receipt; already: boolean }> {
  if (latest.mode !== 'observed')
    throw fault('receipt_conflict', `run \`${latest.run_id}\` was carried out by Enact itself: its outcome is known`)
  const taken = takenOf(latest, report, timeText(ports.clock.now()))
  if (latest.revision > 0) {
    if (isSame(latest.actions_taken[0], taken)) {
      await settleBudgets(latest, report, ports)
      return { receipt: latest, already: true }
    }
    throw fault('receipt_conflict', `the outcome of \`${latest.run_id}\` was reported before, and was another`)
  }
  const { signatures: _signatures, ledger: _ledger, ...body } = latest
  const next = {
    ...body,
    revision: body.revision + 1,
    amends: receiptDigest(latest, ports.hash),
    outcome: report.success ? ('SUCCEEDED' as const) : ('FAILED' as const),
    actions_taken: [taken],
    timestamp: taken.finished_at
  }
  const signed = await signReceipt(next, await ports.keys.team(latest.team_id), ports.hash)
  const receipt = { ...signed, ledger: await ports.ledger.append(latest.team_id, signed) }
  await settleBudgets(latest, report, ports)
  return { receipt, already: false }
}

/** What failed gives back what its decision used up; what was done counts from now, by its output where a budget counts that. */
async function settleBudgets(
  { team_id, run_id, facts, decision }: Receipt,
  { success, output }: OutcomeReport,
  ports: Pick<Ports, 'budgets' | 'timer'>
): Promise<void> {
  const figures = facts[BUDGETS_FACT]
  if (!Array.isArray(figures) || decision !== 'PASS') return
  const amounts: Record<string, number> = {}
  for (const { budget, output: key } of figures as BudgetFact[]) {
    const value = typeof key === 'string' ? output[key] : undefined
    if (typeof value === 'number' && unitsOf(value, 0) !== null) amounts[budget] = value
  }
  await settle(team_id, { run_id, settled: [{ ordinal: REQUEST_ORDINAL, isKept: success, amounts }] }, ports)
}

function takenOf(latest: Receipt, { success, output, error, rollback_data }: OutcomeReport, now: string): ActionTaken {
  const [system = '', name = ''] = latest.workflow.includes('.') ? latest.workflow.split('.', 2) : ['', latest.workflow]
  const known = latest.actions_taken[0]
  const shown = redact({ output: shortened(output), error, rollback_data } as unknown as JsonObject).value
  return {
    action: known?.action ?? name,
    system: known?.system ?? system,
    resources: known?.resources ?? [],
    started_at: known?.started_at ?? now,
    success,
    status: success ? 'DONE' : 'FAILED',
    output: shown.output as JsonObject,
    rollback_data: shown.rollback_data as ActionTaken['rollback_data'],
    finished_at: now,
    error: success ? null : { code: 'reported', message: typeof shown.error === 'string' ? shown.error : 'it failed' }
  }
}

function shortened(output: JsonObject): JsonObject {
  const text = JSON.stringify(output)
  if (text.length <= OUTPUT_CHARS_MAX) return output
  return { too_long: true, characters: text.length, begins: text.slice(0, OUTPUT_CHARS_MAX).toWellFormed() }
}

/** All but the time of the report; a stored receipt has its members in another order. */
function isSame(before: ActionTaken | undefined, after: ActionTaken): boolean {
  const untimed = (taken: ActionTaken) => canonicalize({ ...taken, finished_at: '' } as unknown as JsonObject)
  return before !== undefined && untimed(before) === untimed(after)
}
