// Gemini CLI (docs: Hooks reference): exit code 2 blocks with standard error as the reason; any other failure is a warning. Pure.
import type { JsonObject } from '../../engine/schema.ts'
import { deniesInJson, readClaudeDialect } from './claude_dialect.ts'
import { blocksByExit2, commandLine, exit2, objectOrJson, OR_EXIT_2, saidJson, secondsOf, type HookAgent } from './hook.ts'

export const gemini: HookAgent = {
  id: 'gemini',
  title: 'Gemini CLI',
  read: (event) => readClaudeDialect(event, { before: ['BeforeTool'], after: ['AfterTool'], failed: [] }),
  pass: () => saidJson({}),
  deny: (reason) => exit2(reason),
  blocks(said) {
    const answer = said.exit === 0 ? objectOrJson(said.stdout) : null
    return blocksByExit2(said) || deniesInJson(said) || answer?.decision === 'deny' || answer?.decision === 'block'
  },
  userFile: '.gemini/settings.json',
  projectFile: '.gemini/settings.json',
  root: {},
  events: [
    'SessionStart',
    'SessionEnd',
    'BeforeAgent',
    'AfterAgent',
    'BeforeModel',
    'AfterModel',
    'BeforeToolSelection',
    'BeforeTool',
    'AfterTool',
    'PreCompress',
    'Notification'
  ],
  before: 'BeforeTool',
  entries(how) {
    // Gemini counts in milliseconds.
    const entry = (): JsonObject => ({
      matcher: '.*',
      hooks: [{ name: 'enact', type: 'command', command: commandLine('gemini', how, OR_EXIT_2), timeout: how.timeoutSeconds * 1_000 }]
    })
    return { BeforeTool: entry(), AfterTool: entry() }
  },
  canary: (command, session) => ({
    session_id: session,
    transcript_path: '',
    cwd: '/tmp',
    hook_event_name: 'BeforeTool',
    timestamp: '2026-01-01T00:00:00Z',
    tool_name: 'run_shell_command',
    tool_input: { command }
  }),
  timeoutOf: ({ timeout }) => secondsOf(timeout, 1_000)
}
