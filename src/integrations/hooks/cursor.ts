// Cursor (docs: Hooks): flat snake_case answers on standard output; with `failClosed` a missing answer blocks, so that a pass is said too. Pure.
import type { Json, JsonObject } from '../../engine/schema.ts'
import {
  callOf,
  commandLine,
  errorText,
  objectOrJson,
  OR_EXIT_2,
  outputOf,
  saidJson,
  secondsOf,
  text,
  type HookAgent,
  type HookEvent
} from './hook.ts'

const AFTER: ReadonlySet<string> = new Set(['postToolUse', 'postToolUseFailure'])

export const cursor: HookAgent = {
  id: 'cursor',
  title: 'Cursor',
  read,
  pass: (event) => saidJson(AFTER.has(event) ? {} : { permission: 'allow' }),
  // The model is shown `user_message`, whatever the reference says of `agent_message`.
  deny: (reason) => saidJson({ permission: 'deny', user_message: reason, agent_message: reason }),
  blocks({ stdout, exit }) {
    // `failClosed`: whatever is not an answer blocks too.
    if (exit !== 0) return true
    const answer = objectOrJson(stdout)
    return answer === null || answer.permission === 'deny'
  },
  userFile: '.cursor/hooks.json',
  projectFile: '.cursor/hooks.json',
  root: { version: 1 },
  events: [
    'sessionStart',
    'sessionEnd',
    'preToolUse',
    'postToolUse',
    'postToolUseFailure',
    'subagentStart',
    'subagentStop',
    'beforeShellExecution',
    'afterShellExecution',
    'beforeMCPExecution',
    'afterMCPExecution',
    'beforeReadFile',
    'afterFileEdit',
    'beforeSubmitPrompt',
    'preCompact',
    'stop',
    'afterAgentResponse',
    'afterAgentThought',
    'beforeTabFileRead',
    'afterTabFileEdit',
    'workspaceOpen'
  ],
  before: 'preToolUse',
  entries(how) {
    const command = commandLine('cursor', how, OR_EXIT_2)
    const report = (): JsonObject => ({ command, timeout: how.timeoutSeconds })
    return {
      preToolUse: { command, timeout: how.timeoutSeconds, failClosed: true },
      postToolUse: report(),
      postToolUseFailure: report()
    }
  },
  canary: (command, session) => ({
    conversation_id: session,
    generation_id: 'canary',
    session_id: session,
    hook_event_name: 'preToolUse',
    cursor_version: 'canary',
    workspace_roots: ['/tmp'],
    user_email: null,
    tool_name: 'Shell',
    tool_input: { command, cwd: '/tmp' },
    tool_use_id: session
  }),
  timeoutOf: ({ timeout }) => secondsOf(timeout)
}

/** Events of one kind of tool, which name no tool, and the tool that each stands for. */
const NARROW: Readonly<Record<string, (given: JsonObject) => readonly [Json | undefined, JsonObject | null]>> = {
  beforeShellExecution: ({ command }) => ['Shell', typeof command === 'string' ? { command } : null],
  beforeMCPExecution: ({ tool_name, tool_input }) => [
    typeof tool_name === 'string' && !tool_name.startsWith('MCP:') ? `MCP:${tool_name}` : tool_name,
    objectOrJson(tool_input)
  ],
  beforeReadFile: ({ file_path }) => ['Read', typeof file_path === 'string' ? { file_path } : null],
  beforeTabFileRead: ({ file_path }) => ['Read', typeof file_path === 'string' ? { file_path } : null]
}

function read(given: JsonObject): HookEvent {
  const event = text(given.hook_event_name)
  if (event === null) return { kind: 'unreadable', why: 'the event has no `hook_event_name`' }
  const narrow = NARROW[event]
  if (event !== 'preToolUse' && narrow === undefined && !AFTER.has(event)) return { kind: 'other', event }
  const [name, input] = narrow === undefined ? [given.tool_name, objectOrJson(given.tool_input)] : narrow(given)
  const root = Array.isArray(given.workspace_roots) ? given.workspace_roots[0] : undefined
  const call = callOf(name, input, text(given.cwd) ?? root)
  if (typeof call === 'string') return { kind: 'unreadable', why: call }
  const about = { event, session_id: text(given.conversation_id) ?? text(given.session_id), tool_use_id: text(given.tool_use_id), call }
  if (!AFTER.has(event)) return { ...about, kind: 'before', user_email: text(given.user_email) }
  const success = event === 'postToolUse'
  const output = success ? (objectOrJson(given.tool_output) ?? outputOf(given.tool_output)) : {}
  return { ...about, kind: 'after', success, output, error: success ? null : errorText(given.error_message) }
}
