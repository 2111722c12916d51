// From the tool call of any agent to an action with the catalogue's keys: one normaliser for all, so that no tool is a way around a policy.
import { addressesIn, editedText, firstOf, listOf, looksLikeSql, programAsShell, quotedArgv } from './tool_fields.ts'
import { patchedFiles } from './patch_files.ts'
import { type ToolKind, toolKind } from './tool_names.ts'
import type { Json, JsonObject } from './schema.ts'

/** A tool call as hooks, MCP and frameworks report it. */
export interface ToolCall {
  readonly tool_name: string
  readonly tool_input: JsonObject
  /** The folder in which the agent works. */
  readonly cwd?: string
}

/** The action of system `agent` that a tool call is, and its input for policies. */
export interface ToolAction {
  /** `agent.shell`, `agent.read_file`, … */
  readonly action: string
  readonly input: JsonObject
}

const COMMAND = ['command', 'cmd', 'commandLine', 'command_line', 'bash_command', 'shell_command', 'script', 'argv', 'commands']
const PATH = [
  'file_path',
  'path',
  'filePath',
  'filepath',
  'absolute_path',
  'notebook_path',
  'target_file',
  'relative_workspace_path',
  'source',
  'source_path',
  'src',
  'old_path',
  'filename',
  'file_name',
  'file',
  'dir_path',
  'directory'
]
const DESTINATION = ['destination', 'destination_path', 'dest', 'target', 'new_path', 'to_path', 'newPath']
const URL_KEYS = ['url', 'uri', 'href', 'link', 'endpoint', 'webpage_url']
const SQL = ['sql', 'query', 'statement', 'sql_query', 'raw_sql']
const CODE = ['code', 'source_code', 'python_code', 'python', 'javascript', 'js']
/** Keys that policies of other families read, handed on as they are. */
const HANDED_ON =
  'to cc bcc channel subject branch base args method action hitl_id table where credential_purpose resource_target commit_message files file_count email data actor_role'.split(
    ' '
  )

/** Normalises one tool call. What it does not know keeps all its fields under `tool_input`; nothing is dropped. */
export function toolAction({ tool_name, tool_input, cwd }: ToolCall): ToolAction {
  const kind = toolKind(tool_name)
  const input: Record<string, Json> = { tool: tool_name }
  for (const key of HANDED_ON) if (Object.hasOwn(tool_input, key)) input[key] = tool_input[key]!
  const folder =
    firstOf(tool_input, ['cwd', 'workdir', 'working_directory', 'workingDirectory']) ??
    (kind === 'shell' ? firstOf(tool_input, ['directory']) : undefined) ??
    cwd
  if (typeof folder === 'string') input.cwd = folder
  FILLS[kind](tool_input, input, tool_name)
  const isShell = kind !== 'editor' && Object.hasOwn(input, 'command')
  const action = isShell ? 'shell' : (ACTIONS[kind] ?? actOf(input, kind, tool_name))
  if (action === 'mcp' || action === 'tool') input.tool_input = tool_input
  return { action: `agent.${action}`, input }
}

const ACTIONS: Readonly<Partial<Record<ToolKind, string>>> = {
  shell: 'shell',
  read: 'read_file',
  write: 'write_file',
  edit: 'edit_file',
  delete: 'delete_file',
  glob: 'glob',
  grep: 'grep',
  fetch: 'fetch_url',
  patch: 'edit_file'
}

const EDITOR_ACTIONS: Readonly<Record<string, string>> = {
  view: 'read_file',
  create: 'write_file',
  delete: 'delete_file',
  rename: 'edit_file',
  list: 'glob'
}

/** Editors name what they do in a field; tools that are not known are what their name says, and run as `mcp` or `tool`. */
function actOf(input: JsonObject, kind: ToolKind, name: string): string {
  if (kind === 'editor') return EDITOR_ACTIONS[String(input.act)] ?? 'edit_file'
  return /^mcp(?:__|[-_:.])/i.test(name) ? 'mcp' : 'tool'
}

type Fill = (given: JsonObject, input: Record<string, Json>, name: string) => void

