// `enact budgets`: what is used of each budget now, and when some of it frees.
import type { Command } from 'commander'
import * as z from 'zod'
import type { Context } from '../context.ts'
import { callerOf, installation, type Named } from '../installation.ts'
import { listed } from '../pages.ts'
import { table } from '../print.ts'

interface Options extends Named {
  readonly json?: boolean
}

const Budget = z.looseObject({
  budget: z.string(),
  policy: z.string(),
  on: z.array(z.string()).nullable(),
  scope: z.string(),
  used: z.number(),
  in_flight: z.number(),
  max: z.number(),
  window_seconds: z.int(),
  frees_at: z.string()
})

/** It has no subcommands. */
export function register(budgets: Command, context: Context): void {
  installation(budgets).action((options: Options) => list(options, context))
}

async function list(options: Options, context: Context): Promise<void> {
  const budgets = await listed(callerOf(options, context), '/budgets', Budget)
  if (options.json) return context.json(budgets)
  if (budgets.length === 0) return void context.out('nothing of a budget is used')
  context.out(
    table([
      ['POLICY', 'ON', 'WHOSE', 'USED', 'IN FLIGHT', 'MAX', 'SECONDS', 'FIRST FREES'],
      ...budgets.map(({ policy, on, scope, used, in_flight, max, window_seconds, frees_at }) => [
        policy,
        on?.join(' ') ?? 'requests',
        scope,
        String(used),
        String(in_flight),
        String(max),
        String(window_seconds),
        frees_at
      ])
    ])
  )
}
