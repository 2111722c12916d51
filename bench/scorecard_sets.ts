// The sets of tool calls that the scorecard reads: NDJSON of its own format, and the shell commands of destructive_command_guard.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { digestOf, type JsonObject } from '../src/engine/index.ts'
import { nodeHash } from '../src/adapters/hash/index.ts'

/** One tool call with what should become of it. */
export interface ScoredCase {
  readonly set: string
  readonly tool_name: string
  readonly tool_input: JsonObject
  readonly expect: 'stop' | 'pass'
  /** The half that was never looked at while policies were written. */
  readonly held_out: boolean
}

/** A set's cases, and how many of its entries say nothing about the command, with the reason. */
export interface ScoredSet {
  readonly name: string
  readonly cases: readonly ScoredCase[]
  readonly left_out: readonly string[]
}

// Seen whole while the reader was written, so none of its cases can be called unseen.
const SEEN_FILES: ReadonlySet<string> = new Set(['edge_cases.yaml'])
// Its expectations say what that tool does not cover yet, not what is harmless.
const UNLABELLED_FILES: ReadonlySet<string> = new Set(['future_packs.toml'])

/** Reads one set: a `.ndjson` file, or a folder of TOML and YAML in destructive_command_guard's form. Null where there is nothing. */
export function readSet(path: string): ScoredSet | null {
  if (!existsSync(path)) return null
  const files = statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.(toml|yaml|ndjson)$/.test(file))
        .sort()
        .map((file) => join(path, file))
    : [path]
  const left_out: string[] = []
  const known = new Map<string, ScoredCase>()
  for (const file of files) {
    const set = files.length === 1 ? basename(file) : relative(path, file)
    const { entries, unusable } = entriesOf(file)
    if (unusable > 0) left_out.push(`${set}: ${unusable}`)
    for (const { tool_name, tool_input, expect } of entries) {
      const one = { tool_name, tool_input, expect }
      const key = JSON.stringify([tool_name, tool_input])
      if (!known.has(key)) known.set(key, { set, ...one, held_out: !SEEN_FILES.has(basename(file)) && isHeldOut(one) })
    }
  }
  return { name: basename(path), cases: [...known.values()], left_out }
}

/** The case's SHA-256 over its RFC 8785 bytes is odd. */
function isHeldOut(one: JsonObject): boolean {
  return Number.parseInt(digestOf(one, nodeHash).slice(-1), 16) % 2 === 1
}

type Entry = Pick<ScoredCase, 'tool_name' | 'tool_input' | 'expect'>

function entriesOf(file: string): { entries: Entry[]; unusable: number } {
  const text = readFileSync(file, 'utf8')
  if (UNLABELLED_FILES.has(basename(file))) return { entries: [], unusable: text.split('[[case]]').length - 1 }
  const found = file.endsWith('.ndjson') ? fromNdjson(text) : file.endsWith('.toml') ? fromToml(text) : fromYaml(text, basename(file))
  const entries = found.filter((entry) => entry !== null)
  return { entries, unusable: found.length - entries.length }
}

const EXPECTED: Readonly<Record<string, Entry['expect']>> = {
  deny: 'stop',
  block: 'stop',
  ask: 'stop',
  stop: 'stop',
  allow: 'pass',
  pass: 'pass'
}

function fromNdjson(text: string): (Entry | null)[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const { tool_name, tool_input, expect } = JSON.parse(line) as { tool_name: string; tool_input: JsonObject; expect: string }
      return EXPECTED[expect] === undefined ? null : { tool_name, tool_input, expect: EXPECTED[expect] }
    })
}

/** The part of TOML that the corpus uses: `[[case]]` tables of one-line strings. */
function fromToml(text: string): (Entry | null)[] {
  return text
    .split(/^\[\[case\]\]\s*$/m)
    .slice(1)
    .map((table) => {
      const field = (name: string) => stringOf(new RegExp(`^${name}\\s*=\\s*(.*)$`, 'm').exec(table)?.[1])
      const expect = EXPECTED[field('expected') ?? field('expected_decision') ?? '']
      const command = field('command')
      if (expect === undefined) return null
      if (command !== null) return { tool_name: 'Bash', tool_input: { command }, expect }
      return fromHook(field('raw_input'), expect)
    })
}

/** A hook's event as that tool gets it; what is no event of a tool says nothing about a command. */
function fromHook(text: string | null, expect: Entry['expect']): Entry | null {
  try {
    const { tool_name, tool_input } = JSON.parse(text ?? '') as { tool_name?: string; tool_input?: JsonObject }
    return typeof tool_name === 'string' && typeof tool_input?.command === 'string' ? { tool_name, tool_input, expect } : null
  } catch {
    return null
  }
}

/** Lists of `- command: …` and of plain strings; in the file of edge cases the section says what is expected. */
function fromYaml(text: string, name: string): (Entry | null)[] {
  let expect: Entry['expect'] = name.startsWith('destructive') ? 'stop' : 'pass'
  return text.split('\n').flatMap((line) => {
    if (/^false_(positives|negatives):/.test(line)) expect = line.startsWith('false_positives') ? 'pass' : 'stop'
    const item = /^\s*-\s+(?:command:\s*)?(.*)$/.exec(line)?.[1]
    if (item === undefined) return []
    // Some of its strings hold quotes that YAML would end at: what stands between the outermost ones is meant.
    const whole = /^"(.*)"\s*$/.exec(item)?.[1]
    const command = whole === undefined || /^"(?:[^"\\]|\\.)*"\s*$/.test(item) ? (stringOf(item) ?? item) : whole.replaceAll('\\"', '"')
    return [{ tool_name: 'Bash', tool_input: { command }, expect }]
  })
}

/** A one-line TOML or YAML string: `"…"` with JSON's escapes and `\UXXXXXXXX`, or `'…'`. */
function stringOf(text: string | undefined): string | null {
  const given = text?.trim() ?? ''
  const double = /^"((?:[^"\\]|\\.)*)"/.exec(given)
  if (double !== null) {
    const json = double[0].replace(/\\U([0-9a-fA-F]{8})|\\x([0-9a-fA-F]{2})|\\e/g, (_match, long?: string, short?: string) =>
      JSON.stringify(String.fromCodePoint(Number.parseInt(long ?? short ?? '1b', 16))).slice(1, -1)
    )
    return JSON.parse(json) as string
  }
  const single = /^'((?:[^']|'')*)'/.exec(given)
  return single === null ? null : single[1]!.replaceAll("''", "'")
}
