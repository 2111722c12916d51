// What a tool call would do: the commands it runs, the files, databases and addresses it reaches, whatever tool it is. All policies share one reading.
import type { CodeCall } from './code_scan.ts'
import { codeUse, programTexts } from './code_use.ts'
import { type CommandLine, commandLine } from './command_line.ts'
import { type FileAct, filesUsed, type FileUse } from './file_use.ts'
import { type RequestUse, requestsSent } from './request_use.ts'
import { readShell } from './shell.ts'
import { readSqlUse, sqlUsed, type SqlUse } from './sql_use.ts'
import { allow, deny, type JudgedContext, type Verdict } from './policy.ts'
import type { Parsed, Parsers } from './ports.ts'
import type { JsonObject } from './schema.ts'
import type { SqlSummary } from './sql.ts'

/** A tool call, read. */
export interface ToolReading {
  readonly lines: readonly CommandLine[]
  /** The names of the programs that run, for a quick look. */
  readonly programs: ReadonlySet<string>
  readonly files: readonly FileUse[]
  readonly queries: readonly SqlUse[]
  readonly requests: readonly RequestUse[]
  /** The calls of programs given in a command, by their dotted names. */
  readonly calls: readonly CodeCall[]
  /** Functions that start copies of themselves. */
  readonly bombs: readonly string[]
  /** What cannot be seen before it runs, as words. */
  readonly hidden: readonly string[]
  /** The folder in which the agent works, where it says so. */
  readonly cwd: string | null
  /** What the SQL would do; texts that cannot be read are refused. Judged once for all policies. */
  summaries(): Parsed<readonly SqlSummary[]>
}

const readings = new WeakMap<JsonObject, { readonly action: string | null; readonly reading: Parsed<ToolReading> }>()

/** Reads the call that is judged; the same payload is read once. Text that cannot be parsed is refused. */
export function readTool({ payload, action, parsers }: Pick<JudgedContext, 'payload' | 'action' | 'parsers'>): Parsed<ToolReading> {
  const known = readings.get(payload)
  // What a path is for depends on the action.
  if (known !== undefined && known.action === action) return known.reading
  const reading = read(payload, action, parsers)
  readings.set(payload, { action, reading })
  return reading
}

interface Draft {
  readonly lines: CommandLine[]
  readonly files: FileUse[]
  readonly queries: SqlUse[]
  readonly requests: RequestUse[]
  readonly calls: CodeCall[]
  readonly bombs: string[]
  readonly hidden: string[]
}

const CODE_DEPTH_MAX = 3

function read(payload: JsonObject, action: string | null, parsers: Parsers): Parsed<ToolReading> {
  const draft: Draft = { lines: [], files: [], queries: [], requests: [], calls: [], bombs: [], hidden: [] }
  const cwd = typeof payload.cwd === 'string' && payload.cwd !== '' ? payload.cwd : null
  if (typeof payload.command === 'string') {
    const error = addScript(payload.command, draft, parsers, 0)
    if (error !== null) return { ok: false, error }
  }
  addFields(payload, action, draft)
  const programs = new Set(draft.lines.flatMap((line) => (line.program === null ? [] : [line.program])))
  let summaries: Parsed<readonly SqlSummary[]> | null = null
  return { ok: true, tree: { ...draft, programs, cwd, summaries: () => (summaries ??= summarised(draft.queries, parsers)) } }
}

function addScript(text: string, draft: Draft, parsers: Parsers, depth: number): string | null {
  const shell = readShell(text, parsers)
  if (!shell.ok) return depth === 0 ? shell.error : null
  draft.bombs.push(...shell.tree.bombs)
  for (const command of shell.tree.commands) {
    const line = commandLine(command)
    draft.lines.push(line)
    draft.files.push(...filesUsed(line))
    draft.queries.push(...sqlUsed(line))
    draft.requests.push(...requestsSent(line))
    for (const program of programTexts(line)) addCode(program, line, draft, parsers, depth)
  }
  return null
}

function addCode(text: string, line: CommandLine, draft: Draft, parsers: Parsers, depth: number): void {
  const { files, queries, requests, calls, scripts, hidden } = codeUse(text, line)
  draft.files.push(...files)
  draft.queries.push(...queries)
  draft.requests.push(...requests)
  draft.calls.push(...calls)
  draft.hidden.push(...hidden)
  if (depth < CODE_DEPTH_MAX) for (const script of scripts) addScript(script, draft, parsers, depth + 1)
}

/** The acts of tools that take a path. */
const PATH_ACTS: Readonly<Record<string, readonly FileAct[]>> = {
  read_file: ['read'],
  write_file: ['write'],
  edit_file: ['write'],
  delete_file: ['delete'],
  move_file: ['move'],
  glob: ['list'],
  grep: ['read']
}

/** What stands in the payload beside a command: paths, SQL, an address. */
function addFields(payload: JsonObject, action: string | null, draft: Draft): void {
  const { path, paths, destination, sql, url, urls, method, content, diff, act } = payload
  const said = act === 'delete' || act === 'move' || act === 'write' || act === 'read' ? [act as FileAct] : null
  const by = typeof payload.tool === 'string' ? payload.tool : 'the tool'
  const acts = PATH_ACTS[action ?? ''] ?? said ?? (content !== undefined || diff !== undefined ? ['write'] : ['read', 'write'])
  const all = [path, ...(Array.isArray(paths) ? paths : [])].filter((one) => typeof one === 'string')
  for (const one of all) for (const what of acts) draft.files.push({ act: what, path: one, isDeep: what === 'delete', isKnown: true, by })
  if (typeof destination === 'string') draft.files.push({ act: 'write', path: destination, isDeep: false, isKnown: true, by })
  if (typeof sql === 'string') draft.queries.push({ text: sql, dialect: 'other', by })
  const verb = typeof method === 'string' ? method.toUpperCase() : 'GET'
  const addresses = new Set([url, ...(Array.isArray(urls) ? urls : [])].filter((one) => typeof one === 'string'))
  for (const address of addresses) draft.requests.push({ url: address, method: verb, body: '', by })
}

function summarised(queries: readonly SqlUse[], parsers: Parsers): Parsed<readonly SqlSummary[]> {
  const found: SqlSummary[] = []
  for (const query of queries) {
    const summary = readSqlUse(query, parsers)
    if (!summary.ok) return summary
    found.push(summary.tree)
  }
  return { ok: true, tree: found }
}

/**
 * Judges a tool call by one question: `find` gives the verdict on what it finds, or null. A call that cannot be read is denied with that as the reason.
 */
export function judgeTool(context: JudgedContext, find: (reading: ToolReading) => Verdict | null, allowed: string): Verdict {
  const reading = readTool(context)
  if (!reading.ok) return deny(`\`command\` is ${reading.error}`, { remedy: 'write the command in plain words, or run a script file' })
  return find(reading.tree) ?? allow(allowed)
}
