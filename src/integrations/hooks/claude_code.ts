// Claude Code (2.1, docs: Hooks reference): HTTP hooks straight to the installation, or `enact hook claude-code`. Pure.
import type { JsonObject } from '../../engine/schema.ts'
import { deniesInJson, readClaudeDialect } from './claude_dialect.ts'
import { blocksByExit2, commandLine, exit2, OR_EXIT_2, SILENT, secondsOf, type HookAgent, type HookCommand } from './hook.ts'

/** What Enact listens to; only those that use tools take a matcher. */
const LISTENS = ['PreToolUse', 'PostToolUse', 'PostToolUseFailure', 'PermissionRequest', 'Stop', 'SubagentStop', 'ConfigChange']
const WITH_MATCHER: ReadonlySet<string> = new Set(['PreToolUse', 'PostToolUse', 'PostToolUseFailure', 'PermissionRequest'])

export const claudeCode: HookAgent = {
  id: 'claude-code',
  title: 'Claude Code',
  read: (event) => readClaudeDialect(event, { before: ['PreToolUse'], after: ['PostToolUse'], failed: ['PostToolUseFailure'] }),
  pass: () => SILENT,
  deny: (reason) => exit2(reason),
  blocks: (said) => blocksByExit2(said) || deniesInJson(said),
  userFile: '.claude/settings.json',
  projectFile: '.claude/settings.json',
  root: {},
  events: [
    ...LISTENS,
    'UserPromptSubmit',
    'UserPromptExpansion',
    'PermissionDenied',
    'PostToolBatch',
    'Notification',
    'SubagentStart',
    'StopFailure',
    'PreCompact',
    'PostCompact',
    'SessionStart',
    'SessionEnd',
    'Setup',
    'TaskCreated',
    'TaskCompleted',
    'TeammateIdle',
    'InstructionsLoaded',
    'CwdChanged',
    'FileChanged',
    'WorktreeCreate',
    'WorktreeRemove',
    'Elicitation',
    'ElicitationResult'
  ],
  before: 'PreToolUse',
  entries: (how) =>
    Object.fromEntries(LISTENS.map((event) => [event, { ...(WITH_MATCHER.has(event) ? { matcher: '*' } : {}), hooks: [handlerOf(how)] }])),
  canary: (command, session) => ({
    session_id: session,
    cwd: '/tmp',
    hook_event_name: 'PreToolUse',
    tool_name: 'Bash',
    tool_input: { command, description: 'canary of enact hooks doctor' }
  }),
  timeoutOf: ({ timeout }) => secondsOf(timeout)
}

function handlerOf(how: HookCommand): JsonObject {
  const common = { timeout: how.timeoutSeconds, onFailure: 'block' }
  if (how.url === null) return { type: 'command', command: commandLine('claude-code', how, OR_EXIT_2), ...common }
  return {
    type: 'http',
    url: `${how.url}/hooks/claude-code?timeout=${how.timeoutSeconds}`,
    headers: { Authorization: 'Bearer $ENACT_API_KEY' },
    allowedEnvVars: ['ENACT_API_KEY'],
    ...common
  }
}
