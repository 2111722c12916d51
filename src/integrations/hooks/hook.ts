// What a coding agent's hook is: how its events are read, how an answer is said in its words, and what its settings file must name. Pure.
import type { ToolCall } from '../../engine/tool_call.ts'
import type { Json, JsonObject } from '../../engine/schema.ts'

/** What a hook's process ends with. */
export interface Said {
  readonly stdout: string
  readonly stderr: string
  readonly exit: number
}

interface About {
  /** The event's own name. */
  readonly event: string
  readonly session_id: string | null
  readonly tool_use_id: string | null
}

/** An event, whoever sent it: `before` a tool is used, `after` it was, or anything else, which is let through unseen. */
export type HookEvent =
  | (About & { readonly kind: 'before'; readonly call: ToolCall; readonly user_email: string | null })
  | (About & {
      readonly kind: 'after'
      readonly call: ToolCall
      readonly success: boolean
      readonly output: JsonObject
      readonly error: string | null
    })
  | { readonly kind: 'other'; readonly event: string }
  | { readonly kind: 'unreadable'; readonly why: string }

/** How a settings file is to call Enact. */
export interface HookCommand {
  /** The command line up to `hook`, quoted for a shell. */
  readonly program: string
  /** What follows the agent's name: `--local`, `--fail-open`. */
  readonly flags: string
  /** Of an installation, where the agent speaks HTTP by itself; else null. */
  readonly url: string | null
  readonly timeoutSeconds: number
}

/** Entries of one settings file under `hooks`: event → what is put into its list. */
export type HookEntries = Readonly<Record<string, JsonObject>>

/** One coding agent. */
export interface HookAgent {
  readonly id: string
  readonly title: string
  /** Never throws: what cannot be read is `unreadable`, which is a deny. */
  read(event: JsonObject): HookEvent
  pass(event: string): Said
  /** INVARIANT: every version of the agent takes it for a block; `event` is empty where none could be read. */
  deny(reason: string, event: string): Said
  /** Whether the agent would take this for a block: what `hooks doctor` judges by. */
  blocks(said: Said): boolean
  /** Relative to the home folder and to the project. */
  readonly userFile: string
  readonly projectFile: string
  /** Members that the file must have beside `hooks`. */
  readonly root: JsonObject
  /** Every event the agent fires: another name never does. */
  readonly events: readonly string[]
  /** The event before a tool is used, without which nothing is judged. */
  readonly before: string
  entries(how: HookCommand): HookEntries
  /** The event as the agent would send it, for a canary. */
  canary(command: string, session: string): JsonObject
  /** The time-out of an entry in seconds; null = it has none. */
  timeoutOf(handler: JsonObject): number | null
}

/** The command line of a hook; where it cannot even be started, the shell's own answer is a block. */
export function commandLine(agent: string, { program, flags, timeoutSeconds }: HookCommand, otherwise: string): string {
  return `${program} hook ${agent} --timeout ${timeoutSeconds}${flags} || ${otherwise}`
}

/** For agents that take exit code 2 with a reason for a block, and any other failure for none. */
export const OR_EXIT_2 = `{ [ $? = 2 ] || echo "Enact's hook did not run: blocked" >&2; exit 2; }`

export function object(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
}

export function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** An object, or the text of one. */
export function objectOrJson(value: Json | undefined): JsonObject | null {
  if (typeof value !== 'string') return object(value)
  try {
    return object(JSON.parse(value))
  } catch {
    return null
  }
}

/** The call that an event is about, or why there is none. */
export function callOf(name: Json | undefined, input: JsonObject | null, cwd: Json | undefined): ToolCall | string {
  if (typeof name !== 'string' || name === '') return 'the event does not name its tool'
  if (input === null) return `the event does not say what \`${name.slice(0, 100)}\` is used on`
  return { tool_name: name, tool_input: input, ...(text(cwd) === null ? {} : { cwd: cwd as string }) }
}

/** Output as a receipt takes it. */
export function outputOf(value: Json | undefined): JsonObject {
  if (value === undefined || value === null) return {}
  return object(value) ?? { response: value }
}

export function errorText(value: Json | undefined): string {
  return (typeof value === 'string' ? value : JSON.stringify(value ?? 'it failed')).slice(0, 4_000).toWellFormed()
}

export function blocksByExit2({ exit, stderr }: Said): boolean {
  return exit === 2 && stderr.trim() !== ''
}

export function saidJson(value: JsonObject): Said {
  return { stdout: JSON.stringify(value), stderr: '', exit: 0 }
}

export const SILENT: Said = { stdout: '', stderr: '', exit: 0 }

export function exit2(reason: string): Said {
  return { stdout: '', stderr: reason, exit: 2 }
}

export function secondsOf(value: Json | undefined, perSecond = 1): number | null {
  return typeof value === 'number' ? value / perSecond : null
}
