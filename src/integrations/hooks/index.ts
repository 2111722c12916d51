// Every coding agent whose hooks Enact can be, one row each.
import { claudeCode } from './claude_code.ts'
import { codex } from './codex.ts'
import { copilot } from './copilot.ts'
import { cursor } from './cursor.ts'
import { gemini } from './gemini.ts'
import type { HookAgent } from './hook.ts'

export type { HookAgent, HookCommand, HookEntries, HookEvent, Said } from './hook.ts'

/** id → the agent. */
export const HOOK_AGENTS: Readonly<Record<string, HookAgent>> = { 'claude-code': claudeCode, codex, cursor, gemini, copilot }
