// One simple command of a shell text: its words, redirects and inputs, and what stands around it.
import { textsGiven } from './shell_input.ts'
import { type ShellWord, type Variables, wordsOf } from './shell_words.ts'
import type { Json, JsonObject } from './schema.ts'

/** `> file`, `< file` and their like. */
export interface ShellRedirect {
  readonly operator: string
  readonly target: ShellWord
}

/** One program and its arguments, as far as the text tells them. */
export interface ShellCommand {
  readonly words: readonly ShellWord[]
  /** The variables set for it alone. */
  readonly environment: readonly string[]
  readonly redirects: readonly ShellRedirect[]
  /** Texts known to stand on its standard input: here-documents, what `echo` pipes into it. */
  readonly input: readonly string[]
  /** Where the text changed to (`cd`) before it; null where it did not. */
  readonly folder: string | null
  /** Commands of one pipeline, and of the substitutions in it, share a number. */
  readonly pipeline: number
  /** The command whose output it reads, or null. */
  readonly source: ShellCommand | null
  /** What `{}` stands for in `find … -exec`. */
  readonly placeholder: string | null
  /** Whether it stands in a loop over what is not written out. */
  readonly isLooped: boolean
  /** The wrappers that were taken off, outermost first: `sudo`, `ssh`, `docker exec`. */
  readonly through: readonly string[]
}

/** A command of which nothing is known. */
export const NO_COMMAND: ShellCommand = {
  words: [],
  environment: [],
  redirects: [],
  input: [],
  folder: null,
  pipeline: 0,
  source: null,
  placeholder: null,
  isLooped: false,
  through: []
}

/** What holds where a command stands. */
export interface CommandScope {
  readonly variables: Variables
  readonly source: ShellCommand | null
  readonly through: readonly string[]
  readonly isLooped: boolean
  readonly folder: string | null
}

/** The command at a node of the tree, its words expanded as far as the text tells. */
export function commandOf(node: JsonObject, scope: CommandScope, pipeline: number): ShellCommand {
  const { variables, folder, source, through, isLooped } = scope
  const name = node.name === undefined ? [] : wordsOf(node.name as JsonObject, variables)
  const parts = partsOf(node.suffix)
  const words = [...name, ...parts.flatMap((part) => argumentsOf(part, variables))]
  const before = partsOf(node.prefix)
  const environment = before.filter((part) => part.type === 'Assignment').map((part) => String(part.name))
  const redirects = redirectsIn(before.length === 0 ? parts : [...before, ...parts], variables)
  const input = textsGiven(before.length === 0 ? parts : [...before, ...parts], variables)
  return { ...NO_COMMAND, words, environment, redirects, input, folder, pipeline, source, through, isLooped }
}

/** The redirects among these parts. */
export function redirectsIn(parts: readonly JsonObject[], variables: Variables): readonly ShellRedirect[] {
  return parts.flatMap((part) => {
    if (part.type !== 'Redirect' || part.target === undefined) return []
    const [target] = wordsOf(part.target as JsonObject, variables)
    return target === undefined ? [] : [{ operator: String(part.operator), target }]
  })
}

/** A list of the tree that may be left out. */
export function partsOf(list: Json | undefined): readonly JsonObject[] {
  return (list ?? []) as readonly JsonObject[]
}

/** A word, or the `name=value` that `export` and `alias` take. */
function argumentsOf(part: JsonObject, variables: Variables): readonly ShellWord[] {
  if (part.type === 'Word') return wordsOf(part, variables)
  if (part.type !== 'Assignment' || (part.value as JsonObject).type !== 'Word') return []
  const value = wordsOf(part.value as JsonObject, variables)
  const text = `${String(part.name)}=${value.map((word) => word.text).join(' ')}`
  return [{ text, literal: value.every((word) => word.literal), splits: false }]
}

/** A path as it is meant in a folder. */
export function within(folder: string | null, path: string): string {
  return folder === null || /^(?:[/~$\\]|[A-Za-z]:|file:)/.test(path) ? path : `${folder.replace(/\/+$/, '')}/${path}`
}
