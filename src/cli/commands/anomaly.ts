// `enact anomaly`: what the thresholds would have found in stored receipts.
import type { Command } from 'commander'
import { replayActivity, type ReplayOptions } from '../anomaly/replay_command.ts'
import type { Context } from '../context.ts'

/** Adds `replay`. */
export function register(command: Command, context: Context): void {
  command
    .command('replay')
    .description(
      'count stored receipts again, and show what would have been alerted: with the thresholds of the configuration, and with others'
    )
    .option('--config <file>', 'the configuration (default: enact.config.ts)')
    .option('--since <time>', 'not before this day or time (UTC; default: 12 weeks before --until)')
    .option('--until <time>', 'before this day or time (UTC; default: now)')
    .option('--agent <email>', 'findings of this agent alone: an email address, or key:<id>')
    .option('--sigma <number>', 'try this many standard deviations')
    .option('--margin <number>', 'try this factor above the record')
    .option('--min-count <window:count>', 'try this floor, such as 1h:300; may be repeated', collect, [])
    .option('--min-history <days>', 'try so many days before history counts')
    .option(
      '--cap <cap>',
      'try this cap, such as "delete_row:400/60s"; may be repeated, replaces the caps of the configuration',
      collect,
      []
    )
    .option('--dir <folder>', 'a folder of receipts on this machine')
    .option('--url <address>', 'an Enact installation (ENACT_URL)')
    .option('--key <key>', 'its API key (ENACT_API_KEY)')
    .option('--json', 'print JSON for programs')
    .action((options: ReplayOptions) => replayActivity(options, context))
}

function collect(value: string, before: string[]): string[] {
  return [...before, value]
}
