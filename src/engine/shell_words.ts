// Words of a shell command: quotes removed, variables that the same text sets filled in, the rest marked as unknown.
import { expandBraces } from './shell_braces.ts'
import type { Json, JsonObject } from './schema.ts'

/** One argument. What is not `literal` holds something that only the shell will know; what `splits` may become several arguments. */
export interface ShellWord {
  readonly text: string
  readonly literal: boolean
  readonly splits: boolean
}

/** Variables that the text sets: their value, null where it is not known, undefined where they are not set. */
export interface Variables {
  get(name: string): string | null | undefined
}

export const NO_VARIABLES: Variables = new Map<string, string | null>()

/** The variables of an outer text with those of an inner one over them. */
export function extended(outer: Variables, inner: Iterable<readonly [string, string | null]>): Variables {
  const own = new Map(inner)
  if (own.size === 0) return outer
  return outer === NO_VARIABLES ? own : { get: (name) => (own.has(name) ? own.get(name) : outer.get(name)) }
}

/** Variables set in the text: name → value, or null where it is set twice or to something unknown. */
export function assignedIn(tree: Json): ReadonlyMap<string, string | null> {
  const values = new Map<string, string | null>()
  const rest: Json[] = [tree]
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    if (node === null || typeof node !== 'object') continue
    const body = node as JsonObject
    if (body.type === 'Assignment') {
      const value = body.value as JsonObject | undefined
      const words = value?.type === 'Word' ? wordsOf(value, NO_VARIABLES) : []
      const text = words.length === 1 && words[0]!.literal ? words[0]!.text : value?.type === 'Word' && words.length === 0 ? '' : null
      const isKnown = text !== null && body.append === undefined && body.index === undefined && !values.has(String(body.name))
      values.set(String(body.name), isKnown ? text : null)
    }
    if (body.type === 'For' || body.type === 'Select') values.set(String((body.name as JsonObject).value), null)
    // `X=safe rm $X` expands the X of before: what is set for one command alone is not known in it.
    if (body.type === 'Command' && body.name !== undefined)
      for (const part of (body.prefix ?? []) as readonly JsonObject[]) if (part.type === 'Assignment') values.set(String(part.name), null)
    for (const key in body) rest.push(body[key]!)
  }
  return values
}

const LOOP_MAX = 64

/** The values that a `for` loop takes, where they all stand in the text; else null. */
export function loopValues(loop: JsonObject, variables: Variables): readonly string[] | null {
  const list = loop.wordlist as readonly JsonObject[] | undefined
  if (list === undefined || list.length > LOOP_MAX) return null
  const words = list.flatMap((word) => wordsOf(word, variables))
  return words.length > 0 && words.length <= LOOP_MAX && words.every((word) => word.literal) ? words.map((word) => word.text) : null
}

/** The arguments that one word of the source becomes: usually one; an unquoted variable may hold several. */
export function wordsOf(word: JsonObject, variables: Variables): readonly ShellWord[] {
  const parts = word.parts as readonly JsonObject[] | undefined
  const raw = String(word.value ?? '')
  if (parts === undefined) return [{ text: raw, literal: true, splits: false }]
  if (parts.some((part) => part.type === 'BraceExpansion')) {
    const pieces = parts.map((part) => (part.type === 'BraceExpansion' ? null : pieceOf(part, variables, false)))
    if (pieces.every((piece) => piece === null || (piece.known && !piece.bare)))
      return expandBraces(parts.map((part, at) => pieces[at]?.text ?? String(part.text)).join('')).map((text) => ({
        text,
        literal: true,
        splits: false
      }))
  }
  const pieces = parts.map((part) => pieceOf(part, variables, false))
  if (pieces.every((piece) => piece.known) && pieces.some((piece) => piece.bare && (pieces.length === 1 || /\s/.test(piece.text))))
    return split(pieces)
  const known = pieces.every((piece) => piece.known && !(piece.bare && /\s/.test(piece.text)))
  return [
    {
      text: known ? pieces.map((piece) => piece.text).join('') : partlyKnown(pieces, parts, raw),
      literal: known,
      splits: pieces.some((piece) => piece.bare && !(piece.known && !/\s/.test(piece.text)))
    }
  ]
}

/** Word splitting: spaces of an expansion outside quotes begin a new word, those in quotes do not. */
function split(pieces: readonly Piece[]): readonly ShellWord[] {
  const words: string[] = []
  let open = false
  for (const { text, bare } of pieces) {
    const parts = bare ? text.split(/\s+/) : [text]
    parts.forEach((part, at) => {
      if (at > 0) open = false
      if (part === '' && bare) return
      if (open) words[words.length - 1] += part
      else words.push(part)
      open = true
    })
  }
  return words.map((text) => ({ text, literal: true, splits: false }))
}

