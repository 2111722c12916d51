// Commands that policies look for, written as they are typed: one row a command, with what it does.
import { type CommandLine, hasOption, onlyTells, spelt } from './command_line.ts'
import type { ToolReading } from './tool_reading.ts'

/** A command of the table that would run. */
export interface TableMatch {
  readonly line: CommandLine
  /** As it is typed. */
  readonly spelt: string
  /** What the row says about it. */
  readonly does: string
}

/** One option of a row; `exact` is one with its value, `--replicas=0`. */
interface Option {
  readonly short: string
  readonly long: readonly string[]
  readonly exact: string | null
}

interface Row {
  readonly operands: readonly Pattern[]
  readonly options: readonly Option[]
  readonly without: readonly Option[]
  readonly does: string
}
/** Null stands for any number of operands. */
type Pattern = RegExp | null

const LENGTH_MAX = 120

/**
 * Makes the search for a table of commands. A row is `program subcommand … --option`: `a|b` = either, `x*` = what begins so, `**` = any
 * operands between, `-f/--force` = that option in any spelling, `--replicas=0` = with
 * that value, `!--dry-run` = not with that option. Operands may be followed by more.
 * Commands that only tell (`--help`, `--dry-run`) match nothing.
 */
export function commandTable(rows: Readonly<Record<string, string>>): (reading: ToolReading) => TableMatch | null {
  const byProgram = new Map<string, Row[]>()
  for (const [text, does] of Object.entries(rows)) {
    const [programs = '', ...rest] = text.split(' ')
    const row: Row = {
      operands: rest.filter((word) => !/^!?-/.test(word)).map((word) => (word === '**' ? null : patternOf(word))),
      options: rest.filter((word) => word.startsWith('-')).map(optionOf),
      without: rest.filter((word) => word.startsWith('!-')).map((word) => optionOf(word.slice(1))),
      does
    }
    for (const program of programs.split('|')) byProgram.set(program, [...(byProgram.get(program) ?? []), row])
  }
  return ({ lines, programs }) => {
    if (!lines.length || !overlap(programs, byProgram)) return null
    for (const line of lines) {
      const found = byProgram.get(line.program ?? '')?.find((row) => matches(line, row))
      if (found !== undefined && !onlyTells(line)) return { line, spelt: spelt(line).slice(0, LENGTH_MAX), does: found.does }
    }
    return null
  }
}

function overlap(programs: ReadonlySet<string>, wanted: ReadonlyMap<string, unknown>): boolean {
  for (const program of programs) if (wanted.has(program)) return true
  return false
}

function patternOf(word: string): RegExp {
  const source = word.replaceAll(/[.+?^${}()[\]\\]/g, '\\$&').replaceAll('*', '.*')
  return new RegExp(`^(?:${source})$`, 'i')
}

function optionOf(word: string): Option {
  const names = word.split('/')
  return {
    exact: word.includes('=') ? word : null,
    short: names.find((name) => /^-[^-]$/.test(name))?.slice(1) ?? '',
    long: names.filter((name) => !/^-[^-]$/.test(name)).map((name) => name.replace(/^-+/, ''))
  }
}

function matches(line: CommandLine, row: Row): boolean {
  return (
    fits(line.operands, row.operands) &&
    row.options.every((option) => isGiven(line, option)) &&
    !row.without.some((option) => isGiven(line, option))
  )
}

function isGiven(line: CommandLine, { short, long, exact }: Option): boolean {
  if (exact === null) return hasOption(line, short, ...long)
  const [name, value] = exact.split('=', 2)
  return line.words.some((word, at) => word === exact || (word === name && line.words[at + 1] === value))
}

function fits(operands: readonly string[], patterns: readonly Pattern[]): boolean {
  let at = 0
  let skips = false
  for (const pattern of patterns) {
    if (pattern === null) {
      skips = true
      continue
    }
    const found = skips
      ? operands.findIndex((word, index) => index >= at && pattern.test(word))
      : pattern.test(operands[at] ?? '')
        ? at
        : -1
    if (found === -1) return false
    at = found + 1
    skips = false
  }
  return true
}
