// Programs that run another program given as their arguments: taken off until the program that does the work is left.
import { BEFORE_SUBCOMMAND, type Wrapper, WRAPPERS } from './shell_wrapper_table.ts'
import { scriptsInside } from './shell_scripts.ts'
import type { ShellCommand } from './shell_command.ts'
import type { ShellWord } from './shell_words.ts'

/** A text that a shell will read, with the `$1`, `$2`, … that it is given. */
export interface Script {
  readonly text: string
  readonly variables: readonly (readonly [string, string | null])[]
}

/** What is inside a wrapper: a command, script texts that a shell will read, and further argvs. */
export interface Unwrapped {
  readonly command: ShellCommand
  readonly scripts: readonly Script[]
  readonly more: readonly { readonly words: readonly ShellWord[]; readonly placeholder: string | null }[]
}

const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh', 'ash', 'fish', 'rbash', 'mksh'])
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
  if (first === undefined) return null
  // Of `"$JAVA_HOME/bin/java"` the name is known.
  if (!first.literal)
    return (
      /^"?(?:\$\{?\w+\}?|\$\([^)]*\))"?(?:[\\/][\w.+-]+)*?[\\/]([\w.+-]+)$/
        .exec(first.text)?.[1]
        ?.replace(/\.exe$/i, '')
        .toLowerCase() ?? null
    )
  return first.text
    .replace(/^.*[\\/]/, '')
    .replace(/\.exe$/i, '')
    .toLowerCase()
}

/** Whether the command is a shell. */
export function isShellName(name: string | null): boolean {
  return name !== null && SHELLS.has(name)
}

/** Whether the command is a shell that reads its script from its input. */
export function isShell(command: ShellCommand): boolean {
  return isShellName(programOf(command)) && command.words.slice(1).every((word) => word.text.startsWith('-'))
}

/** Takes wrappers off until none is left. */
export function unwrapped(command: ShellCommand): Unwrapped {
  let inner = command
  for (let round = 0; round < WRAPPED_MAX; round++) {
    const name = programOf(inner)
    if (name === null) break
    if (SHELLS.has(name)) return { command: inner, scripts: scriptOf(inner.words), more: [] }
    if (Object.hasOwn(SCRIPTED, name)) return scripted(inner, SCRIPTED[name]!(inner.words))
    const inside = scriptsInside(name, inner.words)
    if (inside.length > 0) return scripted(inner, inside)
    if (name === 'find' || name === 'fd' || name === 'fdfind') return { command: inner, scripts: [], more: executedBy(inner.words) }
    const runner = runnerOf(name, inner.words)
    if (runner !== null) {
      inner = { ...inner, through: [...inner.through, runner.called], words: inner.words.slice(runner.from) }
      continue
    }
    const found = wrapperOf(name, inner.words)
    if (found === null) break
    const { wrapper, called, from } = found
    const through = [...inner.through, called]
    const split = name === 'env' ? inner.words.findIndex((word) => /^(-S|--split-string)/.test(word.text)) : -1
    if (split !== -1)
      return scripted(inner, [joined([...inner.words.slice(split, split + 1).map(withoutOption), ...inner.words.slice(split + 1)])])
    const script = wrapper.scripts === undefined ? null : scriptAfter(inner.words, wrapper.scripts.split(' '))
    if (script !== null) return scripted({ ...inner, through }, [script])
    // A user's name stands where others have a program.
    if (wrapper.scripts !== undefined && wrapper.packaged !== true && wrapper.dashes !== true) break
    const rest = insideOf(inner.words.slice(from), wrapper)
    // `command -v git` asks where git is.
    if (rest.length === 0 && name === 'ssh' && inner.input.length > 0) return scripted({ ...inner, through }, inner.input)
    if (rest.length === 0 || (name === 'command' && /^-[pvV]*[vV]/.test(inner.words[1]?.text ?? ''))) break
    // The far shell reads the words again, as one text.
    if (wrapper.reads === true) return scripted({ ...inner, through, words: inner.words.slice(0, 1) }, [joined(rest)])
    // `docker run image -x`: the words belong to what the image starts.
    if (rest[0]!.text.startsWith('-')) break
    const assigned =
      wrapper.assigns === true
        ? inner.words.slice(from, inner.words.length - rest.length).flatMap((word) => /^([A-Za-z_]\w*)=/.exec(word.text)?.[1] ?? [])
        : []
    inner = { ...inner, through, environment: [...inner.environment, ...assigned], words: name === 'xargs' ? withInput(rest, inner) : rest }
  }
  return { command: inner, scripts: [], more: [] }
}

