// GitHub Copilot CLI and coding agent (docs: Hooks configuration): camelCase events, arguments as JSON text, only `deny` is processed. Pure.
import type { JsonObject } from '../../engine/schema.ts'
import {
  callOf,
  commandLine,
  errorText,
  object,
  objectOrJson,
  outputOf,
  saidJson,
  secondsOf,
  SILENT,
  text,
  type HookAgent,
  type HookEvent
} from './hook.ts'

const OR_DENY = `echo '{"permissionDecision":"deny","permissionDecisionReason":"the hook of Enact did not run"}'`

export const copilot: HookAgent = {
  id: 'copilot',
  title: 'GitHub Copilot',
  read,
  pass: () => SILENT,
  deny: (reason) => saidJson({ permissionDecision: 'deny', permissionDecisionReason: reason }),
  blocks: ({ stdout, exit }) => exit === 0 && objectOrJson(stdout)?.permissionDecision === 'deny',
  userFile: '.copilot/hooks/enact.json',
  projectFile: '.github/hooks/enact.json',
  root: { version: 1 },
  events: [
    'sessionStart',
    'sessionEnd',
    'userPromptSubmitted',
    'preToolUse',
    'postToolUse',
    'postToolUseFailure',
    'permissionRequest',
    'preCompact',
    'agentStop',
    'subagentStart',
    'subagentStop',
    'notification',
    'errorOccurred'
  ],
  before: 'preToolUse',
  entries(how) {
    const entry = (): JsonObject => ({ type: 'command', bash: commandLine('copilot', how, OR_DENY), timeoutSec: how.timeoutSeconds })
    return { preToolUse: entry(), postToolUse: entry() }
  },
  canary: (command, session) => ({
    sessionId: session,
    timestamp: 1_700_000_000_000,
    cwd: '/tmp',
    toolName: 'bash',
    toolArgs: JSON.stringify({ command, description: 'canary of enact hooks doctor' })
  }),
  timeoutOf: ({ timeoutSec }) => secondsOf(timeoutSec)
}

/** The event's name is not part of it: one with a result comes after the tool. */
function read(given: JsonObject): HookEvent {
  if (!('toolName' in given)) {
    const isOther = ['source', 'reason', 'prompt', 'error', 'stopReason'].some((key) => key in given)
    return isOther ? { kind: 'other', event: '' } : { kind: 'unreadable', why: 'the event has no `toolName`' }
  }
  const call = callOf(given.toolName, objectOrJson(given.toolArgs), given.cwd)
  if (typeof call === 'string') return { kind: 'unreadable', why: call }
  const about = { session_id: text(given.sessionId), tool_use_id: text(given.toolCallId), call }
  const result = object(given.toolResult)
  if (result === null && given.error === undefined) return { ...about, event: 'preToolUse', kind: 'before', user_email: null }
  const success = result !== null && result.resultType === 'success'
  const error = success ? null : errorText(result?.textResultForLlm ?? given.error)
  return { ...about, event: 'postToolUse', kind: 'after', success, output: success ? outputOf(result) : {}, error }
}
