// What an agent wants to do, as a sentence for whoever decides on it: the verb first, then what it is done to.
import type { JsonObject } from '../../engine/schema.ts'

/** A piece of a sentence; code is set in monospace. */
export interface Piece {
  readonly text: string
  readonly isCode?: true
}

type Say = (payload: JsonObject, count: number | null) => Piece[]

const text = (given: string): Piece => ({ text: given })
const code = (given: unknown): Piece => ({ text: typeof given === 'string' ? given : (JSON.stringify(given) ?? 'unknown'), isCode: true })
/** `1,204 rows`, `1 row`, `rows` where nobody counted. */
const rows = (count: number | null) => (count === null ? 'rows' : count === 1 ? '1 row' : `${count.toLocaleString('en-US')} rows`)
const lengthOf = (given: unknown): number | null => (Array.isArray(given) ? given.length : null)
const pull = ({ pr_number, repo }: JsonObject): Piece[] => [text('pull request '), code(`#${String(pr_number)}`), text(' of '), code(repo)]
const issue = ({ issue_number, repo }: JsonObject): Piece[] => [text('issue '), code(`#${String(issue_number)}`), text(' of '), code(repo)]
const onBranch = ({ branch, repo }: JsonObject): Piece[] => [code(branch), text(' of '), code(repo)]

/** Keyed by action or workflow, without the system. A payload that is not as its action's should be makes a plainer sentence, never a wrong one. */
const SAYINGS: Readonly<Record<string, Say>> = {
  delete_row: ({ table }, count) => [text(`Delete ${rows(count)} from `), code(table)],
  update_row: ({ table }, count) => [text(`Change ${rows(count)} of `), code(table)],
  insert_row: ({ table }) => [text('Insert a row into '), code(table)],
  db_safe_insert: ({ table }) => [text('Insert a row into '), code(table)],
  insert_rows: ({ table, rows: given }, count) => [text(`Insert ${rows(count ?? lengthOf(given))} into `), code(table)],
  db_bulk_import_workflow: ({ table, rows: given }) => [text(`Insert ${rows(lengthOf(given))} into `), code(table)],
  db_safe_update_workflow: ({ table }, count) => [text(`Change ${rows(count)} of `), code(table)],
  select_rows: ({ table }) => [text('Read rows of '), code(table)],
  create_branch: (payload) => [text('Create branch '), ...onBranch(payload)],
  delete_branch: (payload) => [text('Delete branch '), ...onBranch(payload)],
  push_commit: (payload) => [text(`Commit ${filesOf(payload)} to `), ...onBranch(payload)],
  agent_pr_workflow: (payload) => [text('Open a pull request from '), ...onBranch(payload)],
  create_pr: (payload) => [text('Open a pull request from '), ...onBranch(payload)],
  merge_pr: (payload) => [text('Merge '), ...pull(payload), ...(payload.base === undefined ? [] : [text(' into '), code(payload.base)])],
  close_pr: (payload) => [text('Close '), ...pull(payload)],
  reopen_pr: (payload) => [text('Reopen '), ...pull(payload)],
  create_issue: ({ repo }) => [text('Create an issue in '), code(repo)],
  close_issue: (payload) => [text('Close '), ...issue(payload)],
  reopen_issue: (payload) => [text('Reopen '), ...issue(payload)]
}

/** The parts of the payload that a saying needs as text or number; without one of them it is not said. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  table: [
    'delete_row',
    'update_row',
    'insert_row',
    'insert_rows',
    'db_safe_insert',
    'db_bulk_import_workflow',
    'db_safe_update_workflow',
    'select_rows'
  ],
  repo: [
    'create_branch',
    'delete_branch',
    'push_commit',
    'agent_pr_workflow',
    'create_pr',
    'merge_pr',
    'close_pr',
    'reopen_pr',
    'create_issue',
    'close_issue',
    'reopen_issue'
  ],
  branch: ['create_branch', 'delete_branch', 'push_commit', 'agent_pr_workflow', 'create_pr'],
  pr_number: ['merge_pr', 'close_pr', 'reopen_pr'],
  issue_number: ['close_issue', 'reopen_issue']
}

/** The sentence, without its full stop or question mark. `preview` is what was looked up beforehand. */
export function deedOf(workflow: string, payload: JsonObject, preview: JsonObject = {}): Piece[] {
  if (workflow.startsWith('rollback:')) {
    const of = typeof payload.original_run_id === 'string' ? [text(' of run '), code(payload.original_run_id)] : []
    return [text('Roll back '), code(workflow.slice('rollback:'.length)), ...of]
  }
  const name = workflow.slice(workflow.indexOf('.') + 1)
  const say = Object.hasOwn(SAYINGS, name) ? SAYINGS[name] : undefined
  const lacks = Object.entries(NEEDS).some(([key, names]) => names.includes(name) && !['string', 'number'].includes(typeof payload[key]))
  return say === undefined || lacks ? [text('Run '), code(workflow)] : say(payload, countOf(preview))
}

/** How many rows would be touched, where that was looked up. */
export function countOf(preview: JsonObject): number | null {
  const found = preview.done ?? preview.already ?? preview
  if (found === null || typeof found !== 'object' || Array.isArray(found)) return null
  const count = (found as JsonObject).affected ?? (found as JsonObject).count
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : null
}

function filesOf({ files }: JsonObject): string {
  if (!Array.isArray(files)) return 'files'
  return files.length === 1 ? '1 file' : `${files.length} files`
}
