// `enact keys`: making, listing and revoking API keys, for admins.
import type { Command } from 'commander'
import * as z from 'zod'
import type { Context } from '../context.ts'
import { exit } from '../exit.ts'
import { callerOf, installation, type Named } from '../installation.ts'
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
const Page = z.looseObject({ data: z.array(Listed), next_cursor: z.string().nullable() })

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
  const call = callerOf(options, context)
  const all: z.output<typeof Listed>[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const query: Record<string, string | number> = { limit: 200, ...(cursor === undefined ? {} : { cursor }) }
    const page: z.output<typeof Page> = shaped(Page, await call({ method: 'GET', path: '/keys', query }))
    all.push(...page.data)
    cursor = page.next_cursor
  }
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

function shaped<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw exit('unexpected', 'the address answered something else than an Enact installation would')
  return parsed.data
}
