// Files that a text writes and then runs: `echo 'rm x' > a.sh && sh a.sh`.
import { type ShellCommand, within } from './shell_command.ts'
import { textsWritten } from './shell_input.ts'
import { isShellName, programOf } from './shell_wrappers.ts'

/** The files that a command writes, with what it writes into them where the text tells. */
export function filesWritten(command: ShellCommand): readonly (readonly [path: string, texts: readonly string[]])[] {
  const targets = command.redirects
    .filter(({ operator, target }) => operator.startsWith('>') && target.literal)
    .map(({ target }) => target.text)
  if (programOf(command) === 'tee')
    targets.push(...command.words.slice(1).flatMap((word) => (word.literal && !word.text.startsWith('-') ? [word.text] : [])))
  if (targets.length === 0) return []
  const texts = textsWritten(command, [])
  return texts.length === 0 ? [] : targets.map((target) => [placeOf(command, target), texts] as const)
}

/** The file that a command runs as a shell script, or null. */
export function fileRun(command: ShellCommand): string | null {
  const name = programOf(command)
  const [first, ...rest] = command.words
  if (isShellName(name) || name === 'source' || name === '.') {
    const file = rest.find((word) => !word.text.startsWith('-'))
    return file === undefined ? null : placeOf(command, file.text)
  }
  return first?.text.includes('/') === true ? placeOf(command, first.text) : null
}

function placeOf({ folder }: ShellCommand, path: string): string {
  return within(folder, path).replaceAll('/./', '/').replace(/^\.\//, '')
}
