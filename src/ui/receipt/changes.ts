// What a run changed, as things to be shown: rows before and after, files, named things, and anything else as it is. Nothing is left out.
import type { ActionTaken, Json, JsonObject, Receipt } from '../../engine/schema.ts'
import { bareAction, callName } from './call_name.ts'
import { counted } from './counted.ts'
import { memberAt, numberAt, rowsAt, textAt } from './read_json.ts'
import { plainTable } from './target.ts'

/** One line of a diff: taken away, added, or said about it. */
export interface Line {
  readonly sign: '-' | '+' | ' '
  /** `isChanged` = the part that differs from the line it stands beside; `isRedacted` = what was there is not shown. */
  readonly parts: readonly { readonly text: string; readonly isChanged?: true; readonly isRedacted?: true }[]
}

/** What one call did, or would have done. */
export interface Change {
  readonly call: string
  readonly status: ActionTaken['status']
  /** `customers`, `src/app.ts`, `pull request #12`. */
  readonly title: string
  readonly detail: string | null
  /** An address with https, where the vendor gave one. */
  readonly href: string | null
  /** Set = a thing that came to be, or went. */
  readonly sign: '+' | '-' | null
  readonly lines: readonly Line[]
  /** Whatever the call answered that the lines do not show; null = nothing. */
  readonly rest: Json | null
  readonly error: ActionTaken['error']
  /** `irreversible`, `undo` (there is a recorded inverse) or `nothing` to undo. */
  readonly undo: 'irreversible' | 'undo' | 'nothing'
}

/** One for each call, in order. Calls that only read have no lines. */
export function changesOf(receipt: Pick<Receipt, 'actions_taken' | 'payload'>): Change[] {
  return receipt.actions_taken.map((taken) => changeOf(taken, receipt.payload))
}

function changeOf(taken: ActionTaken, payload: JsonObject): Change {
  const { status, error, output, rollback_data } = taken
  const undo = rollback_data === 'irreversible' ? 'irreversible' : rollback_data === null ? 'nothing' : 'undo'
  const base = { call: callName(taken), status, error, undo, href: null, sign: null, detail: null } as const
  const rows = rowChange(output)
  if (rows !== null) return { ...base, ...rows }
  const named = NAMED[bareAction(taken.action)]
  if (named !== undefined && Object.keys(output).length > 0 && taken.success) return { ...base, ...named(output, payload) }
  const { already_done: _, undoes: __, ...rest } = output
  return { ...base, title: base.call, lines: [], rest: Object.keys(rest).length === 0 ? null : rest }
}

type Shown = Pick<Change, 'title' | 'lines' | 'rest'> & Partial<Pick<Change, 'detail' | 'href' | 'sign'>>

/** Row images: `{table, key, affected, before, after}`. */
function rowChange(output: JsonObject): Shown | null {
  const [before, after, table] = [rowsAt(output, 'before'), rowsAt(output, 'after'), textAt(output, 'table')]
  if (before === null || after === null || table === null) return null
  const keys = memberAt(output, 'key')
  const key = Array.isArray(keys) ? keys.filter((name) => typeof name === 'string') : []
  const affected = numberAt(output, 'affected') ?? Math.max(before.length, after.length)
  if (affected === 0) return { title: plainTable(table), detail: 'as wished already: nothing was changed', lines: [], rest: null }
  const find = finder(after, key)
  const found = new Set<JsonObject>()
  const lines = before.flatMap((row) => {
    const now = find(row)
    if (now === undefined) return [rowLine('-', row, null, key)]
    found.add(now)
    return [rowLine('-', row, now, key), rowLine('+', now, row, key)]
  })
  const added = after.filter((row) => !found.has(row)).map((row) => rowLine('+', row, null, key))
  const left = numberAt(output, 'after_more') ?? 0
  const more: Line[] = left === 0 ? [] : [{ sign: ' ', parts: [{ text: `and ${counted(left, 'more row')}, which undo knows` }] }]
  return { title: plainTable(table), detail: counted(affected, 'row'), lines: [...lines, ...added, ...more], rest: null }
}

/** A row as JSON, its key first; the columns that differ from `other` are marked. Images hold exact texts, so numbers stand in quotes. */
function rowLine(sign: '-' | '+', row: JsonObject, other: JsonObject | null, key: readonly string[]): Line {
  const names = [...key.filter((name) => Object.hasOwn(row, name)), ...Object.keys(row).filter((name) => !key.includes(name))]
  const parts = names.flatMap((name, i) => {
    const value = row[name]!
    const text = `${JSON.stringify(name)}: ${JSON.stringify(value)}`
    const isChanged = other !== null && JSON.stringify(memberAt(other, name)) !== JSON.stringify(value)
    return [
      { text: i === 0 ? '{' : ', ' },
      { text, ...(isChanged ? { isChanged: true as const } : {}), ...(isRedacted(value) ? { isRedacted: true as const } : {}) }
    ]
  })
  return { sign, parts: [...parts, { text: parts.length === 0 ? '{}' : '}' }] }
}