function scripted(command: ShellCommand, texts: readonly string[]): Unwrapped {
  return { command, scripts: texts.filter((text) => text.trim() !== '').map((text) => ({ text, variables: [] })), more: [] }
}

/** Command lines that package managers run by their bare name: `pnpm prisma migrate reset`. */
const BINARIES: ReadonlySet<string> = new Set(
  (
    'prisma drizzle-kit supabase sequelize sequelize-cli typeorm knex mikro-orm rimraf wrangler vercel netlify railway serverless sls sst cdk cdktf firebase convex ' +
    'changeset semantic-release lerna nx del-cli shx tsx ts-node eas expo sanity heroku neonctl pscale turso shopify atlas pulumi'
  ).split(' ')
)

/** `python -m alembic …` and `pnpm prisma …` are `alembic …` and `prisma …`; `shx rm` is `rm`. */
function runnerOf(name: string, words: readonly ShellWord[]): { called: string; from: number } | null {
  if (/^(?:python|pypy)[\d.]*$|^py$/.test(name))
    return words[1]?.text === '-m' && words[2]?.literal === true ? { called: `${name} -m`, from: 2 } : null
  if (name === 'shx') return words.length > 1 ? { called: name, from: 1 } : null
  if (name !== 'pnpm' && name !== 'yarn' && name !== 'bun') return null
  return BINARIES.has(words[1]?.text ?? '') ? { called: name, from: 1 } : null
}

/** The wrapper by its program alone or with its subcommand, and where its own options begin. */
function wrapperOf(name: string, words: readonly ShellWord[]): { wrapper: Wrapper; called: string; from: number } | null {
  if (Object.hasOwn(WRAPPERS, name)) return { wrapper: WRAPPERS[name]!, called: name, from: 1 }
  if (!HAS_SUBCOMMANDS.has(name)) return null
  const valued = valuedBefore(name)
  let called = name
  for (let at = 1, depth = 0; at < words.length && depth < 3; at++) {
    const { text } = words[at]!
    if (text.startsWith('-')) {
      if (valued.has(text)) at++
      continue
    }
    called = `${called} ${text}`
    depth++
    if (Object.hasOwn(WRAPPERS, called)) return { wrapper: WRAPPERS[called]!, called, from: at + 1 }
  }
  return null
}

const HAS_SUBCOMMANDS: ReadonlySet<string> = new Set(
  Object.keys(WRAPPERS)
    .filter((name) => name.includes(' '))
    .map((name) => name.split(' ')[0]!)
)

const VALUED = new Map(Object.entries(BEFORE_SUBCOMMAND).map(([name, options]) => [name, new Set(options.split(' '))]))
const NONE: ReadonlySet<string> = new Set()

/** The options before a subcommand that take a value in the next word. */
export function valuedBefore(name: string): ReadonlySet<string> {
  return VALUED.get(name) ?? NONE
}

/** The script of `bash -c <script> name arguments…`, `sh -ec <script>`. */
function scriptOf(words: readonly ShellWord[]): Script[] {
  const at = words.findIndex((word, index) => index > 0 && /^-[a-z]*c[a-z]*$/i.test(word.text))
  const found = at === -1 ? -1 : words.findIndex((word, index) => index > at && !word.text.startsWith('-') && !word.text.startsWith('+'))
  const script = words[found]
  if (script?.literal !== true || script.text.trim() === '') return []
  const given = words.slice(found + 1).map((word, index): [string, string | null] => [String(index), word.literal ? word.text : null])
  const all = words.slice(found + 2)
  const text = all.every((word) => word.literal) ? joined(all) : null
  return [{ text: script.text, variables: given.length === 0 ? [] : [...given, ['@', text], ['*', text]] }]
}

