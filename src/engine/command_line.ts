// One command as policies look at it: its program, its subcommands, its options in any order and spelling.
import type { ShellCommand } from './shell_command.ts'
import type { ShellWord } from './shell_words.ts'
import { programOf, valuedBefore } from './shell_wrappers.ts'

/** A command with its words sorted. Words that only the shell will know stand as they are written. */
export interface CommandLine {
  /** Null where the text does not tell. */
  readonly program: string | null
  /** Every word after the program. */
  readonly words: readonly string[]
  /** Those that are neither options nor values of an option before the subcommand: `s3`, `rb`, `s3://bucket`. */
  readonly operands: readonly string[]
  readonly command: ShellCommand
}

/** Sorts the words of a command. */
export function commandLine(command: ShellCommand): CommandLine {
  const program = programOf(command)
  const words = command.words.slice(1).map((word: ShellWord) => word.text)
  const valued = program === null ? null : valuedBefore(program)
  const operands: string[] = []
  let dashes = false
  for (let at = 0; at < words.length; at++) {
    const text = words[at]!
    if (!dashes && text === '--') dashes = true
    else if (dashes || !text.startsWith('-') || text === '-') operands.push(text)
    else if (valued?.has(text) === true) at++
  }
  return { program, words, operands, command }
}

/** Whether the first operands are these words: `verbs(line, 'volume', 'delete')`. A `|` separates alternatives. */
export function verbs(line: CommandLine, ...wanted: readonly string[]): boolean {
  return wanted.every((one, at) => {
    const word = line.operands[at]
    return word !== undefined && (one === word || (one.includes('|') && one.split('|').includes(word)))
  })
}

/**
 * Whether an option is given: `hasOption(line, 'f', 'force')`. Short ones may be bundled (`-xdf`), long ones cut short (`--forc`) or have
 * a value (`--force=true`). What follows `--` is no option.
 */
export function hasOption({ words }: CommandLine, short: string, ...long: readonly string[]): boolean {
  for (const word of words) {
    if (word === '--') return false
    if (!word.startsWith('-') || word.length < 2) continue
    if (!word.startsWith('--')) {
      if (short !== '' && isBundle(word) && word.includes(short, 1)) return true
      // terraform's and find's long options have one dash.
      if (long.includes(word.slice(1).split('=', 1)[0]!)) return true
      continue
    }
    const [name, value] = word.slice(2).split('=', 2)
    if (value !== 'false' && long.some((one) => one === name || (name!.length > 2 && one.startsWith(name!)))) return true
  }
  return false
}

/** `-rf` is a bundle of options, `-name` of another program is a word: what is longer than a bundle usually is counts by its letters only. */
function isBundle(word: string): boolean {
  return /^-[A-Za-z0-9]{1,8}$/.test(word)
}

/** The values of an option: `--data x`, `--data=x`, `-dx`, `-d x`. */
export function optionValues({ words }: CommandLine, ...names: readonly string[]): readonly string[] {
  const found: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    for (const name of names) {
      if (word === name || isBundleEnding(word, name)) {
        if (at + 1 < words.length) found.push(words[at + 1]!)
      } else if (name.startsWith('--') ? word.startsWith(`${name}=`) : name.length === 2 && word.startsWith(name) && !word.startsWith('--'))
        found.push(word.slice(name.startsWith('--') ? name.length + 1 : 2))
    }
  }
  return found
}

/** `psql -Atc <sql>`: the last option of a bundle takes the value. */
function isBundleEnding(word: string, name: string): boolean {
  return (
    name.length === 2 &&
    word.length > 2 &&
    word.length < 6 &&
    word.endsWith(name[1]!) &&
    /^-[A-Za-z]+$/.test(word) &&
    !word.startsWith(name)
  )
}

/** A command that only says what it would do, or explains itself. */
export function onlyTells(line: CommandLine): boolean {
  if (/^(?:rclone|restic|borg|rsync)$/.test(line.program ?? '') && hasOption(line, 'n')) return true
  return (
    line.words.some((word) => /^(?:--help|--dry-run(?:=(?!false|none).*)?|--dryrun|--what-if|-whatif)$/i.test(word)) ||
    line.operands[0] === 'help'
  )
}

/** The command as it would be typed, for a reason. */
export function spelt({ program, words }: CommandLine): string {
  return [program ?? '', ...words].join(' ').trim()
}
