// `enact run`: asks an installation for a run, waits for it, and tells its receipt.
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { JsonObject } from '../../client.ts'
import type { Context } from '../context.ts'
import { exit } from '../exit.ts'
import { answered, edgeOf, installation, type Named } from '../installation.ts'
import { tellRun, waitMsOf } from '../runs.ts'
import { watched } from '../spinner.ts'

interface Options extends Named {
  readonly json?: boolean
  readonly payload?: string
  readonly user?: string
  readonly mode?: string
  readonly notify?: string
  readonly hitl?: string
  readonly expires?: string
  readonly idempotencyKey?: string
  readonly wait: string
}

const MODES = ['enforce', 'shadow', 'dry_run'] as const

/** Adds its argument and options. */
export function register(run: Command, context: Context): void {
  installation(run.argument('<workflow>', 'a workflow, or an action that may be run alone'))
    .option('--payload <json>', 'the payload: JSON, @file, or - for standard input', '{}')
    .option('--user <email>', 'who acts (default: ENACT_USER_EMAIL)')
    .option('--mode <mode>', MODES.join(', '))
    .option('--notify <email>', 'which approver is asked where a policy asks')
    .option('--expires <seconds>', 'how long they may take')
    .option('--hitl <hitl_id>', 'redeem an approval of exactly this workflow and payload')
    .option('--idempotency-key <key>', 'under the same key it is run once')
    .option('--wait <seconds>', 'how long to wait for it, for people too; 0 = not at all', '60')
    .action((workflow: string, options: Options) => runWorkflow(workflow, options, context))
}

async function runWorkflow(workflow: string, options: Options, context: Context): Promise<void> {
  const user_email = options.user ?? context.env.ENACT_USER_EMAIL
  if (!user_email) throw exit('usage', 'say who acts: --user <email> (or ENACT_USER_EMAIL)')
  const mode = MODES.find((one) => one === options.mode)
  if (options.mode !== undefined && mode === undefined) throw exit('usage', `--mode \`${options.mode}\`: must be ${MODES.join(', ')}`)
  const waitMs = waitMsOf(options.wait)
  const request = {
    workflow,
    user_email,
    payload: await payloadOf(options.payload ?? '{}', context),
    ...(mode === undefined ? {} : { mode }),
    ...(options.notify === undefined ? {} : { notify_email: options.notify }),
    ...(options.hitl === undefined ? {} : { hitl_id: options.hitl }),
    ...(options.expires === undefined ? {} : { expires_in_seconds: waitMsOf(options.expires) / 1_000 })
  }
  const more = { waitMs, ...(options.idempotencyKey === undefined ? {} : { idempotencyKey: options.idempotencyKey }) }
  const answer = await watched(`running ${workflow}`, answered(edgeOf(options, context).run(request, more)))
  tellRun(answer, options.json === true, context)
}

async function payloadOf(given: string, context: Context): Promise<JsonObject> {
  let text = given
  if (given === '-') {
    text = ''
    for await (const part of context.input()) text += Buffer.from(part as Uint8Array).toString('utf8')
  } else if (given.startsWith('@')) {
    text = await readFile(given.slice(1), 'utf8').catch((error: Error) => {
      throw exit('usage', `--payload: ${error.message}`)
    })
  }
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  } catch {
    // Said below.
  }
  throw exit('usage', '--payload is not a JSON object')
}
