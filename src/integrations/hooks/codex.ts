// Codex CLI (0.124 or later; openai/codex, codex-rs/hooks): command hooks in `hooks.json`. Anything but a deny lets the call through. Pure.
import type { JsonObject } from '../../engine/schema.ts'
import { deniesInJson, readClaudeDialect } from './claude_dialect.ts'
import { blocksByExit2, commandLine, exit2, object, OR_EXIT_2, SILENT, secondsOf, type HookAgent } from './hook.ts'

/** The matcher is a regular expression over the tool's name: shell commands, patches and every tool of every MCP server. */
const MATCHER = '.*|mcp__.*'

export const codex: HookAgent = {
  id: 'codex',
  title: 'Codex',
  read: (event) => readClaudeDialect(withToolInput(event), { before: ['PreToolUse'], after: ['PostToolUse'], failed: [] }),
  pass: () => SILENT,
  // Exit code 2 with a reason: JSON on standard output is lost as soon as anything else is printed there, and the call goes through.
  deny: (reason) => exit2(reason),
  blocks: (said) => blocksByExit2(said) || deniesInJson(said),
  userFile: '.codex/hooks.json',
  projectFile: '.codex/hooks.json',
  root: {},
  events: [
    'PreToolUse',
    'PermissionRequest',
    'PostToolUse',
    'PreCompact',
    'PostCompact',
    'SessionStart',
    'SubagentStart',
    'SubagentStop',
    'UserPromptSubmit',
    'Stop',
    'StopFailure',
    'Interrupt'
  ],
  before: 'PreToolUse',
  entries(how) {
    const entry = (): JsonObject => ({
      matcher: MATCHER,
      hooks: [
        { type: 'command', command: commandLine('codex', how, OR_EXIT_2), timeout: how.timeoutSeconds, statusMessage: 'asking Enact' }
      ]
    })
    return { PreToolUse: entry(), PostToolUse: entry() }
  },
  canary: (command, session) => ({
    session_id: session,
    turn_id: 'canary',
    transcript_path: null,
    cwd: '/tmp',
    hook_event_name: 'PreToolUse',
    model: 'canary',
    permission_mode: 'default',
    tool_name: 'Bash',
    tool_input: { command },
    tool_use_id: session
  }),
  timeoutOf: ({ timeout }) => secondsOf(timeout)
}

/** A tool that takes free text has no object as its input. */
function withToolInput(event: JsonObject): JsonObject {
  return typeof event.tool_input === 'string' && object(event.tool_input) === null
    ? { ...event, tool_input: { input: event.tool_input } }
    : event
}
