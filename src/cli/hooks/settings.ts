// The settings files of coding agents with Enact's hooks put in or taken out, as texts. Pure.
import { isDeepStrictEqual } from 'node:util'
import type { Json, JsonObject } from '../../engine/schema.ts'
import type { HookAgent, HookEntries } from '../../integrations/hooks/index.ts'
import { nodeAt, parseJsonc, removeAt, setAt } from './jsonc.ts'

/** One of Enact's own handlers as it stands in a file. */
export interface Installed {
  readonly event: string
  /** The entry of the event's list, with its matcher where there is one. */
  readonly entry: JsonObject
  readonly handler: JsonObject
}

/** The handlers of an entry: Claude Code and those after it have a list in each, the others are one themselves. */
export function handlersOf(entry: Json): JsonObject[] {
  if (!isObject(entry)) return []
  return Array.isArray(entry.hooks) ? entry.hooks.filter(isObject) : [entry]
}

/** Whether `enact hooks install` wrote it. */
export function isOurs(agent: HookAgent, handler: JsonObject): boolean {
  const command = commandOf(handler)
  if (command !== null)
    return new RegExp(`\\benact\\S*['"]? hook ${agent.id}(?: |$)`).test(command) || command.includes(` hook ${agent.id} --timeout `)
  return agent.id === 'claude-code' && typeof handler.url === 'string' && /\/hooks\/claude-code(?:\?|$)/.test(handler.url)
}

export function commandOf({ command, bash }: JsonObject): string | null {
  return typeof command === 'string' ? command : typeof bash === 'string' ? bash : null
}

/** Everything of Enact's in a file. */
export function installedIn(agent: HookAgent, text: string): Installed[] {
  return Object.entries(hooksOf(text)).flatMap(([event, entries]) =>
    (Array.isArray(entries) ? entries : []).flatMap((entry) =>
      handlersOf(entry)
        .filter((handler) => isOurs(agent, handler))
        .map((handler) => ({ event, entry: entry as JsonObject, handler }))
    )
  )
}

/** `hooks` of a file; throws `SyntaxError` where the file or they are not what the agent would read. */
export function hooksOf(text: string): JsonObject {
  const value = parseJsonc(text).value
  if (!isObject(value)) throw new SyntaxError('it is not a JSON object')
  const hooks = value.hooks ?? {}
  if (!isObject(hooks)) throw new SyntaxError('`hooks` is not an object')
  return hooks
}

/** The file's text with these entries; null = there is no file. Put in twice is put in once, and nothing of anybody else's is touched. */
export function withHooks(agent: HookAgent, before: string | null, entries: HookEntries): string {
  let text = before === null || before.trim() === '' ? '{}\n' : before
  hooksOf(text)
  for (const [name, value] of Object.entries(agent.root)) if (nodeAt(parseJsonc(text), [name]) === null) text = setAt(text, [name], value)
  if (nodeAt(parseJsonc(text), ['hooks']) === null) text = setAt(text, ['hooks'], {})
  for (const event of Object.keys(hooksOf(text))) if (!Object.hasOwn(entries, event)) text = withoutOurs(agent, text, event, 0)
  for (const [event, entry] of Object.entries(entries)) {
    if (nodeAt(parseJsonc(text), ['hooks', event]) === null) text = setAt(text, ['hooks', event], [])
    const ours = ourPlaces(agent, text, event)
    const [first] = ours
    if (first === undefined) text = setAt(text, ['hooks', event, listOf(text, event).length], entry)
    else {
      if (!isDeepStrictEqual(listOf(text, event)[first], entry)) text = setAt(text, ['hooks', event, first], entry)
      text = withoutOurs(agent, text, event, 1)
    }
  }
  return text
}

/** The file's text without what `withHooks` put in; null = nothing is left of it. */
export function withoutHooks(agent: HookAgent, before: string): string | null {
  let text = before
  for (const event of Object.keys(hooksOf(text))) text = withoutOurs(agent, text, event, 0)
  if (text === before) return before
  if (Object.keys(hooksOf(text)).length === 0) text = removeAt(text, ['hooks'])
  const left = Object.entries(parseJsonc(text).value as JsonObject)
  return left.every(([name, value]) => isDeepStrictEqual(agent.root[name], value)) && !/\/[/*]/.test(text) ? null : text
}

/** Takes out what is Enact's beyond the first `kept`, and the list where nothing is left in it. */
function withoutOurs(agent: HookAgent, before: string, event: string, kept: number): string {
  let text = before
  const ours = ourPlaces(agent, text, event).slice(kept)
  for (const place of ours.toReversed()) text = removeAt(text, ['hooks', event, place])
  return ours.length > 0 && listOf(text, event).length === 0 ? removeAt(text, ['hooks', event]) : text
}

function ourPlaces(agent: HookAgent, text: string, event: string): number[] {
  return listOf(text, event).flatMap((entry, place) => {
    const handlers = handlersOf(entry)
    return handlers.length > 0 && handlers.every((handler) => isOurs(agent, handler)) ? [place] : []
  })
}

function listOf(text: string, event: string): Json[] {
  const list = hooksOf(text)[event]
  if (list !== undefined && !Array.isArray(list)) throw new SyntaxError(`\`hooks.${event}\` is not a list`)
  return (list as Json[] | undefined) ?? []
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
