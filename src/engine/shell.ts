// The simple commands of a shell text: chains, substitutions, functions and here-documents walked, wrappers (`sudo`, `bash -c`, …) taken off.
import { assignedIn, type ShellWord, wordsOf } from './shell_words.ts'
import { isShell, unwrapped } from './shell_wrappers.ts'
import type { Parsed, Parsers } from './ports.ts'
import type { Json, JsonObject } from './schema.ts'

export type { ShellWord } from './shell_words.ts'

/** One program and its arguments, as far as the text tells them. `environment` names the variables set for it alone. */
export interface ShellCommand {
  readonly words: readonly ShellWord[]
  readonly environment: readonly string[]
}

/** `bash -c` in `ssh` in `eval` …: deeper nesting is refused. */
const NESTED_MAX = 8

/** Every command that the text may run, in any branch. Text that cannot be parsed is refused; what a program does inside itself is not seen. */
export function shellCommands(text: string, parsers: Parsers): Parsed<readonly ShellCommand[]> {
  const reading: Reading = { parsers, commands: [], error: null }
  readText(text, reading, 0)
  return reading.error === null ? { ok: true, tree: reading.commands } : { ok: false, error: reading.error }
}

/** An argv that no shell reads again: `['bash', '-c', 'git push']` is still unwrapped. */
export function argvCommands(argv: readonly string[], parsers: Parsers): Parsed<readonly ShellCommand[]> {
  const reading: Reading = { parsers, commands: [], error: null }
  addCommand({ words: argv.map((text) => ({ text, literal: true, splits: false })), environment: [] }, [], reading, 0)
  return reading.error === null ? { ok: true, tree: reading.commands } : { ok: false, error: reading.error }
}

interface Reading {
  readonly parsers: Parsers
  readonly commands: ShellCommand[]
  error: string | null
}

function readText(text: string, reading: Reading, nested: number): void {
  if (nested > NESTED_MAX) reading.error ??= 'shells are nested too deeply'
  if (reading.error !== null) return
  const parsed = reading.parsers.shell(text)
  if (!parsed.ok) {
    reading.error = `shell text that cannot be read: ${parsed.error}`
    return
  }
  const variables = assignedIn(parsed.tree)
  walk(parsed.tree, (node) => {
    if (node.type === 'Command') addCommand(commandOf(node, variables), scriptsIn(node, variables), reading, nested)
    if (node.type === 'Pipeline') readPipes(node.commands as readonly JsonObject[], variables, reading, nested)
  })
}

type Variables = ReadonlyMap<string, string | null>

/** What `echo` or a here-document writes into a shell is a script. */
function readPipes(commands: readonly JsonObject[], variables: Variables, reading: Reading, nested: number): void {
  commands.slice(1).forEach((command, at) => {
    if (command.type !== 'Command' || !isShell(unwrapped(commandOf(command, variables)).command)) return
    for (const script of textsWritten(commands[at]!, variables)) readText(script, reading, nested + 1)
  })
}

function commandOf(node: JsonObject, variables: Variables): ShellCommand {
  const name = node.name === undefined ? [] : wordsOf(node.name as JsonObject, variables)
  const words = [...name, ...partsOf(node.suffix).flatMap((part) => argumentsOf(part, variables))]
  const assigned = partsOf(node.prefix).filter((part) => part.type === 'Assignment')
  return { words, environment: assigned.map((part) => String(part.name)) }
}

function scriptsIn(node: JsonObject, variables: Variables): string[] {
  return [...partsOf(node.prefix), ...partsOf(node.suffix)].flatMap((part) => textOfRedirect(part, variables))
}

function partsOf(list: Json | undefined): readonly JsonObject[] {
  return (list ?? []) as readonly JsonObject[]
}

/** A word, or the `name=value` that `export` and `alias` take. */
function argumentsOf(part: JsonObject, variables: Variables): readonly ShellWord[] {
  if (part.type === 'Word') return wordsOf(part, variables)
  if (part.type !== 'Assignment' || (part.value as JsonObject).type !== 'Word') return []
  const value = wordsOf(part.value as JsonObject, variables)
  return [
    {
      text: `${String(part.name)}=${value.map((word) => word.text).join(' ')}`,
      literal: value.every((word) => word.literal),
      splits: false
    }
  ]
}

function addCommand(command: ShellCommand, input: readonly string[], reading: Reading, nested: number): void {
  const inner = unwrapped(command)
  if (inner.command.words.length > 0) reading.commands.push(inner.command)
  for (const script of inner.scripts) readText(script, reading, nested + 1)
  for (const argv of inner.more) addCommand({ words: argv, environment: inner.command.environment }, [], reading, nested)
  if (isShell(inner.command)) for (const script of input) readText(script, reading, nested + 1)
}

function textOfRedirect(part: JsonObject, variables: Variables): string[] {
  if (part.type === 'HereDoc') return [String((part.body as JsonObject).text ?? '')]
  if (part.type === 'HereString' && part.target !== undefined)
    return [
      wordsOf(part.target as JsonObject, variables)
        .map((word) => word.text)
        .join(' ')
    ]
  return []
}

function textsWritten(node: JsonObject, variables: Variables): string[] {
  const suffix = partsOf(node.suffix)
  const name = node.name === undefined ? '' : String((node.name as JsonObject).value)
  if (name === 'cat') return suffix.flatMap((part) => textOfRedirect(part, variables))
  if (name !== 'echo' && name !== 'printf') return []
  const words = suffix.filter((part) => part.type === 'Word').flatMap((word) => wordsOf(word, variables))
  return words.every((word) => word.literal)
    ? [
        words
          .filter((word) => !/^-[neE]+$/.test(word.text))
          .map((word) => word.text.replaceAll('\\n', '\n'))
          .join(' ')
      ]
    : []
}

function walk(node: Json, visit: (node: JsonObject) => void): void {
  if (node === null || typeof node !== 'object') return
  if (Array.isArray(node)) {
    for (const item of node) walk(item, visit)
    return
  }
  const body = node as JsonObject
  visit(body)
  for (const key in body) walk(body[key]!, visit)
}
