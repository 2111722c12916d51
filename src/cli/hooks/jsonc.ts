// JSON with comments and trailing commas, changed in place: whatever is not changed keeps every character that somebody wrote. Pure.
import type { Json } from '../../engine/schema.ts'

/** A value and where it stands; `members` of an object, `items` of an array. */
export interface Node {
  readonly start: number
  readonly end: number
  readonly value: Json
  readonly members?: ReadonlyMap<string, Node & { readonly keyStart: number }>
  readonly items?: readonly Node[]
}

/** Steps from the top: names of members and numbers of items. */
export type Path = readonly (string | number)[]

const BLANK = /(?:[\s\ufeff]|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y
const ATOM = /"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const DEPTH_MAX = 100

/** The text as nodes; throws `SyntaxError` with a line where it is none. */
export function parseJsonc(text: string): Node {
  let at = 0
  const skip = () => {
    BLANK.lastIndex = at
    BLANK.exec(text)
    at = BLANK.lastIndex
  }
  const refuse = (what: string): never => {
    throw new SyntaxError(`line ${text.slice(0, at).split('\n').length}: ${what}`)
  }
  const atom = (): Node => {
    ATOM.lastIndex = at
    const found = ATOM.exec(text)
    if (found === null) return refuse('not JSON')
    const start = at
    at += found[0].length
    try {
      return { start, end: at, value: JSON.parse(found[0]) as Json }
    } catch {
      return refuse('not a string of JSON')
    }
  }
  const container = (depth: number): Node => {
    if (depth > DEPTH_MAX) refuse('too deep')
    const start = at
    const isObject = text[at++] === '{'
    const members = new Map<string, Node & { keyStart: number }>()
    const items: Node[] = []
    for (skip(); text[at] !== (isObject ? '}' : ']'); skip()) {
      const keyStart = at
      if (isObject) {
        const key = atom().value
        if (typeof key !== 'string') return refuse('a name must be a string')
        if (members.has(key)) return refuse(`\`${key}\` is there twice`)
        skip()
        if (text[at++] !== ':') refuse('a colon is missing')
        members.set(key, { ...node(depth + 1), keyStart })
      } else items.push(node(depth + 1))
      skip()
      if (text[at] === ',') at++
      else if (text[at] !== (isObject ? '}' : ']')) refuse('a comma is missing')
    }
    at++
    return isObject
      ? { start, end: at, value: Object.fromEntries([...members].map(([key, { value }]) => [key, value])), members }
      : { start, end: at, value: items.map(({ value }) => value), items }
  }
  const node = (depth: number): Node => {
    skip()
    return text[at] === '{' || text[at] === '[' ? container(depth) : atom()
  }
  const top = node(0)
  skip()
  if (at < text.length) refuse('something follows the end')
  return top
}

/** The node at `path`, or null. */
export function nodeAt(top: Node, path: Path): Node | null {
  let node: Node | undefined = top
  for (const step of path) node = typeof step === 'number' ? node?.items?.[step] : node?.members?.get(step)
  return node ?? null
}

/** The text with the value put there: a member set, or an item replaced or, one after the last, added. The container must exist. */
export function setAt(text: string, path: Path, value: Json): string {
  const top = parseJsonc(text)
  const there = nodeAt(top, path)
  const unit = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  '
  const indent = unit.repeat(path.length)
  const shown = JSON.stringify(value, null, unit).replaceAll('\n', `\n${indent}`)
  if (there !== null) return text.slice(0, there.start) + shown + text.slice(there.end)
  const within = nodeAt(top, path.slice(0, -1))
  if (within?.members === undefined && within?.items === undefined)
    throw new SyntaxError(`\`${path.slice(0, -1).join('.')}\` holds no members`)
  const last = [...(within.members?.values() ?? within.items!)].at(-1)
  const added = `\n${indent}${within.members === undefined ? '' : `${JSON.stringify(path.at(-1))}: `}${shown}`
  if (last !== undefined) return `${text.slice(0, last.end)},${added}${text.slice(last.end)}`
  const closing = `\n${unit.repeat(path.length - 1)}`
  const rest = text.slice(within.start + 1)
  return `${text.slice(0, within.start + 1)}${added}${/^\s*\n/.test(rest) ? '' : closing}${rest}`
}

/** The text without what stands at `path`, and without the comma that it needed. */
export function removeAt(text: string, path: Path): string {
  const top = parseJsonc(text)
  const within = nodeAt(top, path.slice(0, -1))
  const all = [...(within?.members?.values() ?? within?.items ?? [])]
  const there = nodeAt(top, path)
  const index = all.findIndex(({ start }) => start === there?.start)
  if (within === null || index === -1) return text
  const startOf = (node: Node & { readonly keyStart?: number }) => node.keyStart ?? node.start
  const before = all[index - 1]
  if (before !== undefined) return text.slice(0, before.end) + text.slice(all[index]!.end)
  const after = all[1]
  if (after !== undefined) return text.slice(0, startOf(all[0]!)) + text.slice(startOf(after))
  const left = `${text.slice(within.start + 1, startOf(all[0]!))}${text.slice(all[0]!.end, within.end - 1)}`
  const kept = /^[\s,]*$/.test(left) ? '' : left
  return text.slice(0, within.start + 1) + kept + text.slice(within.end - 1)
}
