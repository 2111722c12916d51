// Hooks of coding agents over HTTP: the Worker is the hook, nothing is installed. Whatever goes wrong here is an error status, which the agent's `onFailure` turns into a block.
import * as z from 'zod'
import { fault, reportOutcome, toJsonObject, toolAction, type Decided, type Json, JsonObject } from '../../engine/index.ts'
import { denied, fabrication, HookEvent, NOTHING_TO_SAY, permission, refusal, type HookAnswer } from '../hooks/claude_code.ts'
import { answer } from '../problem.ts'
import { route, type Call } from '../route.ts'
import { approvalUrl, decideFor, decisionId, type DecisionRequest } from './decisions.ts'
import { count } from '../schema.ts'
import type { Actor } from '../host.ts'

/** How long before the agent gives up an answer must be there. */
const MARGIN_S = 5
/** The longest that one look at an approval waits. */
const LOOK_S = 50
const BLOCKED_SHOWN = 50

const Query = z.strictObject({ timeout: count(MARGIN_S + 1, 3_600, 60), phone: z.enum(['0', '1']).optional() })
type HookCall = Call<unknown, z.output<typeof Query>, HookEvent, Actor>

/** `POST /hooks/claude-code`. */
export const claudeCodeHook = route({
  id: 'claudeCodeHook',
  method: 'POST',
  path: '/hooks/claude-code',
  access: ['run'],
  title: "Claude Code's hook",
  about:
    'Takes every event: PreToolUse is judged, PostToolUse and PostToolUseFailure report the outcome, PermissionRequest asks people (`phone=1`), Stop compares the last words with what was blocked, ConfigChange is judged as an edit. `timeout` is the one in the settings: the answer comes 5 s before it.',
  tag: 'runs',
  query: Query,
  body: HookEvent,
  answers: { 200: { title: 'In the words of the hook', schema: JsonObject } },
  async handle(call) {
    return answer(200, await (EVENTS[call.body.hook_event_name] ?? ignore)(call))
  }
})

const ignore = async (_call: HookCall): Promise<HookAnswer> => NOTHING_TO_SAY

const EVENTS: Readonly<Record<string, (call: HookCall) => Promise<HookAnswer>>> = {
  PreToolUse: judgeTool,
  PermissionRequest: askForPermission,
  PostToolUse: (call) => report(call, true),
  PostToolUseFailure: (call) => report(call, false),
  Stop: compareLastWords,
  SubagentStop: compareLastWords,
  ConfigChange: judgeConfigChange
}

async function judgeTool(call: HookCall): Promise<HookAnswer> {
  const decided = await decidedInTime(call, toolOf(call), false)
  return decided.decision === 'PASS' ? NOTHING_TO_SAY : denied('PreToolUse', reasonOf(call, decided))
}

/** Only where the settings say so: the terminal's own question is put to the team's approvers as well, and whoever answers first decides. */
async function askForPermission(call: HookCall): Promise<HookAnswer> {
  if (call.query.phone !== '1') return NOTHING_TO_SAY
  const asked = toolOf(call)
  const decided = await decidedInTime(
    call,
    { ...asked, tool_use_id: asked.tool_use_id === undefined ? undefined : `${asked.tool_use_id}/permission` },
    true
  )
  return decided.decision === 'HOLD' ? NOTHING_TO_SAY : permission(decided.decision, reasonOf(call, decided))
}

async function report(call: HookCall, success: boolean): Promise<HookAnswer> {
  const { host, actor, body } = call
  if (body.tool_use_id === undefined) return NOTHING_TO_SAY
  const run_id = await decisionId(host, actor, body.session_id, body.tool_use_id)
  const latest = await host.ports.ledger.latest(actor.team_id, run_id)
  // Nothing was decided under this id: the hook was installed in between, or the call had no question to ask.
  if (latest === null) return NOTHING_TO_SAY
  const error = success ? null : textOf((body.error ?? body.tool_response) as Json | undefined)
  const output = success ? outputOf(body.tool_response as Json | undefined) : {}
  await reportOutcome(latest, { success, output, error, rollback_data: null }, host.ports)
  return NOTHING_TO_SAY
}

