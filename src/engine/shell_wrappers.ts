// Programs that run another program given as their arguments: taken off until the program that does the work is left.
import type { ShellCommand } from './shell.ts'
import type { ShellWord } from './shell_words.ts'

/** What is inside a wrapper: a command, script texts that a shell will read, and further argvs. */
export interface Unwrapped {
  readonly command: ShellCommand
  readonly scripts: readonly string[]
  readonly more: readonly (readonly ShellWord[])[]
}

/** Wrappers with those of their options that take a value in the next word, and how many words stand before the program. */
const WRAPPERS: Readonly<Record<string, { readonly valued: string; readonly operands?: number }>> = {
  sudo: { valued: '-u -g -h -p -C -r -t -T -U -D -R --user --group --host --prompt --chdir' },
  doas: { valued: '-u -C' },
  env: { valued: '-u -C --unset --chdir' },
  nice: { valued: '-n --adjustment' },
  ionice: { valued: '-c -n -p' },
  nohup: { valued: '' },
  setsid: { valued: '' },
  command: { valued: '' },
  builtin: { valued: '' },
  exec: { valued: '-a' },
  time: { valued: '-f -o' },
  timeout: { valued: '-k -s --kill-after --signal', operands: 1 },
  stdbuf: { valued: '-i -o -e' },
  xargs: { valued: '-I -i -n -P -L -s -d -E -a --max-args --max-procs --delimiter --arg-file' },
  watch: { valued: '-n --interval' },
  parallel: { valued: '-j -n -N -I -a --jobs --arg-file' },
  busybox: { valued: '' },
  toybox: { valued: '' },
  flock: { valued: '-w -E', operands: 1 },
  chroot: { valued: '', operands: 1 },
  ssh: { valued: '-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w', operands: 1 }
}

/** Programs beside the shells themselves that take a script after `-c`. */
const CARRIERS: ReadonlySet<string> = new Set(['su', 'runuser', 'script'])
const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh', 'ash', 'fish'])
/** Builtins whose arguments are read as shell text, now or later. */
const SCRIPTED: Readonly<Record<string, (words: readonly ShellWord[]) => string[]>> = {
  eval: (words) => [joined(words.slice(1))],
  trap: (words) => words.slice(1, 2).map((word) => word.text),
  alias: (words) => words.slice(1).map((word) => word.text.replace(/^[^=]*=?/, ''))
}
const WRAPPED_MAX = 16

/** The name of the program itself: no directory, no `.exe`, lower case. Null where it is not known. */
export function programOf(command: ShellCommand): string | null {
  const first = command.words[0]
  if (first === undefined || !first.literal) return null
  return first.text
    .replace(/^.*[\\/]/, '')
    .replace(/\.exe$/i, '')
    .toLowerCase()
}

/** Whether the command is a shell that reads its script from its input. */
export function isShell(command: ShellCommand): boolean {
  const name = programOf(command)
  return name !== null && SHELLS.has(name) && command.words.slice(1).every((word) => word.text.startsWith('-'))
}

/** Takes wrappers off until none is left. */
export function unwrapped(command: ShellCommand): Unwrapped {
  let inner = command
  for (let round = 0; round < WRAPPED_MAX; round++) {
    const name = programOf(inner)
    if (name === null) break
    const scripts = SHELLS.has(name) || CARRIERS.has(name) ? scriptOf : Object.hasOwn(SCRIPTED, name) ? SCRIPTED[name] : undefined
    if (scripts !== undefined) return scripted(inner, scripts(inner.words))
    if (name === 'find' || name === 'fd') return { command: inner, scripts: [], more: executedBy(inner.words) }
    const wrapper = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined
    if (wrapper === undefined) break
    const split = name === 'env' ? inner.words.findIndex((word) => /^(-S|--split-string)/.test(word.text)) : -1
    if (split !== -1)
      return scripted(inner, [joined([...inner.words.slice(split, split + 1).map(withoutOption), ...inner.words.slice(split + 1)])])
    const rest = afterOptions(inner.words.slice(1), wrapper.valued.split(' '), wrapper.operands ?? 0, name === 'env' || name === 'sudo')
    // The far shell reads the words again, as one text.
    if (name === 'ssh') return scripted({ ...inner, words: inner.words.slice(0, 1) }, rest.length > 0 ? [joined(rest)] : [])
    if (rest.length === 0) break
    inner = { ...inner, words: rest }
  }
  return { command: inner, scripts: [], more: [] }
}

function scripted(command: ShellCommand, scripts: readonly string[]): Unwrapped {
  return { command, scripts: scripts.filter((script) => script.trim() !== ''), more: [] }
}

/** The script of `bash -c <script>`, `sh -ec <script>`. */
function scriptOf(words: readonly ShellWord[]): string[] {
  const at = words.findIndex((word, index) => index > 0 && /^-[a-z]*c[a-z]*$/i.test(word.text))
  const script = at === -1 ? undefined : words.slice(at + 1).find((word) => !word.text.startsWith('-') && !word.text.startsWith('+'))
  return script?.literal ? [script.text] : []
}

const EXECUTING: ReadonlySet<string> = new Set(['-exec', '-execdir', '-ok', '-okdir', '-x', '-X', '--exec', '--exec-batch'])

/** What `find … -exec git push {} ;` runs. What stands inside one is read when that command is, so that nesting stays linear. */
function executedBy(words: readonly ShellWord[]): ShellWord[][] {
  const found: ShellWord[][] = []
  for (let at = words.findIndex((word) => EXECUTING.has(word.text)); at !== -1;) {
    const end = words.findIndex((word, index) => index > at && (word.text === ';' || word.text === '+'))
    found.push(words.slice(at + 1, end === -1 ? undefined : end))
    at = end === -1 ? -1 : words.findIndex((word, index) => index > end && EXECUTING.has(word.text))
  }
  return found
}

function afterOptions(
  words: readonly ShellWord[],
  valued: readonly string[],
  operands: number,
  assignments: boolean
): readonly ShellWord[] {
  let at = 0
  let left = operands
  for (; at < words.length; at++) {
    const { text } = words[at]!
    if (text === '--') continue
    if (text.startsWith('-') && text !== '-') {
      if (valued.includes(text)) at++
    } else if (assignments && /^[A-Za-z_]\w*=/.test(text)) continue
    else if (left > 0) left--
    else break
  }
  return words.slice(at)
}

function withoutOption(word: ShellWord): ShellWord {
  return { ...word, text: word.text.replace(/^(-S|--split-string=?)/, '') }
}

function joined(words: readonly ShellWord[]): string {
  return words.map((word) => word.text).join(' ')
}
