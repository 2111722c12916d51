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
  try {
    const program = new Command('enact').description('The action firewall for AI agents.').version(ENGINE_VERSION)
    program.exitOverride().showHelpAfterError('(run with --help for what there is)')
    program.configureOutput({
      writeOut: (text) => void context.out(text.trimEnd()),
      writeErr: (text) =>
        text
          .trimEnd()
          .split('\n')
          .forEach((line) => context.note(line))
    })
    const named = argv.find((word) => !word.startsWith('-') && word !== 'help')
    for (const [name, group] of Object.entries(COMMANDS)) {
      const command = program.command(name).description(group.summary)
      if (name !== named) continue
      const { register } = await group.load()
      register(command, context)
      addJson(command)
    }
    await program.parseAsync(argv, { from: 'user' })
    return EXIT.ok
  } catch (error) {
    return ended(error, argv.includes('--json'), context)
  }
}

/** Every command that does something takes `--json`. */
function addJson(command: Command): void {
  for (const each of command.commands) addJson(each)
  if (command.commands.length > 0 || command.options.some(({ long }) => long === '--json')) return
  command.option('--json', 'print JSON for programs')
}

function ended(error: unknown, json: boolean, context: Context): number {
  // Commander has told its own mistakes and helped by now.
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok
  const code = codeOf(error)
  const message = error instanceof Fault ? error.detail : error instanceof Error ? error.message : String(error)
  const answered = error instanceof Exit && error.answered
  if (json && !answered) context.json({ error: { exit: code, code: error instanceof Fault ? error.code : nameOf(code), message } })
  if (!(error instanceof CommanderError)) context.note(`enact: ${message}`)
  if (context.env.ENACT_DEBUG && error instanceof Error) error.stack?.split('\n').forEach((line) => context.note(line))
  return code
}

function codeOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return EXIT.usage
  if (error instanceof Exit) return error.code
  return error instanceof Fault ? (FAULT_EXITS[error.code] ?? EXIT.unexpected) : EXIT.unexpected
}

function nameOf(code: number): string {
  return Object.entries(EXIT).find(([, value]) => value === code)?.[0] ?? 'unexpected'
}

/** The process's whole life: a reader that goes away (`| head`) ends it quietly. */
export async function run(): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.unexpected))
  process.exitCode = await main(process.argv.slice(2), processContext())
}
