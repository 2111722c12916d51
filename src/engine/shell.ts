// The simple commands of a shell text: chains, substitutions, functions and here-documents walked, wrappers (`sudo`, `bash -c`, …) taken off.
import { forkBombs } from './shell_bomb.ts'
import { commandOf, NO_COMMAND, redirectsIn, type ShellCommand, within } from './shell_command.ts'
import { readPipeline, textsGiven } from './shell_input.ts'
import { assignedIn, extended, loopValues, NO_VARIABLES, outputOf, type Variables } from './shell_words.ts'
import { fileRun, filesWritten } from './shell_written.ts'
import { isShell, isShellName, programOf, unwrapped } from './shell_wrappers.ts'
import type { Parsed, Parsers } from './ports.ts'
import type { Json, JsonObject } from './schema.ts'

export type { ShellCommand } from './shell_command.ts'
export type { ShellWord } from './shell_words.ts'

/** What a text would run. `bombs` names functions that start copies of themselves. */
export interface ShellText {
  readonly commands: readonly ShellCommand[]
  readonly bombs: readonly string[]
}

/** `bash -c` in `ssh` in `eval` …: deeper nesting is refused. */
const NESTED_MAX = 8
/** Loops and functions with arguments are read once for each value: the work stays bounded by this. */
const STEPS_MAX = 20_000
const CHARACTERS_A_STEP = 32
const FOLDER_MAX = 4_096

/** Every command that the text may run, in any branch. Text that cannot be parsed is refused; what a program does inside itself is not seen. */
export function shellCommands(text: string, parsers: Parsers): Parsed<readonly ShellCommand[]> {
  const read = readShell(text, parsers)
  return read.ok ? { ok: true, tree: read.tree.commands } : read
}

/** As `shellCommands`, with what else the text shows. `folder` is where it begins. */
export function readShell(text: string, parsers: Parsers, folder: string | null = null): Parsed<ShellText> {
  const reading = newReading(parsers)
  readText(text, reading, { ...START, folder })
  return reading.error === null
    ? { ok: true, tree: { commands: reading.commands, bombs: reading.bombs } }
    : { ok: false, error: reading.error }
}

/** An argv that no shell reads again: `['bash', '-c', 'git push']` is still unwrapped. */
export function argvCommands(argv: readonly string[], parsers: Parsers): Parsed<readonly ShellCommand[]> {
  const reading = newReading(parsers)
  const words = argv.map((text) => ({ text, literal: true, splits: false }))
  addCommand({ ...NO_COMMAND, words }, reading, START)
  return reading.error === null ? { ok: true, tree: reading.commands } : { ok: false, error: reading.error }
}

interface Reading {
  readonly parsers: Parsers
  readonly commands: ShellCommand[]
  readonly bombs: string[]
  readonly functions: Map<string, Json>
  /** What the text wrote into files before. */
  readonly written: Map<string, readonly string[]>
  pipelines: number
  steps: number
  error: string | null
}

/** What holds at one place of the text. `folder` changes as the text is read. */
interface Scope {
  readonly variables: Variables
  readonly nested: number
  readonly inPipeline: number | null
  readonly source: ShellCommand | null
  readonly input: readonly string[]
  readonly through: readonly string[]
  readonly isLooped: boolean
  folder: string | null
}

const START: Scope = {
  variables: NO_VARIABLES,
  nested: 0,
  inPipeline: null,
  source: null,
  input: [],
  through: [],
  isLooped: false,
  folder: null
}

function newReading(parsers: Parsers): Reading {
  return { parsers, commands: [], bombs: [], functions: new Map(), written: new Map(), pipelines: 0, steps: 0, error: null }
}

