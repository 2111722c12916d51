// What an MCP server says about its tools is pinned by hash: a tool that describes itself otherwise than it did is not the tool that was let in.
import * as z from 'zod'
import { canonicalize, digestOf } from './canonical.ts'
import type { Hash } from './ports.ts'
import type { Json, JsonObject } from './schema.ts'
import { visibleLines } from './visible.ts'

/** Characters that the definition of one tool may have. */
export const DEFINITION_CHARS_MAX = 65_536
/** Tools of one server that are looked at; what comes after them does not exist. */
export const MCP_TOOLS_MAX = 500

/** As far as clients could choke on it: what does not fit is left out, so that one bad tool does not hide the others. */
const Definition = z.looseObject({
  name: z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: z.looseObject({ type: z.literal('object') }),
  outputSchema: z.looseObject({}).optional(),
  annotations: z.looseObject({}).optional()
})
/** What a model reads or a client acts on; `_meta` is neither, and changes from one answer to the next. */
const PINNED = ['name', 'title', 'description', 'inputSchema', 'outputSchema', 'annotations', 'icons', 'execution'] as const

/** A tool as its server defines it now. */
export interface McpTool {
  readonly name: string
  readonly definition: JsonObject
  readonly digest: string
}

/** What is known of a tool. `pinned` is callable; `seen` is set where its server last defined it otherwise. */
export interface McpPin {
  readonly tool: string
  readonly pinned_digest: string
  readonly pinned: JsonObject
  readonly pinned_at: string
  readonly seen_digest: string | null
  readonly seen: JsonObject | null
  readonly seen_at: string | null
}

/**
 * The tools of a list that can be told apart and fit. A name that comes twice is left out altogether: which of the two would be called is
 * its server's choice, and not what was pinned.
 */
export function readTools(listed: readonly unknown[], hash: Hash): McpTool[] {
  const tools = new Map<string, McpTool | null>()
  for (const one of listed.slice(0, MCP_TOOLS_MAX)) {
    const parsed = Definition.safeParse(one)
    if (!parsed.success) continue
    const given = one as Record<string, Json>
    const { name } = parsed.data
    if (tools.has(name)) {
      tools.set(name, null)
      continue
    }
    const definition = Object.fromEntries(PINNED.flatMap((key) => (given[key] === undefined ? [] : [[key, given[key]]]))) as JsonObject
    const text = canonicalText(definition)
    tools.set(name, text === null ? null : { name, definition, digest: digestOf(definition, hash) })
  }
  return [...tools.values()].filter((tool) => tool !== null)
}

/** Null for what is too long, or is no text that can be signed. */
function canonicalText(definition: JsonObject): string | null {
  try {
    const text = canonicalize(definition)
    return text.length > DEFINITION_CHARS_MAX ? null : text
  } catch {
    return null
  }
}

/** The definition as agents see it: what is hidden in its texts is shown as what it is; icons, which clients would fetch, are left out. */
export function shownDefinition({ icons: _icons, execution: _execution, ...definition }: JsonObject): JsonObject {
  return visibleTexts(definition) as JsonObject
}

/** All texts of a value with everything hidden shown as what it is; line feeds stay. */
export function visibleTexts(value: Json): Json {
  if (typeof value === 'string') return visibleLines(value)
  if (Array.isArray(value)) return value.map(visibleTexts)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [visibleLines(key), visibleTexts(one)]))
}