function scriptAfter(words: readonly ShellWord[], options: readonly string[]): string | null {
  for (let at = 1; at < words.length; at++) {
    const { text } = words[at]!
    // `su -lc <script>`
    const isOption = options.includes(text) || (options.includes('-c') && /^-[a-z]{1,4}c$/.test(text))
    if (isOption) return joined(words.slice(at + 1, text.startsWith('/') ? undefined : at + 2))
    const [option, value] = text.split('=', 2)
    if (value !== undefined && options.includes(option!)) return text.slice(option!.length + 1)
  }
  return null
}

const EXECUTING: ReadonlySet<string> = new Set(['-exec', '-execdir', '-ok', '-okdir', '-x', '-X', '--exec', '--exec-batch'])

/** What `find … -exec git push {} ;` runs. What stands inside one is read when that command is, so that nesting stays linear. */
function executedBy(words: readonly ShellWord[]): { words: readonly ShellWord[]; placeholder: string | null }[] {
  const found: { words: readonly ShellWord[]; placeholder: string | null }[] = []
  for (let at = words.findIndex((word) => EXECUTING.has(word.text)); at !== -1;) {
    const end = words.findIndex((word, index) => index > at && (word.text === ';' || word.text === '+'))
    found.push({ words: words.slice(at + 1, end === -1 ? undefined : end), placeholder: foundBy(words) })
    at = end === -1 ? -1 : words.findIndex((word, index) => index > end && EXECUTING.has(word.text))
  }
  return found
}

/** A path that stands for what `find` finds: its start and the name it looks for, or the start alone where it looks for everything. */
export function foundBy(words: readonly ShellWord[]): string {
  const texts = words.slice(1).map((word) => word.text)
  const start = texts.find((text) => !text.startsWith('-') && text !== '(' && text !== '!') ?? '.'
  const isStart =
    texts.indexOf(start) <= texts.findIndex((text) => text.startsWith('-') && !/^-[HLPD]$/.test(text)) ||
    !texts.some((text) => text.startsWith('-'))
  const at = texts.findIndex((text) => /^-i?(?:name|path|wholename)$/.test(text))
  const name =
    at === -1
      ? /^-(?:type$|m?(?:in|time)|size|empty)/.test(texts.find((text) => /^-(?:type|mtime|mmin|size|empty|newer)/.test(text)) ?? '')
        ? ''
        : ''
      : texts[at + 1]
  const folder = isStart ? start : '.'
  return name === undefined || name === '' || name === '*' ? folder : `${folder.replace(/\/+$/, '') || ''}/${name.replace(/^\*\//, '')}`
}

/** The words after the wrapper's own options, operands and assignments. */
function insideOf(words: readonly ShellWord[], wrapper: Wrapper): readonly ShellWord[] {
  const valued = wrapper.valued === undefined ? [] : wrapper.valued.split(' ')
  if (wrapper.dashes === true) {
    const at = words.findIndex((word) => word.text === '--')
    return at === -1 ? [] : words.slice(at + 1)
  }
  let at = 0
  let left = wrapper.operands ?? 0
  for (; at < words.length; at++) {
    const { text } = words[at]!
    if (text === '--') continue
    if (text.startsWith('-') && text !== '-') {
      if (valued.includes(text)) at++
    } else if (wrapper.assigns === true && /^[A-Za-z_]\w*=/.test(text)) continue
    else if (left > 0) left--
    else break
  }
  return words.slice(at)
}

/** `xargs rm -rf` gets further words from its input: those that are known, or one that is not. */
function withInput(words: readonly ShellWord[], { input, source }: ShellCommand): readonly ShellWord[] {
  const known = input.flatMap((text) => text.split(/\s+/)).filter((text) => text !== '')
  const listed = source !== null && known.length === 0 && /^(find|fd)$/.test(programOf(source) ?? '') ? [foundBy(source.words)] : known
  const given = listed.map((text) => ({ text, literal: true, splits: false }))
  const replaced = words.some((word) => word.text.includes('{}'))
  if (replaced && given.length > 0) return words.map((word) => ({ ...word, text: word.text.replaceAll('{}', given[0]!.text) }))
  return [...words, ...(given.length > 0 ? given : replaced ? [] : [{ text: '$(xargs)', literal: false, splits: true }])]
}

function withoutOption(word: ShellWord): ShellWord {
  return { ...word, text: word.text.replace(/^(-S|--split-string=?)/, '') }
}

function joined(words: readonly ShellWord[]): string {
  return words.map((word) => word.text).join(' ')
}
