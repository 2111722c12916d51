// What cannot be read cannot be judged.
import * as z from 'zod'
import { type CommandLine, definePolicy, deny, isShellName, judgeTool, quoted } from '../../engine/index.ts'
import { Command, ON_SHELL } from './judged.ts'

const SHELL_VARIABLES =
  /^\$\{?(?:SHELL|BASH|PYTHON3?|NODE|EDITOR|VISUAL|PAGER|CC|CXX|MAKE|CARGO|RUSTC|GO|JAVA|RUBY|PHP|NPM|PNPM|YARN|UV|PIP3?|KUBECTL|DOCKER|TERRAFORM|PSQL|[A-Z]+_(?:BIN|CMD|EXE))\}?$/
/** What shells are set up with: `eval "$(direnv hook bash)"`. */
const HOOKS =
  /^\$\((?:ssh-agent|direnv (?:hook|export)|(?:pyenv|rbenv|nodenv|goenv|jenv|starship|zoxide|atuin|fzf|thefuck|conda|micromamba|mamba)\b|(?:\/[\w./-]+\/)?brew shellenv|fnm env|mise (?:activate|env)|opam env|dircolors|minikube (?:-p \S+ )?docker-env|docker-machine env|luarocks path|register-python-argcomplete|[\w-]+ completion)\b[^)|;&<>`$]*\)$/
const FORCE = /^-{1,2}(?:r|f|rf|fr|rR|Rf|force|recursive|delete|hard|no-preserve-root|yes|auto-approve)$/

/** Denies a program whose name only the shell will know and that is given force, and scripts that are decoded or built while they run. */
export const blockOpaqueCommand = definePolicy({
  id: 'block_opaque_command',
  title: 'No commands that cannot be read',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) =>
    judgeTool(
      context,
      ({ lines, hidden }) => {
        const remedy = 'write the program and its options in plain words'
        if (hidden.length > 0) return deny(`${hidden[0]!} cannot be seen before it runs`, { remedy })
        for (const line of lines) {
          const what = opaque(line)
          if (what !== null) return deny(`${what} cannot be seen before it runs`, { remedy })
        }
        return null
      },
      'every program can be told'
    )
})

function opaque(line: CommandLine): string | null {
  const [first] = line.command.words
  if (first === undefined) return null
  if (line.program === null) {
    const { text } = first
    // `$PYTHON -m pytest` is everyday work, `r$X -rf /` and `$(echo …) -rf` are not.
    const isWhole = /^"?\$(?:[\w@*]+|\{[\w@*]+(?::?-[\w./-]+)?\})"?$/.test(text)
    if (!isWhole) return HOOKS.test(text) && line.words.length === 0 ? null : `the program ${quoted(text)}`
    const isPositional = /^"?\$\{?[\d@*]+\}?"?$/.test(text)
    return !isPositional && (SHELL_VARIABLES.test(text) || !line.words.some((word) => FORCE.test(word)))
      ? null
      : isPositional && !line.words.some((word) => FORCE.test(word))
        ? null
        : `the program ${quoted(text)}`
  }
  // `/bin/r?`: the shell looks for a file of that form.
  if (/[*?]|\[./.test(line.program)) return `the program ${quoted(first.text)}`
  if (/^(?:powershell|pwsh)$/.test(line.program) && line.words.some((word) => /^-e(?:nc?|nco\w*)?$/i.test(word)))
    return 'a command in base64'
  if (!isShellName(line.program)) return null
  const { source, input } = line.command
  // `… | base64 -d | sh`: what a decoder writes is not known, what a file holds was there before.
  const decoder = source?.words[0]?.text.replace(/^.*\//, '')
  if (
    input.length === 0 &&
    decoder !== undefined &&
    /^(?:base64|gbase64|base32|xxd|openssl|gunzip|zcat|gzip|bzip2|xz|rev|tr|uudecode|gpg)$/.test(decoder) &&
    line.words.every((word) => word.startsWith('-'))
  )
    return `the script that ${quoted(decoder)} decodes`
  return null
}