function finder(rows: readonly JsonObject[], key: readonly string[]): (row: JsonObject) => JsonObject | undefined {
  const name = (row: JsonObject) => JSON.stringify(key.map((column) => memberAt(row, column) ?? null))
  const known = key.length === 0 ? new Map<string, JsonObject>() : new Map(rows.map((row) => [name(row), row]))
  return (row) => known.get(name(row))
}

/** `[redacted:…]`, which the recorder and the share put in the place of what must not be seen. */
export function isRedacted(value: unknown): boolean {
  return typeof value === 'string' && /\[(redacted|hidden)(:\w+)?\]/.test(value)
}

/** action → how its answer is shown. */
const NAMED: Readonly<Record<string, (output: JsonObject, payload: JsonObject) => Shown>> = {
  get_branch: (output) =>
    read(`branch ${textAt(output, 'branch') ?? ''}`, textAt(output, 'sha') === null ? 'not there' : `at ${short(output, 'sha')}`),
  compare_branches: (output) =>
    read('commits of its own', `${numberAt(output, 'ahead_by') ?? '?'} ahead, ${numberAt(output, 'behind_by') ?? '?'} behind`),
  create_branch: (output) => thing('+', `branch ${textAt(output, 'branch') ?? ''}`, `at ${short(output, 'sha')}`),
  delete_branch: (output) => thing('-', `branch ${textAt(output, 'branch') ?? ''}`, `was at ${short(output, 'sha')}`),
  push_commit: (output, payload) => commit(output, payload),
  revert_commit: (output) =>
    thing('+', `commit ${short(output, 'commit_sha')}`, `takes a commit back on ${textAt(output, 'branch') ?? ''}`),
  create_pr: (output) => thing('+', `pull request #${numberAt(output, 'pr_number') ?? '?'}`, 'opened', output),
  close_pr: (output) => thing('-', `pull request #${numberAt(output, 'pr_number') ?? '?'}`, 'closed', output),
  reopen_pr: (output) => thing('+', `pull request #${numberAt(output, 'pr_number') ?? '?'}`, 'opened again', output),
  merge_pr: (output) =>
    thing('+', `pull request #${numberAt(output, 'pr_number') ?? '?'}`, `merged into ${textAt(output, 'base') ?? ''}`, output),
  create_issue: (output) => thing('+', `issue #${numberAt(output, 'issue_number') ?? '?'}`, 'opened', output),
  close_issue: (output) => thing('-', `issue #${numberAt(output, 'issue_number') ?? '?'}`, 'closed', output),
  reopen_issue: (output) => thing('+', `issue #${numberAt(output, 'issue_number') ?? '?'}`, 'opened again', output)
}

function read(title: string, detail: string): Shown {
  return { title, detail, lines: [], rest: null }
}

function thing(sign: '+' | '-', title: string, detail: string, output?: JsonObject): Shown {
  const href = output === undefined ? null : safeAddress(textAt(output, 'url'))
  return { title, detail, href, sign, lines: [], rest: null }
}

/** The files as they were asked for: what stood there before is in the repository, not in the receipt. */
function commit(output: JsonObject, payload: JsonObject): Shown {
  const files = rowsAt(payload, 'files') ?? []
  const lines = files.flatMap((file): Line[] => {
    const path = textAt(file, 'path') ?? '(no path)'
    if (memberAt(file, 'delete') === true) return [{ sign: '-', parts: [{ text: path }] }]
    const content = memberAt(file, 'content')
    const isBinary = textAt(file, 'encoding') === 'base64'
    const text = typeof content === 'string' && !isBinary ? content.replace(/\n$/, '').split('\n') : []
    const note = isBinary ? ` (${counted(String(content ?? '').length, 'character')} of base64)` : ''
    return [
      { sign: ' ', parts: [{ text: `${path}${note}` }] },
      ...text.map((line): Line => ({ sign: '+', parts: [{ text: line, ...(isRedacted(line) ? { isRedacted: true as const } : {}) }] }))
    ]
  })
  const title = `commit ${short(output, 'commit_sha')}`
  return { title, detail: `on ${textAt(output, 'branch') ?? '?'} · ${counted(files.length, 'file')}`, lines, rest: null }
}

function short(output: JsonObject, key: string): string {
  return (textAt(output, key) ?? '?').slice(0, 10)
}

/** The address if it is one of the web; a script's or a file's never becomes a link. */
export function safeAddress(text: string | null): string | null {
  if (text === null || !URL.canParse(text)) return null
  const { protocol, href } = new URL(text)
  return protocol === 'https:' || protocol === 'http:' ? href : null
}