/** What is known filled in, what is not as it stands in the source. */
function partlyKnown(pieces: readonly Piece[], parts: readonly JsonObject[], raw: string): string {
  if (!pieces.some((piece, at) => piece.known && piece.bare && parts[at]!.type !== 'CommandExpansion')) return raw
  const texts = pieces.map((piece, at) =>
    piece.known ? piece.text : parts[at]!.type === 'SimpleExpansion' ? String(parts[at]!.text) : null
  )
  return texts.every((text) => text !== null) ? texts.join('') : raw
}

/** A part of a word; `bare` = an expansion outside quotes, which the shell splits at spaces. */
interface Piece {
  readonly text: string
  readonly known: boolean
  readonly bare: boolean
}

function pieceOf(part: JsonObject, variables: Variables, quoted: boolean): Piece {
  if (part.type === 'DoubleQuoted' || part.type === 'LocaleString') {
    const inner = (part.parts as readonly JsonObject[]).map((child) => pieceOf(child, variables, true))
    return { text: inner.map((piece) => piece.text).join(''), known: inner.every((piece) => piece.known), bare: false }
  }
  if (part.type === 'SimpleExpansion' || part.type === 'ParameterExpansion') {
    const value = valueOf(part, variables)
    return typeof value === 'string' ? { text: value, known: true, bare: !quoted } : { text: '', known: false, bare: !quoted }
  }
  if (part.type === 'CommandExpansion') {
    const said = outputOf(part)
    if (said !== null) return { text: said, known: true, bare: !quoted }
  }
  if (typeof part.value === 'string') return { text: part.value, known: true, bare: false }
  return { text: '', known: false, bare: !quoted }
}

/** `$X`, `${X}`, and `${X:-y}` where the text tells whether X is set. */
function valueOf(part: JsonObject, variables: Variables): string | null | undefined {
  const name = String(part.parameter ?? String(part.text).replace(/^\$/, ''))
  if (part.index !== undefined || part.prefix !== undefined) return undefined
  // `rm${IFS}-rf`: the shell's own separator.
  if (part.operation === undefined) return variables.get(name) ?? (name === 'IFS' && variables.get(name) === undefined ? ' ' : undefined)
  const { type, operator, operand } = part.operation as JsonObject
  if (type !== 'Default' || !(operator === '-' || operator === ':-' || operator === '=' || operator === ':=')) return undefined
  const value = variables.get(name)
  if (typeof value === 'string') return value === '' && String(operator).startsWith(':') ? textOf(operand as JsonObject) : value
  return undefined
}

function textOf(word: JsonObject): string | undefined {
  return word.parts === undefined ? String(word.value) : undefined
}

const BRANCH_COMMANDS: ReadonlySet<string> = new Set([
  'git branch --show-current',
  'git rev-parse --abbrev-ref HEAD',
  'git rev-parse HEAD',
  'git symbolic-ref --short HEAD',
  'git symbolic-ref HEAD'
])

/** What some commands print is known: `$(git branch --show-current)` one branch, never an option; `$(echo x)` x; `$(which x)` a path to x. */
export function outputOf(part: JsonObject): string | null {
  const statements = ((part.script as JsonObject | undefined)?.commands ?? []) as readonly JsonObject[]
  const command = statements.length === 1 ? (statements[0]!.command as JsonObject) : undefined
  if (command?.type !== 'Command' || command.name === undefined) return null
  const words = [command.name as JsonObject, ...((command.suffix ?? []) as readonly JsonObject[])]
  const [name, document] = words
  // `$(cat <<'EOF' … EOF)`: the way to write several lines into one argument.
  if (words.length === 2 && name!.value === 'cat' && document!.type === 'HereDoc') {
    const { text, parts } = document!.body as JsonObject
    return parts === undefined && typeof text === 'string' ? text.replace(/\n+$/, '') : null
  }
  if (words.some((word) => word.type !== 'Word' || word.parts?.valueOf() !== undefined)) return printed(words)
  const text = words.map((word) => String(word.value)).join(' ')
  if (BRANCH_COMMANDS.has(text)) return 'HEAD'
  if (/^mktemp(?: -[dqt]+| --directory)*(?: [\w.-]*X{3,}[\w.-]*)?$/.test(text)) return '/tmp/mktemp'
  const found = /^(?:which|command -v|type -[pP]) ([\w./+-]+)$/.exec(text)
  return found?.[1] ?? printed(words)
}

/** `echo rm`, `printf '%s' rm`: short, plain and quoted words only. */
function printed(words: readonly JsonObject[]): string | null {
  const [name, ...rest] = words
    .map((word) => (word.type === 'Word' ? wordsOf(word, NO_VARIABLES) : []))
    .map((list) => (list.length === 1 ? list[0]! : null))
  if (name === null || name === undefined || rest.length === 0 || rest.some((word) => word === null || !word.literal)) return null
  const texts = rest.map((word) => word!.text)
  if (name.text === 'echo') return texts.filter((text, at) => at > 0 || !/^-[neE]+$/.test(text)).join(' ')
  if (name.text !== 'printf') return null
  return texts.length === 1 && !/[%\\]/.test(texts[0]!) ? texts[0]! : /^%s(?:\\n)?$/.test(texts[0]!) ? texts.slice(1).join('') : null
}
