// `enact hook <agent>`: the hook of a coding agent. The process's start goes around this file; here it is for help, completion and programs.
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { exitAfterAnswer, type EXIT } from '../exit.ts'
import { runHook } from '../hook/run.ts'
import { HOOK_AGENTS } from '../../integrations/hooks/index.ts'

/** Adds its options. */
export function register(hook: Command, context: Context): void {
  hook
    .argument('<agent>', Object.keys(HOOK_AGENTS).join(', '))
    .option('--timeout <seconds>', "the agent's time-out; the answer is there 5 s before", '60')
    .option('--local', 'judge in this process, with the policies for coding agents and receipts in a folder')
    .option('--dir <folder>', 'that folder (default: ENACT_HOME or ~/.enact)')
    .option('--fail-open', 'let everything through while the installation does not answer')
    .option('--url <address>', 'the installation (default: ENACT_URL)')
    .option('--key <key>', 'an API key (default: ENACT_API_KEY)')
    .option('--as <email>', 'who acts (default: ENACT_USER_EMAIL, or whom the key is bound to)')
    .action(async (agent: string, options: Readonly<Record<string, string | true>>) => {
      const words = Object.entries(options).flatMap(([name, value]) => {
        const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
        return value === true ? [flag] : [flag, value]
      })
      const said = await runHook([agent, ...words], context.input(), context.env)
      if (said.stdout !== '') await context.out(said.stdout)
      if (said.stderr !== '' && said.exit === 0) context.note(said.stderr)
      if (said.exit !== 0) throw exitAfterAnswer(said.exit === 2 ? 'usage' : ('unexpected' satisfies keyof typeof EXIT), said.stderr)
    })
}
