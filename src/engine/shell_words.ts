// Words of a shell command: quotes removed, variables that the same text sets filled in, the rest marked as unknown.
import type { Json, JsonObject } from './schema.ts'

/** One argument. What is not `literal` holds something that only the shell will know; what `splits` may become several arguments. */
export interface ShellWord {
  readonly text: string
  readonly literal: boolean
  readonly splits: boolean
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
      const words = value?.type === 'Word' ? wordsOf(value, NOTHING_SET) : []
      const known =
        words.length === 1 && words[0]!.literal && body.append === undefined && body.index === undefined && !values.has(String(body.name))
      values.set(String(body.name), known ? words[0]!.text : null)
    }
    if (body.type === 'For' || body.type === 'Select') values.set(String((body.name as JsonObject).value), null)
    for (const key in body) rest.push(body[key]!)
  }
  return values
}

const NOTHING_SET: ReadonlyMap<string, string | null> = new Map()

/** The arguments that one word of the source becomes: usually one; an unquoted variable may hold several. */
export function wordsOf(word: JsonObject, variables: ReadonlyMap<string, string | null>): readonly ShellWord[] {
  const parts = word.parts as readonly JsonObject[] | undefined
  const raw = String(word.value ?? '')
  if (parts === undefined) return [{ text: raw, literal: true, splits: false }]
  const pieces = parts.map((part) => pieceOf(part, variables, false))
  const [only] = pieces
  if (pieces.length === 1 && only!.known && only!.bare) {
    return only!.text
      .split(/\s+/)
      .filter((text) => text !== '')
      .map((text) => ({ text, literal: true, splits: false }))
  }
  const known = pieces.every((piece) => piece.known && !(piece.bare && /\s/.test(piece.text)))
  return [
    {
      text: known ? pieces.map((piece) => piece.text).join('') : raw,
      literal: known,
      splits: pieces.some((piece) => piece.bare && !(piece.known && !/\s/.test(piece.text)))
    }
  ]
}

/** A part of a word; `bare` = an expansion outside quotes, which the shell splits at spaces. */
interface Piece {
  readonly text: string
  readonly known: boolean
  readonly bare: boolean
}

function pieceOf(part: JsonObject, variables: ReadonlyMap<string, string | null>, quoted: boolean): Piece {
  if (part.type === 'DoubleQuoted' || part.type === 'LocaleString') {
    const inner = (part.parts as readonly JsonObject[]).map((child) => pieceOf(child, variables, true))
    return { text: inner.map((piece) => piece.text).join(''), known: inner.every((piece) => piece.known), bare: false }
  }
  if (part.type === 'SimpleExpansion' || part.type === 'ParameterExpansion') {
    const plain = part.operation === undefined && part.index === undefined && part.prefix === undefined
    const value = plain ? variables.get(String(part.parameter ?? String(part.text).replace(/^\$/, ''))) : undefined
    return typeof value === 'string' ? { text: value, known: true, bare: !quoted } : { text: '', known: false, bare: !quoted }
  }
  if (part.type === 'CommandExpansion' && namesABranch(part)) return { text: 'HEAD', known: true, bare: false }
  if (typeof part.value === 'string') return { text: part.value, known: true, bare: false }
  return { text: '', known: false, bare: !quoted }
}

const BRANCH_COMMANDS: ReadonlySet<string> = new Set([
  'git branch --show-current',
  'git rev-parse --abbrev-ref HEAD',
  'git rev-parse HEAD',
  'git symbolic-ref --short HEAD',
  'git symbolic-ref HEAD'
])

/** `$(git branch --show-current)` and its like give one branch, never an option. */
function namesABranch(part: JsonObject): boolean {
  const statements = ((part.script as JsonObject | undefined)?.commands ?? []) as readonly JsonObject[]
  const command = statements.length === 1 ? (statements[0]!.command as JsonObject) : undefined
  if (command?.type !== 'Command' || command.name === undefined) return false
  const words = [command.name as JsonObject, ...((command.suffix ?? []) as readonly JsonObject[]).filter((one) => one.type === 'Word')]
  return words.every((word) => word.parts === undefined) && BRANCH_COMMANDS.has(words.map((word) => String(word.value)).join(' '))
}