function readText(text: string, reading: Reading, scope: Scope): void {
  if (scope.nested > NESTED_MAX) reading.error ??= 'shells are nested too deeply'
  // A text may be run many times: what is parsed in all stays bounded too.
  reading.steps += Math.floor(text.length / CHARACTERS_A_STEP)
  if (!step(reading)) return
  const parsed = reading.parsers.shell(text)
  if (!parsed.ok) {
    reading.error = `shell text that cannot be read: ${parsed.error}`
    return
  }
  const set = assignedIn(parsed.tree)
  reading.bombs.push(...forkBombs(parsed.tree))
  visit(parsed.tree, reading, { ...scope, variables: extended(scope.variables, set) })
}

function visit(node: Json, reading: Reading, scope: Scope): void {
  if (node === null || typeof node !== 'object' || reading.error !== null) return
  if (Array.isArray(node)) {
    for (const item of node) visit(item, reading, scope)
    return
  }
  const body = node as JsonObject
  const special = typeof body.type === 'string' && Object.hasOwn(VISITS, body.type) ? VISITS[body.type] : undefined
  if (special !== undefined) special(body, reading, scope)
  else visitParts(body, reading, scope)
}

function visitParts(body: JsonObject, reading: Reading, scope: Scope): void {
  for (const key in body) visit(body[key]!, reading, scope)
}

/** A change of folder inside does not reach outside. */
function visitApart(body: JsonObject, reading: Reading, scope: Scope): void {
  visitParts(body, reading, { ...scope })
}

const VISITS: Readonly<Record<string, (body: JsonObject, reading: Reading, scope: Scope) => void>> = {
  Command: visitCommand,
  Pipeline: visitPipeline,
  Redirected: visitRedirected,
  Subshell: visitApart,
  CommandExpansion: visitApart,
  ProcessSubstitution: visitApart,
  While: (body, reading, scope) => visitParts(body, reading, { ...scope, isLooped: true }),
  ArithmeticFor: (body, reading, scope) => visitParts(body, reading, { ...scope, isLooped: true }),
  Function(body, reading, scope) {
    const name = String((body.name as JsonObject).value)
    reading.functions.set(name, body.body!)
    visit(body.body!, reading, { ...scope })
  },
  For(body, reading, scope) {
    const values = loopValues(body, scope.variables)
    visit(body.wordlist ?? null, reading, scope)
    if (values === null) return visit(body.body!, reading, { ...scope, isLooped: true })
    const name = String((body.name as JsonObject).value)
    for (const value of values)
      if (step(reading)) visit(body.body!, reading, { ...scope, variables: extended(scope.variables, [[name, value]]) })
  }
}

/** Counts one step of the work; false where there is to be no further one. */
function step(reading: Reading): boolean {
  if (++reading.steps > STEPS_MAX) reading.error ??= `it takes more than ${STEPS_MAX} steps`
  return reading.error === null
}

function visitPipeline(body: JsonObject, reading: Reading, scope: Scope): void {
  const inPipeline = scope.inPipeline ?? ++reading.pipelines
  const commands = body.commands as readonly JsonObject[]
  const units = commands.map((node) => (node.type === 'Command' ? unwrapped(commandOf(node, scope, inPipeline)).command : null))
  const read = readPipeline(units, scope.input)
  commands.forEach((_node, at) => {
    // What is piped into a shell is a script: it is read before the pipeline's own commands.
    const unit = units[at]!
    const scripts = unit !== null && isShell(unit) ? read[at]!.input : []
    for (const script of scripts) readText(script, reading, { ...scope, nested: scope.nested + 1, inPipeline })
  })
  commands.forEach((node, at) => visit(node, reading, { ...scope, inPipeline, ...read[at]! }))
}

function visitRedirected(body: JsonObject, reading: Reading, scope: Scope): void {
  const redirects = body.redirects as readonly JsonObject[]
  visit(body.command!, reading, { ...scope, input: [...scope.input, ...textsGiven(redirects, scope.variables)] })
  // The redirects belong to no program: `{ a; b; } > file` still writes.
  const command = {
    ...NO_COMMAND,
    redirects: redirectsIn(redirects, scope.variables),
    folder: scope.folder,
    pipeline: scope.inPipeline ?? 0
  }
  if (command.redirects.length > 0) reading.commands.push(command)
  for (const redirect of redirects) visitParts(redirect, reading, { ...scope })
}

