// `enact locks`: who holds what in an installation, and taking a lock away from whoever holds it.
import type { Command } from 'commander'
import * as z from 'zod'
import { Receipt, RunId } from '../../engine/index.ts'
import { apiAt, type Api } from '../api.ts'
import type { Context } from '../context.ts'
import { exit } from '../exit.ts'
import { table, visible } from '../print.ts'

interface Options {
  readonly url?: string
  readonly key?: string
  readonly json?: boolean
  readonly reason?: string
}

const Lock = z.looseObject({
  lock_id: z.string(),
  resources: z.array(z.string()),
  fencing_token: z.int(),
  expires_at: z.string(),
  holder: z.string(),
  run_id: z.string().nullable()
})
const Page = z.looseObject({ data: z.array(Lock), next_cursor: z.string().nullable() })
const Broken = z.looseObject({ run_id: z.string(), receipt: Receipt })

/** Adds `list` and `break`. */
export function register(locks: Command, context: Context): void {
  installation(locks.command('list').description('every lock that is held now')).action((options: Options) => list(options, context))
  installation(locks.command('break').description('take a lock away from whoever holds it; its receipt says who did').argument('<lock_id>'))
    .option('--reason <text>', 'why, for the receipt')
    .action((lockId: string, options: Options) => breakLock(lockId, options, context))
}

function installation(command: Command): Command {
  return command
    .option('--url <address>', 'the installation (default: ENACT_URL)')
    .option('--key <key>', 'an API key (default: ENACT_API_KEY)')
    .option('--json', 'print JSON for programs')
}

async function list(options: Options, context: Context): Promise<void> {
  const held: z.output<typeof Lock>[] = []
  const api = apiOf(options, context)
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: z.output<typeof Page> =
      (await api.get(`/locks?limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`, Page)) ?? noLocks()
    held.push(...page.data)
    cursor = page.next_cursor
  }
  if (options.json) return context.json(held)
  if (held.length === 0) return void context.out('nothing is locked')
  context.out(
    table([
      ['LOCK', 'HOLDER', 'RUN', 'UNTIL', 'TOKEN', 'RESOURCES'],
      ...held.map((lock) => [
        lock.lock_id,
        lock.holder,
        lock.run_id ?? '–',
        lock.expires_at,
        String(lock.fencing_token),
        lock.resources.join(' ')
      ])
    ])
  )
}

async function breakLock(lockId: string, options: Options, context: Context): Promise<void> {
  if (!RunId.safeParse(lockId).success) throw exit('usage', `\`${lockId}\` is not a lock's id: \`enact locks list\` shows them`)
  const body = options.reason === undefined ? {} : { reason: options.reason }
  const broken = await apiOf(options, context).post(`/locks/${lockId}/break`, body, Broken)
  if (broken === null) throw exit('unexpected', `nobody holds a lock \`${lockId}\``)
  if (options.json) context.json(broken)
  else context.out(`broken: ${visible(lockId)}; receipt ${visible(broken.run_id)}`)
}

function apiOf(options: Options, context: Context): Api {
  const url = options.url ?? context.env.ENACT_URL
  if (url === undefined || url === '')
    throw exit('usage', 'say which installation: --url <address> (or ENACT_URL) with --key (or ENACT_API_KEY)')
  return apiAt(url, options.key ?? context.env.ENACT_API_KEY, context)
}

function noLocks(): never {
  throw exit('unexpected', 'the address has no `/locks`: is it an Enact installation')
}
