// The `enact` command: finds the group that is meant, runs it, and turns whatever happens into an exit code.
import { Command, CommanderError } from 'commander'
// Two files of the engine instead of its index: `enact --help` loads no policy machinery.
import { Fault } from '../engine/fault.ts'
import { ENGINE_VERSION } from '../engine/version.ts'
import { COMMANDS } from './commands/index.ts'
import { processContext } from './context.ts'
import type { Context } from './context.ts'
import { Exit, EXIT } from './exit.ts'
import type { ExitCode } from './exit.ts'

const FAULT_EXITS: Readonly<Record<string, ExitCode>> = {
  unauthorized: EXIT.auth,
  forbidden: EXIT.auth,
  invalid: EXIT.usage,
  bad_json: EXIT.usage,
  unavailable: EXIT.unexpected,
  signature_invalid: EXIT.verification
}

/** Runs one command line (without node and script) and gives its exit code; never throws. */
export async function main(argv: readonly string[], context: Context): Promise<number> {
  let asked: Command | undefined
  try {
    const program = new Command('enact').description('The action firewall for AI agents.').version(ENGINE_VERSION)
    program.exitOverride().showHelpAfterError('(run with --help for what there is)')
    const named = argv.filter((word) => !word.startsWith('-') && word !== 'help')[0]
    for (const [name, group] of Object.entries(COMMANDS)) {
      const command = program.command(name).description(group.summary)
      if (name !== named) continue
      const { register } = await group.load()
      register(command, context)
      withJson(command, (running) => (asked = running))
    }
    await program.parseAsync(argv, { from: 'user' })
    return EXIT.ok
  } catch (error) {
    return ended(error, asked?.opts().json === true, context)
  }
}

/** Gives every command that does something `--json`, and reports which one runs. */
function withJson(command: Command, running: (command: Command) => void): void {
  command.exitOverride().showHelpAfterError('(run with --help for what there is)')
  for (const each of command.commands) withJson(each, running)
  if (command.commands.length > 0) return
  if (!command.options.some(({ long }) => long === '--json')) command.option('--json', 'print JSON for programs')
  command.hook('preAction', (_, action) => running(action))
}

function ended(error: unknown, json: boolean, context: Context): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  const code = error instanceof Exit ? error.code : error instanceof Fault ? (FAULT_EXITS[error.code] ?? EXIT.unexpected) : EXIT.unexpected
  const message = error instanceof Fault ? error.detail : error instanceof Error ? error.message : String(error)
  const answered = error instanceof Exit && error.answered
  if (json && !answered) context.json({ error: { exit: code, code: error instanceof Fault ? error.code : nameOf(code), message } })
  context.note(`enact: ${message}`)
  if (context.env.ENACT_DEBUG && error instanceof Error && error.stack !== undefined) for (const line of error.stack.split('\n')) context.note(line)
  return code
}

function nameOf(code: number): string {
  return Object.entries(EXIT).find(([, value]) => value === code)?.[0] ?? 'unexpected'
}

/** The process's whole life: a reader that goes away (`| head`) ends it quietly. */
export async function run(): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.unexpected))
  process.exitCode = await main(process.argv.slice(2), processContext())
}
