// A package runs its author's code when it is installed.
import * as z from 'zod'
import { ask, type CommandLine, definePolicy, deny, judgeTool, quoted, spelt } from '../../engine/index.ts'
import { Command, ON_SHELL, OnMatch } from './judged.ts'

const INSTALLS: Readonly<Record<string, readonly string[]>> = {
  npm: ['install', 'i', 'in', 'ins', 'isntall', 'add'],
  pnpm: ['add', 'install', 'i'],
  yarn: ['add'],
  bun: ['add', 'install', 'i', 'a'],
  pip: ['install'],
  pip3: ['install'],
  uv: ['add'],
  poetry: ['add'],
  pipenv: ['install'],
  pipx: ['install'],
  cargo: ['add', 'install'],
  gem: ['install'],
  bundle: ['add'],
  go: ['install'],
  composer: ['require'],
  deno: ['add', 'install']
}
const VALUED: ReadonlySet<string> = new Set(
  '--prefix -C --registry -w --workspace --filter -F --dir --cwd -r --requirement -c --constraint -t --target --index-url -i --extra-index-url -e --editable --group -G --extra --tag --features --version --git --path --branch --rev -p --package'.split(
    ' '
  )
)

/** Denies (or asks, by parameter) installing a package that is not in `vetted`: what the lockfile or the project itself lists may be installed, and local paths. */
export const blockNpmInstallUnvetted = definePolicy({
  id: 'block_npm_install_unvetted',
  title: 'No installing of packages that nobody vetted',
  params: z.strictObject({ vetted: z.array(z.string().min(1)).default([]), effect: OnMatch.default('deny') }),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context, { vetted, effect }) =>
    judgeTool(
      context,
      (reading) => {
        for (const line of reading.lines) {
          const name = installed(line).find((one) => !vetted.includes(nameOf(one)) && !vetted.includes(one))
          if (name === undefined) continue
          const remedy =
            vetted.length === 0
              ? 'ask a person to vet the package'
              : `use one of ${vetted
                  .slice(0, 10)
                  .map((one) => quoted(one))
                  .join(', ')}, or ask a person to vet the package`
          return (effect === 'deny' ? deny : ask)(`package ${quoted(name)} is not vetted (\`${spelt(line)}\`)`, { remedy })
        }
        return null
      },
      'nothing is installed that nobody vetted'
    )
})

/** The packages that a command names. */
function installed(line: CommandLine): readonly string[] {
  const { program, operands } = line
  const words = program === 'python' || program === 'python3' ? pipWords(line.words) : null
  const verb = words === null ? operands[0] : 'install'
  const manager = words === null ? (program ?? '') : 'pip'
  const wanted = Object.hasOwn(INSTALLS, manager) ? INSTALLS[manager] : undefined
  if (wanted === undefined || !wanted.includes(verb ?? '')) return []
  const given = words ?? line.words.slice(line.words.indexOf(verb!) + 1)
  const names: string[] = []
  for (let at = 0; at < given.length; at++) {
    const word = given[at]!
    if (VALUED.has(word)) at++
    else if (!word.startsWith('-') && !isLocal(word)) names.push(word)
  }
  return names
}

/** `python -m pip install x`. */
function pipWords(words: readonly string[]): readonly string[] | null {
  const at = words.indexOf('-m')
  return at !== -1 && words[at + 1] === 'pip' && words[at + 2] === 'install' ? words.slice(at + 3) : null
}

function isLocal(word: string): boolean {
  return /^(?:\.{0,2}\/|\.$|\.\.$|\.\[|~|file:|link:|workspace:|portal:)/.test(word) || /^[\w./-]+\.(?:whl|tgz|tar\.gz|zip)$/.test(word)
}

function nameOf(specifier: string): string {
  return /^@?[^@=<>~!\s[]+/.exec(specifier)?.[0] ?? specifier
}
