// Bash, parsed into plain JSON: unbash behind a length limit, with every error, however deep, being a refusal.
import { parse } from 'unbash'
import type { Parsed } from '../../engine/ports.ts'
import type { Json } from '../../engine/schema.ts'

/** Longer commands are refused. */
export const SHELL_LENGTH_MAX = 65_536
const DEPTH_MAX = 200

/** The whole tree of a command, positions left out. unbash is tolerant: any entry in any script's `errors` means that the tree is a guess. */
export function parseShell(text: string): Parsed<Json> {
  if (text.length > SHELL_LENGTH_MAX) return { ok: false, error: `it is longer than ${SHELL_LENGTH_MAX} characters` }
  if (opensTooDeep(text)) return { ok: false, error: `it is nested deeper than ${DEPTH_MAX}` }
  if (text.includes('\0')) return { ok: false, error: 'it holds a NUL character' }
  const found: Found = { error: null }
  try {
    const tree = plain(parse(text), 0, found)
    return found.error === null ? { ok: true, tree } : { ok: false, error: found.error }
  } catch {
    return { ok: false, error: 'it is too complex to parse' }
  }
}

/** More substitutions left open at once than any tree may be deep: refused before the parser spends its time on them. */
function opensTooDeep(text: string): boolean {
  if (!text.includes('$(')) return false
  let open = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === ')') open = Math.max(0, open - 1)
    else if (text[at] === '$' && text[at + 1] === '(' && ++open > DEPTH_MAX) return true
  }
  return false
}

interface Found {
  error: string | null
}

/** Left out everywhere: positions, and the source text that parent nodes repeat (a `$name` has nothing but its text). */
const NOISE = new Set(['pos', 'end', 'operatorEnd', 'parameterPos', 'parameterEnd', 'keywordEnd', 'source', 'closing'])

function plain(value: unknown, depth: number, found: Found): Json {
  if (value === null || typeof value !== 'object') return (value ?? null) as Json
  if (found.error !== null) return null
  if (depth > DEPTH_MAX) {
    found.error ??= `it is nested deeper than ${DEPTH_MAX}`
    return null
  }
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1, found))
  const node =
    'toJSON' in value && typeof value.toJSON === 'function'
      ? (value.toJSON() as Record<string, unknown>)
      : (value as Record<string, unknown>)
  const copy: Record<string, Json> = {}
  for (const key in node) {
    const item = node[key]
    if (item === undefined || NOISE.has(key)) continue
    if (key === 'errors') found.error ??= (item as { message: string }[])[0]?.message ?? null
    else if (key !== 'text' || keepsText(node.type)) copy[key] = plain(item, depth + 1, found)
  }
  return copy
}

function keepsText(type: unknown): boolean {
  return type === 'SimpleExpansion' || type === 'HereDocBody' || type === 'BraceExpansion'
}
