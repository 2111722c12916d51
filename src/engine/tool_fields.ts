// Fields of tool calls, whatever they are called.
import type { Json, JsonObject } from './schema.ts'

/** The first of these fields that is set; fields of the wrong type are handed on, so that a policy refuses them instead of missing them. */
export function firstOf(given: JsonObject, keys: readonly string[]): Json | undefined {
  for (const key of keys) if (Object.hasOwn(given, key) && given[key] !== null && given[key] !== undefined) return given[key]
  return undefined
}

/** A list of texts, or null. */
export function listOf(value: Json | undefined): readonly string[] | null {
  return Array.isArray(value) && value.length > 0 && value.every((one): one is string => typeof one === 'string') ? value : null
}

/** An argv as a text that a shell would split into the same words. */
export function quotedArgv(words: readonly string[]): string {
  return words.map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ')
}

/** A program text as the shell command that runs it. */
export function programAsShell(code: string, interpreter: string): string {
  let end = 'ENACT_PROGRAM'
  while (code.includes(end)) end += '_'
  return `${interpreter} - <<'${end}'\n${code}\n${end}`
}

const CONTENT = [
  'content',
  'contents',
  'file_text',
  'new_string',
  'new_str',
  'newString',
  'new_source',
  'code_edit',
  'replacement',
  'insert_text',
  'replace',
  'text'
]

/** What an edit writes; of several edits, all of them. */
export function editedText(given: JsonObject): Json | undefined {
  const own = firstOf(given, CONTENT)
  const edits = Array.isArray(given.edits) ? given.edits : Array.isArray(given.replacements) ? given.replacements : []
  const texts = edits.flatMap((edit) => {
    const text = edit !== null && typeof edit === 'object' && !Array.isArray(edit) ? firstOf(edit as JsonObject, CONTENT) : undefined
    return typeof text === 'string' ? [text] : []
  })
  return texts.length === 0 ? own : [...(typeof own === 'string' ? [own] : []), ...texts].join('\n')
}

/** The addresses that stand in a text. */
export function addressesIn(text: string): readonly string[] {
  return text.match(/\bhttps?:\/\/[^\s<>"'`)\]]{1,2048}/gi) ?? []
}

/** Whether a text that is called `query` is SQL and not words to search for. */
export function looksLikeSql(text: string): boolean {
  return /^\s*(?:--[^\n]*\n\s*|\/\*[\s\S]{0,500}?\*\/\s*)*(?:select\s.+\sfrom\s|select\s+[\d'(*]|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|drop\s+(?:table|database|schema|index|view|role|user|function|type|extension|trigger|policy)\s|truncate\s|alter\s+(?:table|database|schema|role|user|type|system)\s|create\s+(?:or\s|table|database|schema|index|unique|view|role|user|function|type|extension|trigger|policy|temp)|grant\s|revoke\s|with\s+\S+\s+as\s*\(|explain\s|do\s+\$|call\s|copy\s|merge\s+into\s|vacuum|begin\b|;)/is.test(
    text
  )
}
