// Whether a git command pushes with force, by any of git's own ways to say so.
import type { ShellCommand, ShellWord } from './shell.ts'
import { programOf } from './shell_wrappers.ts'

/** The words that force, or the reason why it cannot be told; null for anything that is no forced push. */
export interface Forced {
  readonly by: string
  readonly certain: boolean
}

const VALUED_GLOBALS: ReadonlySet<string> = new Set([
  '-C',
  '-c',
  '--git-dir',
  '--work-tree',
  '--namespace',
  '--config-env',
  '--super-prefix',
  '--attr-source'
])
const VALUED_OPTIONS: ReadonlySet<string> = new Set(['-o', '--push-option', '--receive-pack', '--exec', '--repo'])

/** Reads one command; aliases given in it (`-c alias.p='push -f'`, `git config alias.p …`) are followed. */
export function forcedPush(command: ShellCommand): Forced | null {
  const name = programOf(command)
  const words = command.words.slice(1)
  if (name === 'git-push' || name === 'git-send-pack') return forcedArguments(words, command.environment)
  // A program whose name is not known is taken for git when it is told to push.
  if (name === null ? !words.some((word) => word.text === 'push') : name !== 'git') return null
  return forcedGit(words, command.environment)
}

function forcedGit(words: readonly ShellWord[], environment: readonly string[]): Forced | null {
  let at = 0
  const settings: string[] = []
  while (at < words.length && words[at]!.text.startsWith('-')) {
    const { text } = words[at]!
    if (text === '-c') settings.push(words[at + 1]?.text ?? '')
    at += VALUED_GLOBALS.has(text) ? 2 : 1
  }
  const subcommand = words[at]
  if (subcommand === undefined) return null
  if (!subcommand.literal) return { by: subcommand.text, certain: false }
  const rest = words.slice(at + 1)
  const setting = settings.map(forcedSetting).find((one) => one !== null)
  if (subcommand.text === 'config') return forcedConfig(rest)
  const aliased = settings.some((one) => one.toLowerCase().startsWith(`alias.${subcommand.text.toLowerCase()}=`))
  if (subcommand.text !== 'push' && subcommand.text !== 'send-pack' && !aliased) return null
  return setting ?? forcedArguments(rest, environment)
}

/** `git config alias.pf 'push --force'`. */
function forcedConfig(words: readonly ShellWord[]): Forced | null {
  const at = words.findIndex((word) => /^(alias|remote)\./i.test(word.text))
  return at === -1 ? null : forcedSetting(`${words[at]!.text}=${words[at + 1]?.text ?? ''}`)
}

/** `alias.x=push -f`, `remote.origin.push=+main`, `remote.origin.mirror=true`. */
function forcedSetting(setting: string): Forced | null {
  const [key = '', ...rest] = setting.split('=')
  const value = rest.join('=')
  const forces =
    (/^alias\./i.test(key) && /\bpush\b.*(\s-[a-z]*f|\s--force|\s--mirror|\s\+)/.test(value)) ||
    (/^remote\..*\.push$/i.test(key) && value.trim().startsWith('+')) ||
    (/^remote\..*\.mirror$/i.test(key) && !/^(false|no|off|0)$/i.test(value.trim()))
  return forces ? { by: setting, certain: true } : null
}

function forcedArguments(words: readonly ShellWord[], environment: readonly string[]): Forced | null {
  let options = true
  for (let at = 0; at < words.length; at++) {
    const { text, literal, splits } = words[at]!
    if (!literal && (splits || !/^[^-+$`"'{]/.test(text))) return { by: text, certain: false }
    if (text === '--') options = false
    else if (options && text.startsWith('-')) {
      if (isForceOption(text)) return { by: text, certain: true }
      if (VALUED_OPTIONS.has(text)) at++
    } else if (text.startsWith('+') && text.length > 1) return { by: text, certain: true }
  }
  const variable = environment.find((name) => name.startsWith('GIT_CONFIG'))
  return variable === undefined ? null : { by: variable, certain: false }
}

/** Git takes any unique beginning of a long option; `--force-if-includes` alone forces nothing. Short ones may be bundled, up to one with a value. */
function isForceOption(text: string): boolean {
  const name = text.split('=', 1)[0]!
  if (name.startsWith('--')) {
    if (name.length > 3 && '--mirror'.startsWith(name)) return true
    if (name.startsWith('--force-i')) return false
    return name.startsWith('--forc') || (name.length > 3 && '--force'.startsWith(name))
  }
  return /^-[^o]*f/.test(name)
}
