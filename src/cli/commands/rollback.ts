// `enact rollback`: takes a run back, or shows what that would do.
import type { Command } from 'commander'
import { RunId } from '../../engine/schema.ts'
import type { Context } from '../context.ts'
import { exit } from '../exit.ts'
import { answered, edgeOf, installation, type Named } from '../installation.ts'
import { tellRun, waitMsOf } from '../runs.ts'
import { watched } from '../spinner.ts'

interface Options extends Named {
  readonly json?: boolean
  readonly dryRun?: boolean
  readonly wait: string
}

/** Adds its argument and options. */
export function register(rollback: Command, context: Context): void {
  installation(rollback.argument('<run_id>'))
    .option('--dry-run', 'show the plan, change nothing')
    .option('--wait <seconds>', 'how long to wait for it; 0 = not at all', '60')
    .action(async (runId: string, options: Options) => {
      if (!RunId.safeParse(runId).success) throw exit('usage', `\`${runId}\` is not a run id, which is a UUID in lower case`)
      const asked = { waitMs: waitMsOf(options.wait), ...(options.dryRun ? { dry_run: true } : {}) }
      const answer = await watched(`taking back ${runId}`, answered(edgeOf(options, context).rollback(runId, asked)))
      tellRun(answer, options.json === true, context)
    })
}
