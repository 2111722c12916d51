// Tools of coding agents by their names: Claude Code, Codex, Cursor, Gemini CLI, Copilot, and what frameworks call theirs.

/** What kind of tool a name stands for. `none` touches nothing outside the agent. */
export type ToolKind =
  | 'shell'
  | 'read'
  | 'write'
  | 'edit'
  | 'delete'
  | 'glob'
  | 'grep'
  | 'fetch'
  | 'patch'
  | 'editor'
  | 'code'
  | 'none'
  | 'unknown'

const NAMES: Readonly<Record<Exclude<ToolKind, 'unknown'>, string>> = {
  shell:
    'bash shell local_shell exec exec_command container.exec unified_exec run_terminal_cmd run_terminal_command run_in_terminal runinterminal runcommand run_command ' +
    'run_shell_command execute_command terminal powershell pwsh cmd zsh sh write_stdin beforeshellexecution shell_command execute_bash run_bash bash_tool monitor',
  read: 'read read_file readfile view_file open_file read_many_files notebookread read_notebook beforereadfile cat_file get_file_contents view_image view read_text_file read_media_file',
  write: 'write write_file writefile create_file createfile create_new_file notebook_write save_file create',
  edit: 'edit multiedit edit_file editfile search_replace replace replace_in_file str_replace insert_edit_into_file notebookedit edit_notebook apply_diff edit_file_content update insert_content afterfileedit replace_string_in_file multi_replace_string_in_file',
  delete: 'delete_file deletefile remove_file delete_directory remove_directory delete_path',
  glob: 'glob ls list_dir list_directory listdir file_search find_files list_files glob_file_search find_by_name search_files directory_tree',
  grep: 'grep grep_search search_file_content ripgrep rg search_in_files text_search',
  fetch: 'webfetch web_fetch fetch fetch_url fetch_webpage open_url read_url_content http_request browser_navigate web_fetch_exa',
  patch: 'apply_patch applypatch patch',
  editor: 'str_replace_editor str_replace_based_edit_tool text_editor memory str_replace_based_edit',
  code: 'execute_code run_code executecode python execute_python run_python python_repl code_interpreter code_execution node_repl run_javascript javascript_tool execute_javascript ipython jupyter_execute',
  none: 'todowrite todo_write todoread write_todos update_plan updateplan task agent exitplanmode enterplanmode askuserquestion websearch web_search google_web_search bashoutput killshell killbash taskoutput taskstop slashcommand skill think sequentialthinking codebase_search save_memory toolsearch report_intent update_todo'
}

const KINDS: ReadonlyMap<string, ToolKind> = new Map(
  Object.entries(NAMES).flatMap(([kind, names]) => names.split(' ').map((name): [string, ToolKind] => [name, kind as ToolKind]))
)

/** The kind of a tool by its name; tools of MCP servers are known by what their own part of the name says, their fields decide the rest. */
export function toolKind(name: string): ToolKind {
  const plain = name.toLowerCase().replaceAll('-', '_')
  const direct = KINDS.get(plain)
  if (direct !== undefined) return direct
  const mcp = /^mcp__[^_]+(?:_[^_]+)*__(.+)$/.exec(plain) ?? /^mcp[:_.].*?[:_.](\w+)$/.exec(plain)
  const own = mcp === null ? plain.split(/[.:/]/).at(-1)! : mcp[1]!
  const kind = KINDS.get(own)
  // A server may mean something else by a name that touches nothing here.
  return kind === undefined || (mcp !== null && kind === 'none') ? 'unknown' : kind
}
