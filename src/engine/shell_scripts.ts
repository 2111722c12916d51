// Scripts that stand in the arguments of programs made for something else: git's aliases, `git submodule foreach`, editors, tar.
import type { ShellWord } from './shell_words.ts'

type Find = (texts: readonly string[]) => readonly string[]

const FINDS: Readonly<Record<string, Find>> = {
  git: gitScripts,
  powershell: powershellScripts,
  pwsh: powershellScripts,
  vim: editorScripts,
  vi: editorScripts,
  nvim: editorScripts,
  ex: editorScripts,
  tar: (texts) => texts.flatMap((text) => /^--(?:checkpoint-action=exec|to-command)=(.+)$/s.exec(text)?.[1] ?? [])
}

/** The shell texts that a program would run from its own arguments; empty for almost all. */
export function scriptsInside(name: string, words: readonly ShellWord[]): readonly string[] {
  return Object.hasOwn(FINDS, name) ? FINDS[name]!(words.slice(1).map((word) => word.text)) : []
}

/** `git -c alias.x='reset --hard' x`, `git config alias.x …`, `git submodule foreach …`, `git bisect run …`, `git rebase --exec …`. */
function gitScripts(texts: readonly string[]): readonly string[] {
  const found: string[] = []
  texts.forEach((text, at) => {
    const alias = /^alias\.[^=]+(?:=(.*))?$/is.exec(text)
    const body = alias === null ? undefined : (alias[1] ?? texts[at + 1])
    if (body !== undefined) found.push(body.startsWith('!') ? body.slice(1) : `git ${body}`)
    const next = texts.slice(at + 1)
    if ((text === 'foreach' && texts.includes('submodule')) || (text === 'run' && texts[at - 1] === 'bisect'))
      found.push(next.filter((one) => one !== '--recursive' && one !== '--quiet').join(' '))
    if (text === '--exec' || text === '-x') found.push(texts.includes('rebase') ? (next[0] ?? '') : '')
    else if (text.startsWith('--exec=') && texts.includes('rebase')) found.push(text.slice(7))
  })
  return found.filter((one) => one !== '')
}

/** `powershell -Command …`, whose backslashes separate. */
function powershellScripts(texts: readonly string[]): readonly string[] {
  const at = texts.findIndex((text) => /^-c(?:o(?:mmand)?)?$/i.test(text))
  return at === -1
    ? []
    : [
        texts
          .slice(at + 1)
          .join(' ')
          .replaceAll('\\', '/')
      ]
}

/** `vim -c ':!rm x'`. */
function editorScripts(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => /^\+?:?!(.+)$/s.exec(text)?.[1] ?? [])
}
