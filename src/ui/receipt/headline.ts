// The sentence that heads a receipt: what was done, or what was kept from being done.
import type { ActionTaken, JsonObject, Receipt } from '../../engine/schema.ts'
import { bareAction, changeKind, runName } from './call_name.ts'
import { counted } from './counted.ts'
import { memberAt, numberAt, objectAt, textAt } from './read_json.ts'
import { plainTable, targetOf } from './target.ts'

/** `Deleted 5 rows from customers`, `Blocked: delete_row on customers`, `Rolled back agent_pr_workflow`. */
export function headlineOf(receipt: Receipt): string {
  const { decision, outcome, workflow, run_mode, mode } = receipt
  const colon = workflow.indexOf(':')
  const kind = colon === -1 ? '' : workflow.slice(0, colon)
  const rest = workflow.slice(colon + 1)
  if (kind === 'approval') return approvalLine(receipt, rest)
  if (kind === 'rollback') return rollbackLine(receipt, rest)
  const change = changeKind(workflow)
  if (change !== null) return changeLine(receipt, change)
  if (decision === 'BLOCK' && outcome === 'NONE') return `Blocked: ${bareAction(runName(receipt))}${onTarget(receipt)}`
  if (decision === 'BLOCK') return `Stopped midway: ${bareAction(runName(receipt))}${onTarget(receipt)}`
  if (outcome === 'UNKNOWN') return `Not known whether it took effect: ${bareAction(runName(receipt))}${onTarget(receipt)}`
  if (outcome === 'FAILED') return `Failed: ${bareAction(runName(receipt))}${onTarget(receipt)}`
  if (run_mode === 'dry_run') return `Dry run of ${bareAction(runName(receipt))}${onTarget(receipt)}`
  if (mode === 'imported') return `${runName(receipt)}, as its SDK reported it`
  const line = effectLine(receipt) ?? `Ran ${bareAction(runName(receipt))}${onTarget(receipt)}`
  return outcome === 'PARTIAL' ? `${line}, then stopped` : line
}

type Told = Pick<Receipt, 'payload' | 'actions_taken' | 'workflow'>

/** Of what happened, the most telling: the last call that changed something, or found it done. */
function effectLine(receipt: Told): string | null {
  const telling = receipt.actions_taken.filter(({ success, action }) => success && Object.hasOwn(EFFECTS, bareAction(action)))
  const done = telling.findLast(({ status }) => status === 'DONE')
  const last = done ?? telling.at(-1)
  if (last === undefined) return null
  const line = EFFECTS[bareAction(last.action)]!(last.output, receipt)
  return last.status === 'ALREADY' ? `Found it done already: ${line.charAt(0).toLowerCase()}${line.slice(1)}` : line
}

/** action → what it did. */
const EFFECTS: Readonly<Record<string, (output: JsonObject, receipt: Told) => string>> = {
  delete_row: (output, receipt) => `Deleted ${rowsOf(output)} from ${tableOf(output, receipt)}`,
  update_row: (output, receipt) => `Changed ${rowsOf(output)} of ${tableOf(output, receipt)}`,
  insert_rows: (output, receipt) => `Inserted ${insertedBy(receipt)} into ${tableOf(output, receipt)}`,
  insert_row: (output, receipt) => `Inserted ${rowsOf(output)} into ${tableOf(output, receipt)}`,
  select_rows: (_, receipt) => `Read rows of ${tableOf({}, receipt)}`,
  create_pr: (output, receipt) => `Opened pull request ${numberOf(output, receipt, 'pr_number')} in ${repoOf(receipt)}`,
  merge_pr: (output, receipt) => `Merged pull request ${numberOf(output, receipt, 'pr_number')} in ${repoOf(receipt)}`,
  close_pr: (output, receipt) => `Closed pull request ${numberOf(output, receipt, 'pr_number')} in ${repoOf(receipt)}`,
  create_issue: (output, receipt) => `Opened issue ${numberOf(output, receipt, 'issue_number')} in ${repoOf(receipt)}`,
  close_issue: (output, receipt) => `Closed issue ${numberOf(output, receipt, 'issue_number')} in ${repoOf(receipt)}`,
  create_branch: (output, receipt) => `Created branch ${branchOf(output, receipt)} in ${repoOf(receipt)}`,
  delete_branch: (output, receipt) => `Deleted branch ${branchOf(output, receipt)} of ${repoOf(receipt)}`,
  push_commit: (output, receipt) => `Committed to ${branchOf(output, receipt)} of ${repoOf(receipt)}`,
  revert_commit: (output, receipt) => `Reverted a commit on ${branchOf(output, receipt)} of ${repoOf(receipt)}`
}

