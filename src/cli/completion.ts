// Completion scripts for shells: static, so that completing starts no process. Pure.

/** A command's path (`keys create`, '' for the top) → the words that may follow and what they mean. */
export type Words = ReadonlyMap<string, readonly (readonly [word: string, meaning: string])[]>

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** The script; where nothing of the command fits, files are offered. */
export function completionScript(shell: Shell, words: Words): string {
  return SCRIPTS[shell](words)
}

const SCRIPTS: Readonly<Record<Shell, (words: Words) => string>> = { bash, zsh, fish }

/** Words before the one that is typed, less options, make the path. */
function bash(words: Words): string {
  const cases = [...words].map(([path, list]) => `    ${single(path)}) words=${single(list.map(([word]) => word).join(' '))} ;;`)
  return `# enact completion for bash
_enact() {
  local path='' words='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) continue ;; esac
    case " ${topLevel(words).join(' ')} " in *" $word "*) ;; *) continue ;; esac
    path="\${path:+$path }$word"
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _enact enact`
}

function zsh(words: Words): string {
  const cases = [...words].map(
    ([path, list]) =>
      `    ${single(path)}) list=(${list.map(([word, meaning]) => single(`${word.replaceAll(':', String.raw`\:`)}:${meaning}`)).join(' ')}) ;;`
  )
  return `#compdef enact
_enact() {
  local path_='' word
  local -a list
  for word in "\${words[@]:1:$((CURRENT - 2))}"; do
    case "$word" in -*) continue ;; esac
    case " ${topLevel(words).join(' ')} " in *" $word "*) ;; *) continue ;; esac
    path_="\${path_:+$path_ }$word"
  done
  case "$path_" in
${cases.join('\n')}
  esac
  _describe enact list || _files
}
compdef _enact enact`
}

function fish(words: Words): string {
  const lines = [...words].flatMap(([path, list]) => {
    const steps = path.split(' ').filter((step) => step !== '')
    const inner = list.map(([word]) => word).filter((word) => !word.startsWith('-'))
    const seen = steps.map((step) => `__fish_seen_subcommand_from ${step}`)
    const unseen = inner.length === 0 ? [] : [`not __fish_seen_subcommand_from ${inner.join(' ')}`]
    const condition = [...seen, ...unseen].join('; and ')
    return list.map(([word, meaning]) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${single(word)}`
      return `complete -c enact${condition === '' ? '' : ` -n ${single(condition)}`} ${what} -d ${single(meaning)}`
    })
  })
  return ['# enact completion for fish', ...lines].join('\n')
}

/** Every word of every path: other words on the line are values. */
function topLevel(words: Words): string[] {
  return [...new Set([...words.keys()].flatMap((path) => path.split(' ')))].filter((word) => word !== '')
}

function single(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