function visitCommand(body: JsonObject, reading: Reading, scope: Scope): void {
  const inPipeline = scope.inPipeline ?? ++reading.pipelines
  const command = commandOf(body, scope, inPipeline)
  // The command's own here-document takes the place of what is piped in; a shell reads it as its script.
  const own = command.input
  addCommand(own.length > 0 ? command : { ...command, input: scope.input }, reading, scope, own)
  const inner = { ...scope, inPipeline, input: [], source: null }
  for (const script of scriptsSubstituted(body, command)) readText(script, reading, { ...inner, nested: scope.nested + 1 })
  if (body.name !== undefined) visit(body.name, reading, inner)
  visit(body.prefix ?? null, reading, inner)
  visit(body.suffix ?? null, reading, inner)
}

/** `bash <(echo …)` and `source <(echo …)` run what the substitution prints. */
function scriptsSubstituted(body: JsonObject, command: ShellCommand): readonly string[] {
  const name = programOf(unwrapped(command).command)
  if (!isShellName(name) && name !== 'source' && name !== '.') return []
  const parts = ((body.suffix ?? []) as readonly JsonObject[]).flatMap((word) => (word.parts ?? []) as readonly JsonObject[])
  return parts.filter((part) => part.type === 'ProcessSubstitution').flatMap((part) => outputOf(part) ?? [])
}

/** `own` are the texts that the command itself brings: a shell reads them as its script. */
function addCommand(command: ShellCommand, reading: Reading, scope: Scope, own: readonly string[] = []): void {
  if (scope.nested > NESTED_MAX) reading.error ??= 'shells are nested too deeply'
  if (!step(reading)) return
  const inner = unwrapped(command)
  const { words, folder, through } = inner.command
  if (words.length > 0 || inner.command.redirects.length > 0) reading.commands.push(inner.command)
  const deeper = { ...scope, nested: scope.nested + 1, inPipeline: command.pipeline, folder, through }
  for (const script of inner.scripts) readText(script.text, reading, { ...deeper, variables: extended(scope.variables, script.variables) })
  for (const argv of inner.more) addCommand({ ...inner.command, redirects: [], input: [], ...argv }, reading, deeper)
  if (own.length > 0 && isShell(inner.command)) for (const script of own) readText(script, reading, deeper)
  for (const [path, texts] of filesWritten(inner.command)) reading.written.set(path, texts)
  const run = reading.written.size === 0 ? null : fileRun(inner.command)
  for (const script of run === null ? [] : (reading.written.get(run) ?? [])) readText(script, reading, deeper)
  followFunction(inner.command, reading, deeper)
  changeFolder(inner.command, scope)
}

/** A function of the same text, called with arguments, is read again with them. */
function followFunction({ words }: ShellCommand, reading: Reading, scope: Scope): void {
  const body = words.length > 1 && words[0]!.literal ? reading.functions.get(words[0]!.text) : undefined
  if (body === undefined || scope.nested > NESTED_MAX) return
  const given = words.slice(1).map((word, at): [string, string | null] => [String(at + 1), word.literal ? word.text : null])
  const all = words.slice(1).every((word) => word.literal)
    ? words
        .slice(1)
        .map((word) => word.text)
        .join(' ')
    : null
  visit(body, reading, { ...scope, variables: extended(scope.variables, [...given, ['@', all], ['*', all]]) })
}

function changeFolder(command: ShellCommand, scope: Scope): void {
  const name = programOf(command)
  if (name !== 'cd' && name !== 'pushd' && name !== 'chdir') return
  const target = command.words.slice(1).find((word) => !/^-[LPe@]+$/.test(word.text) && word.text !== '--')
  const folder = target === undefined ? '~' : target.text === '-' ? '$OLDPWD' : within(scope.folder, target.text)
  // No system has a longer path, and a text of nothing but `cd` must not cost the square of its length.
  scope.folder = folder.length > FOLDER_MAX ? '$FOLDER' : folder
}