function rollbackLine({ decision, outcome, run_mode, actions_taken }: Receipt, of: string): string {
  if (decision === 'BLOCK') return `Blocked: rolling back ${of}`
  if (run_mode === 'dry_run') return `Looked at what rolling back ${of} would do`
  const open = actions_taken.filter(({ status }) => !TAKEN_BACK.has(status)).length
  if (decision === 'PARTIAL' || open > 0)
    return `Rolled back ${of} in part: ${counted(open, 'step')} of ${actions_taken.length} could not be undone`
  return outcome === 'FAILED' ? `Could not roll back ${of}` : `Rolled back ${of}`
}

const TAKEN_BACK: ReadonlySet<ActionTaken['status']> = new Set(['REVERTED', 'ALREADY', 'DONE'])

function approvalLine({ approval, payload }: Receipt, of: string): string {
  const inner = objectAt(payload, 'payload') ?? {}
  const target = targetOf({ workflow: of, payload: inner, actions_taken: [] })
  const what = `${bareAction(of)}${target === '—' ? '' : ` on ${target}`}`
  const word = { APPROVED: 'Approved', DENIED: 'Denied', EXPIRED: 'Nobody answered in time', STALE: 'Approved too early' }[
    approval?.decision ?? 'EXPIRED'
  ]
  return `${word}: ${what}`
}

/** `fact_changed:code_freeze` with what it was and is: `Changed fact code_freeze`. */
function changeLine({ payload, decision }: Receipt, { kind, of }: { readonly kind: string; readonly of: string }): string {
  const [, thing = '', done = ''] = /^(.*)_([a-z]+)$/.exec(kind) ?? []
  const what = `${thing.replaceAll('_', ' ')}${of === '' ? '' : ` ${of}`}`
  if (decision === 'BLOCK') return `Blocked: ${what} ${done}`
  if (done !== 'changed') return `${done.charAt(0).toUpperCase()}${done.slice(1)}: ${what}`
  const [before, after] = [memberAt(payload, 'before'), memberAt(payload, 'after')]
  return `${before === null ? 'Set' : after === null ? 'Removed' : 'Changed'} ${what}`
}

function onTarget(receipt: Told): string {
  const target = targetOf(receipt)
  return target === '—' ? '' : ` on ${target}`
}

function rowsOf(output: JsonObject): string {
  const count = numberAt(output, 'affected')
  // Where it is hidden, nothing is claimed.
  return count === null ? 'rows' : counted(count, 'row')
}

/** By all batches together. */
function insertedBy({ actions_taken }: Told): string {
  const batches = actions_taken.filter(({ action, status }) => bareAction(action) === 'insert_rows' && status === 'DONE')
  const counts = batches.map(({ output }) => numberAt(output, 'affected'))
  return rowsOf(counts.includes(null) ? {} : { affected: counts.reduce<number>((sum, count) => sum + (count ?? 0), 0) })
}

function tableOf(output: JsonObject, { payload }: Told): string {
  return plainTable(textAt(output, 'table') ?? textAt(payload, 'table') ?? 'a table')
}

function repoOf({ payload }: Told): string {
  return textAt(payload, 'repo') ?? 'a repository'
}

function branchOf(output: JsonObject, { payload }: Told): string {
  return textAt(output, 'branch') ?? textAt(payload, 'branch') ?? 'a branch'
}

function numberOf(output: JsonObject, { payload }: Told, key: string): string {
  const number = numberAt(output, key) ?? numberAt(payload, key)
  return number === null ? '' : `#${number}`
}