const FILLS: Readonly<Record<ToolKind, Fill>> = {
  shell(given, input, name) {
    fillCommand(given, input)
    // To PowerShell and cmd a backslash is a separator, to the parser it would quote.
    if (/powershell|pwsh|^cmd$/i.test(name) && typeof input.command === 'string') input.command = input.command.replaceAll('\\', '/')
  },
  read: (given, input) => fillPath(given, input),
  write(given, input) {
    fillPath(given, input)
    fillContent(given, input)
  },
  edit(given, input) {
    fillPath(given, input)
    fillContent(given, input)
  },
  delete: (given, input) => fillPath(given, input),
  glob(given, input) {
    fillPath(given, input)
    set(input, 'glob_pattern', firstOf(given, ['pattern', 'glob_pattern', 'glob', 'query', 'include_pattern']))
  },
  grep(given, input) {
    fillPath(given, input)
    set(input, 'grep_pattern', firstOf(given, ['pattern', 'grep_pattern', 'regex', 'query', 'search', 'text']))
    const glob = firstOf(given, ['glob', 'include', 'include_pattern', 'includePattern'])
    if (typeof glob === 'string') input.glob_pattern = glob
  },
  fetch: (given, input) => fillUrls(given, input),
  patch(given, input) {
    const patch = firstOf(given, ['input', 'patch', 'diff', 'command', 'content'])
    const text = Array.isArray(patch) ? patch.filter((one) => typeof one === 'string').join('\n') : patch
    set(input, 'diff', text)
    if (typeof text !== 'string') return
    const { written, deleted } = patchedFiles(text)
    input.paths = [...written, ...deleted]
  },
  editor(given, input) {
    input.act = EDITOR_ACTIONS[String(given.command)] === undefined ? 'write' : String(given.command)
    fillPath(given, input)
    fillContent(given, input)
  },
  code(given, input, name) {
    const code = firstOf(given, CODE)
    if (typeof code === 'string') input.command = programAsShell(code, /node|javascript|js|typescript/i.test(name) ? 'node' : 'python')
    else set(input, 'command', code)
  },
  none: () => undefined,
  unknown(given, input, name) {
    if (COMMAND.some((key) => Object.hasOwn(given, key))) fillCommand(given, input)
    fillPath(given, input)
    fillContent(given, input)
    fillUrls(given, input)
    const destination = firstOf(given, DESTINATION)
    if (typeof destination === 'string' && input.path !== undefined) input.destination = destination
    const sql = firstOf(given, SQL)
    if (typeof sql === 'string' && (Object.hasOwn(given, 'sql') || looksLikeSql(sql))) input.sql = sql
    const act =
      /(?:^|[_\-.:])(?:(delete|remove|unlink|rm|trash|destroy|purge)|(move|rename|mv)|(write|create|edit|append|patch|update|replace|insert|save|put|upload|set)|(?:read|get|view|open|cat|download|fetch|show|head|tail))(?:[_\-.:]|(?=[A-Z])|$)/i.exec(
        name
      )
    if (act !== null) input.act = act[1] !== undefined ? 'delete' : act[2] !== undefined ? 'move' : act[3] !== undefined ? 'write' : 'read'
  }
}

function set(input: Record<string, Json>, key: string, value: Json | undefined): void {
  if (value !== undefined) input[key] = value
}

function fillCommand(given: JsonObject, input: Record<string, Json>): void {
  const command = firstOf(given, COMMAND)
  const args = given.args
  const words = listOf(command)
  // `["bash", "-lc", "…"]` is an argv, which no shell reads again.
  if (words !== null) input.command = quotedArgv(words)
  else if (typeof command === 'string' && Array.isArray(args) && args.every((one) => typeof one === 'string'))
    input.command = `${command} ${quotedArgv(args)}`
  else set(input, 'command', command)
}

function fillPath(given: JsonObject, input: Record<string, Json>): void {
  set(input, 'path', firstOf(given, PATH))
  const paths = listOf(given.paths) ?? listOf(given.files) ?? listOf(given.file_paths)
  if (paths !== null) input.paths = paths
}

function fillContent(given: JsonObject, input: Record<string, Json>): void {
  set(input, 'content', editedText(given))
}

function fillUrls(given: JsonObject, input: Record<string, Json>): void {
  const url = firstOf(given, URL_KEYS)
  const isFile = typeof url === 'string' && url.startsWith('file:')
  if (isFile) set(input, 'path', url)
  else set(input, 'url', url)
  const urls = listOf(given.urls) ?? (typeof given.prompt === 'string' && url === undefined ? addressesIn(given.prompt) : null)
  if (urls !== null && urls.length > 0) {
    if (!Object.hasOwn(input, 'url')) input.url = urls[0]!
    input.urls = urls
  }
}