async function compareLastWords({ host, actor, body }: HookCall): Promise<HookAnswer> {
  if (body.last_assistant_message === undefined) return NOTHING_TO_SAY
  const place = { team_id: actor.team_id, api_key_id: actor.api_key_id, session_id: body.session_id }
  const found = fabrication(body.last_assistant_message, await host.agentSessions.blocked(place, BLOCKED_SHOWN))
  if (found === null) return NOTHING_TO_SAY
  host.log({ level: 'warn', event: 'fabrication_suspected', team_id: actor.team_id, session_id: body.session_id })
  return { systemMessage: found }
}

/** Whoever edits settings may be editing this hook away: judged and receipted like any other edit. */
async function judgeConfigChange(call: HookCall): Promise<HookAnswer> {
  const { body } = call
  const path = body.file_path ?? SETTINGS_FILES[body.source ?? ''] ?? '.claude/settings.json'
  const asked = { ...toolCallOf(call, 'Edit', { file_path: path }), tool_use_id: undefined }
  const decided = await decidedInTime(call, asked, false)
  return decided.decision === 'PASS' ? NOTHING_TO_SAY : { decision: 'block', reason: reasonOf(call, decided) }
}

/** Which file a source of settings is. */
const SETTINGS_FILES: Readonly<Record<string, string>> = {
  user_settings: '~/.claude/settings.json',
  project_settings: '.claude/settings.json',
  local_settings: '.claude/settings.local.json'
}

/** The verdict; where people are asked, what they said until the agent's patience ends. */
async function decidedInTime(call: HookCall, asked: DecisionRequest, insists: boolean): Promise<Decided> {
  const { host, actor, query } = call
  const until = host.ports.clock.now() + (query.timeout - MARGIN_S) * 1_000
  const run_id = await decisionId(host, actor, asked.session_id ?? null, asked.tool_use_id ?? null)
  let decided = await decideFor(host, actor, run_id, asked, insists)
  while (decided.decision === 'HOLD') {
    const leftMs = until - host.ports.clock.now()
    if (leftMs < 1_000) return decided
    const seen = await host.approvals.look(actor.team_id, decided.hitl_id!, Math.min(leftMs, LOOK_S * 1_000))
    if (seen === null || seen.status === 'PENDING') continue
    decided = await decideFor(host, actor, run_id, asked, insists)
  }
  return decided
}

function toolOf(call: HookCall): DecisionRequest {
  const { tool_name, tool_input } = call.body
  if (tool_name === undefined || tool_input === undefined) {
    const pointer = tool_name === undefined ? '/tool_name' : '/tool_input'
    throw fault('invalid', `\`${pointer}\` is missing`, { errors: [{ pointer, detail: 'is missing' }] })
  }
  return toolCallOf(call, tool_name, tool_input)
}

function toolCallOf({ body, actor }: HookCall, tool_name: string, tool_input: JsonObject): DecisionRequest {
  const { session_id, tool_use_id, cwd } = body
  return {
    ...toolAction({ tool_name, tool_input, ...(cwd === undefined ? {} : { cwd }) }),
    // A key that is bound to nobody acts as the agent of its team; such an address reaches no mailbox (RFC 2606).
    user_email: actor.user_email ?? `claude-code@${actor.team_id.replaceAll('_', '-')}.invalid`,
    session_id,
    tool_use_id
  }
}

function reasonOf({ url }: HookCall, decided: Decided): string {
  return refusal(decided, decided.hitl_id === null ? null : approvalUrl(url.origin, decided.hitl_id))
}

function outputOf(response: Json | undefined): JsonObject {
  if (response === undefined || response === null) return {}
  return typeof response === 'object' && !Array.isArray(response) ? toJsonObject(response) : { response }
}

function textOf(error: Json | undefined): string {
  return (typeof error === 'string' ? error : JSON.stringify(error ?? 'it failed')).slice(0, 4_096).toWellFormed()
}
