// `enact completion`: what a shell needs to complete the command, made from the table of commands.
import { Command } from 'commander'
import type { Context } from '../context.ts'
import { exit } from '../exit.ts'
import { completionScript, SHELLS, type Words } from '../completion.ts'
import { COMMANDS } from './index.ts'

/** Adds its argument. */
export function register(completion: Command, context: Context): void {
  completion
    .argument('<shell>', SHELLS.join(', '))
    .addHelpText(
      'after',
      '\nbash: source <(enact completion bash)\nzsh: enact completion zsh > "${fpath[1]}/_enact"\nfish: enact completion fish | source'
    )
    .action(async (shell: string) => {
      const known = SHELLS.find((one) => one === shell)
      if (known === undefined) throw exit('usage', `there is no completion for \`${shell}\`: ${SHELLS.join(', ')}`)
      const script = completionScript(known, await wordsOf(context))
      context.out(script)
    })
}

/** Everything that may follow: path → subcommands and options, with a few words on each. */
async function wordsOf(context: Context): Promise<Words> {
  const words = new Map<string, (readonly [string, string])[]>()
  const top = Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary] as const)
  words.set('', [...top, ['--help', 'what there is'], ['--version', 'which version this is']])
  for (const [name, group] of Object.entries(COMMANDS)) {
    const command = new Command(name)
    ;(await group.load()).register(command, context)
    add(name, command, words)
  }
  return words
}

function add(path: string, command: Command, words: Map<string, (readonly [string, string])[]>): void {
  const options = command.options.flatMap(({ long, description }) => (long ? [[long, description] as const] : []))
  const json =
    command.commands.length > 0 || options.some(([long]) => long === '--json') ? [] : [['--json', 'print JSON for programs'] as const]
  words.set(path, [
    ...command.commands.map((one) => [one.name(), one.description()] as const),
    ...options,
    ...json,
    ['--help', 'what there is']
  ])
  for (const one of command.commands) add(`${path} ${one.name()}`, one, words)
}
