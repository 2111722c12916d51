// `enact approve` and `enact deny`: an approver's decision, on what they are shown first.
import type { Command } from 'commander'
import * as z from 'zod'
import { RunId } from '../../engine/schema.ts'
import { confirm } from '../confirm.ts'
import type { Context } from '../context.ts'
import { exit } from '../exit.ts'
import { callerOf, installation, type Named } from '../installation.ts'
import { paint, safeJson, visible } from '../print.ts'

interface Options extends Named {
  readonly json?: boolean
  readonly reason?: string
  readonly yes?: boolean
}

const Sight = z.looseObject({
  hitl_id: z.string(),
  status: z.string(),
  workflow: z.string(),
  user_email: z.string(),
  payload: z.record(z.string(), z.json()),
  request_digest: z.string(),
  missing: z.int()
})

/** Registers one of the two. */
export const registerAs =
  (choice: 'approve' | 'deny') =>
  (command: Command, context: Context): void => {
    installation(command.argument('<hitl_id>'))
      .option('--reason <text>', 'why, for the receipt')
      .option('-y, --yes', 'do not ask')
      .action((hitlId: string, options: Options) => decide(choice, hitlId, options, context))
  }

async function decide(choice: 'approve' | 'deny', hitlId: string, options: Options, context: Context): Promise<void> {
  if (!RunId.safeParse(hitlId).success) throw exit('usage', `\`${hitlId}\` is not an approval's id, which is a UUID in lower case`)
  const call = callerOf(options, context)
  const path = `/hitl/${hitlId}/${choice}`
  const before = sightOf(await call({ method: 'GET', path }))
  if (!options.json) context.note(`${before.workflow} of ${before.user_email}: ${safeJson(before.payload, 0)}`)
  // In a script, whoever wrote it has decided; at a terminal, whoever has read the lines above does.
  if (process.stdin.isTTY && process.stderr.isTTY && !options.yes && !(await confirm(`${choice} this?`)))
    throw exit('usage', 'nothing was decided')
  const { reason } = options
  // INVARIANT: what is decided is what was shown: edited in between, its digest is another, and the decision is refused.
  const body = { request_digest: before.request_digest, ...(reason === undefined ? {} : { reason }) }
  const after = sightOf(await call({ method: 'POST', path, body }))
  if (options.json) return context.json(after)
  const more = after.status === 'PENDING' ? `: ${after.missing} more must approve` : ''
  context.out(`${paint(after.status === 'DENIED' ? 'red' : 'green', after.status)}  ${visible(hitlId)}${more}`)
}

function sightOf(value: unknown): z.output<typeof Sight> {
  const parsed = Sight.safeParse(value)
  if (!parsed.success) throw exit('unexpected', 'the address answered something else than an Enact installation would')
  return parsed.data
}
