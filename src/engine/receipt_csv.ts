// Receipts as a table for spreadsheets: one row each, which no spreadsheet takes for a formula.
import { escaped } from './escaped.ts'
import { failedPolicies } from './receipt_match.ts'
import type { Receipt } from './schema.ts'

/** column → cell. */
const COLUMNS: Readonly<Record<string, (receipt: Receipt) => string>> = {
  timestamp: ({ timestamp }) => timestamp,
  run_id: ({ run_id }) => run_id,
  revision: ({ revision }) => String(revision),
  team_id: ({ team_id }) => team_id,
  workflow: ({ workflow }) => workflow,
  user_email: ({ user_email }) => user_email,
  mode: ({ mode }) => mode,
  run_mode: ({ run_mode }) => run_mode,
  decision: ({ decision }) => decision,
  outcome: ({ outcome }) => outcome,
  policies_not_passed: (receipt) => failedPolicies(receipt).join(' '),
  reasons: ({ policy_results }) =>
    policy_results
      .filter(({ passed }) => !passed)
      .map(({ reason }) => reason)
      .join(' | '),
  actions: ({ actions_taken }) => actions_taken.map(({ system, action, status }) => `${system}.${action}:${status}`).join(' '),
  rollback_of: ({ links }) => links.rollback_of ?? '',
  rolled_back_by: ({ links }) => links.rolled_back_by ?? '',
  seq: ({ ledger }) => String(ledger?.seq ?? ''),
  leaf: ({ ledger }) => ledger?.leaf ?? ''
}

/** The first line of the table, without its line break. */
export const CSV_HEADING = Object.keys(COLUMNS).join(',')

/** A receipt's line, without its line break. */
export function csvRow(receipt: Receipt): string {
  return Object.values(COLUMNS)
    .map((cell) => quoted(cell(receipt)))
    .join(',')
}

/** The lines of RFC 4180, with a heading; each ends in the CR that goes before the line feed. */
export async function* csvLines(entries: AsyncIterable<{ readonly receipt: Receipt }>): AsyncGenerator<string> {
  yield `${CSV_HEADING}\r`
  for await (const { receipt } of entries) yield `${csvRow(receipt)}\r`
}

/** A cell that begins like a formula, in any script's signs, gets an apostrophe: the spreadsheet shows it instead of running it. */
function quoted(cell: string): string {
  const text = escaped(cell)
  const guarded = /^\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20]/u.test(text) ? `'${text}` : text
  return `"${guarded.replaceAll('"', '""')}"`
}
