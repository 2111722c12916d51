// `enact keys`: making, listing and revoking API keys, for admins.
import type { Command } from 'commander'
import * as z from 'zod'
import type { Context } from '../context.ts'
import { callerOf, installation, type Named } from '../installation.ts'
import { listed, shaped } from '../pages.ts'
import { table, visible } from '../print.ts'

interface Options extends Named {
  readonly json?: boolean
  readonly scope?: readonly string[]
  readonly label?: string
  readonly user?: string
  readonly team?: string
  readonly expires?: string
}

const Made = z.looseObject({ id: z.string(), key: z.string() })
const Listed = z.looseObject({
  id: z.string(),
  scopes: z.array(z.string()),
  label: z.string().nullable(),
  user_email: z.string().nullable(),
  created_at: z.string(),
  expires_at: z.string().nullable(),
  revoked_at: z.string().nullable()
})

/** Adds `create`, `list` and `revoke`. */
export function register(keys: Command, context: Context): void {
  installation(keys.command('create').description('a new key, shown this once'))
    .requiredOption('--scope <scope...>', 'run, read, approve, audit, admin')
    .option('--label <text>', 'what it is for')
    .option('--user <email>', 'whom it acts as, and as nobody else')
    .option('--team <team_id>', 'a team that this one made')
    .option('--expires <time>', 'until when (RFC 3339)')
    .action((options: Options) => create(options, context))
  installation(keys.command('list').description('every key of the team, never a key itself')).action((options: Options) =>
    list(options, context)
  )
  installation(keys.command('revoke').description('it stops within a minute, everywhere').argument('<id>')).action(
    async (id: string, options: Options) => {
      await callerOf(options, context)({ method: 'DELETE', path: `/keys/${encodeURIComponent(id)}` })
      if (options.json) context.json({ id, revoked: true })
      else context.out(`revoked: ${visible(id)}`)
    }
  )
}

async function create(options: Options, context: Context): Promise<void> {
  const { scope = [], label, user, team, expires } = options
  const body = {
    scopes: scope.flatMap((one) => one.split(',')),
    ...(label === undefined ? {} : { label }),
    ...(user === undefined ? {} : { user_email: user }),
    ...(team === undefined ? {} : { team_id: team }),
    ...(expires === undefined ? {} : { expires_at: expires })
  }
  // Without an Idempotency-Key it is sent once: a key that nobody saw would be a key too many.
  const made = shaped(Made, await callerOf(options, context)({ method: 'POST', path: '/keys', body }))
  if (options.json) return context.json(made)
  context.note(`key ${made.id}, shown this once:`)
  context.out(visible(made.key))
}

async function list(options: Options, context: Context): Promise<void> {
  const all = await listed(callerOf(options, context), '/keys', Listed)
  if (options.json) return context.json(all)
  context.out(
    table([
      ['ID', 'SCOPES', 'USER', 'LABEL', 'MADE', 'ENDS'],
      ...all.map((key) => [
        key.id,
        key.scopes.join(','),
        key.user_email ?? '–',
        key.label ?? '–',
        key.created_at,
        key.revoked_at === null ? (key.expires_at ?? '–') : `revoked ${key.revoked_at}`
      ])
    ])
  )
}
