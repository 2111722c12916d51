// `enact receipts`: reading and checking receipts, of a folder or of an installation.
import type { Command } from 'commander'
import { issuesToErrors, ReceiptFilter, ReceiptQuery, RunId } from '../../engine/index.ts'
import type { ReceiptPage } from '../../engine/index.ts'
import type { Context } from '../context.ts'
import { exit, exitAfterAnswer } from '../exit.ts'
import { safeJson } from '../print.ts'
import { exportReceipts } from '../receipts/export.ts'
import { listText, receiptText } from '../receipts/show.ts'
import { sourceFor } from '../receipts/source.ts'
import type { RawQuery, SourceOptions } from '../receipts/source.ts'
import { followReceipts } from '../receipts/tail.ts'
import { verifyReceipts } from '../receipts/verify.ts'

interface Options extends SourceOptions {
  readonly json?: boolean
  readonly [option: string]: string | boolean | undefined
}

/** Options → the names of filters in queries. */
const FILTERS = {
  workflow: 'workflow',
  decision: 'decision',
  outcome: 'outcome',
  user: 'user_email',
  policy: 'policy',
  system: 'system',
  search: 'q',
  query: 'search',
  from: 'from',
  to: 'to'
} as const

/** Adds `list`, `show`, `verify`, `export` and `tail`. */
export function register(receipts: Command, context: Context): void {
  filters(source(receipts.command('list').description('receipts, newest first')))
    .option('--limit <n>', 'at most this many, up to 200')
    .option('--cursor <cursor>', 'go on where the page before ended')
    .action((options: Options) => list(options, context))

  source(receipts.command('show').description('everything of one receipt').argument('<run_id>'))
    .option('--revision <n>', 'an earlier revision instead of the newest')
    .action((runId: string, options: Options) => show(runId, options, context))

  source(receipts.command('verify').description('check signatures, ledger places and proofs'))
    .argument('[what...]', 'exported files or run ids; without any, everything in --dir or at --url')
    .option('--keys <file or url>', "the team's published keys (JWKS); ENACT_SECRET also checks the HMAC")
    .option('--checkpoint <file>', 'a signed checkpoint from earlier, which everything must still agree with')
    .action((what: string[], options: Options) => verifyReceipts(what, options, context))

  filters(source(receipts.command('export').description('receipts with their proofs and keys, in a form that `verify` checks offline')))
    .option('--format <format>', 'ndjson, json, csv, or zip (a compliance export of a period, made by an installation)', 'ndjson')
    .option('--out <file>', 'where to write (default: standard output)')
    .action((options: Options) => exportReceipts(rawQuery(FILTERS, options, ReceiptFilter), options, context))

  filters(source(receipts.command('tail').description('new receipts as they come')))
    .option('--lines <n>', 'how many to begin with', '10')
    .option('--interval <seconds>', 'how often to look', '2')
    .option('--max <n>', 'end after this many')
    .action((options: Options) => tail(options, context))
}

async function list(options: Options, context: Context): Promise<void> {
  const query = rawQuery({ ...FILTERS, limit: 'limit', cursor: 'cursor' }, options, ReceiptQuery)
  const page = await sourceFor(options, context).list(query)
  if (options.json) context.json(page)
  else printPage(page, context)
  if (page.damaged !== undefined) throw exitAfterAnswer('verification', `not whole: ${page.damaged.join('; ')}`)
}

async function show(runId: string, options: Options, context: Context): Promise<void> {
  if (!RunId.safeParse(runId).success) throw exit('usage', `\`${runId}\` is not a run id, which is a UUID in lower case`)
  const revision = options.revision === undefined ? undefined : wholeNumber('revision', options)
  const receipt = await sourceFor(options, context).get(runId, revision)
  const which = revision === undefined ? '' : ` with revision ${revision}`
  if (receipt === null) throw exit('unexpected', `there is no receipt of run \`${runId}\`${which}`)
  if (options.json) context.json(receipt)
  else context.out(receiptText(receipt))
}

async function tail(options: Options, context: Context): Promise<void> {
  const query = rawQuery(FILTERS, options, ReceiptFilter)
  const most = options.max === undefined ? Number.POSITIVE_INFINITY : wholeNumber('max', options)
  const intervalMs = Math.max(1, wholeNumber('interval', options)) * 1000
  let count = 0
  for await (const receipt of followReceipts(sourceFor(options, context), query, wholeNumber('lines', options), intervalMs, context)) {
    context.out(options.json ? safeJson(receipt, 0) : listText([receipt]))
    if (++count >= most) return
  }
}

function source(command: Command): Command {
  return command
    .option('--dir <folder>', 'a folder of receipts on this machine')
    .option('--url <address>', 'an Enact installation (ENACT_URL)')
    .option('--key <key>', 'its API key (ENACT_API_KEY)')
}

function filters(command: Command): Command {
  return command
    .option('--workflow <id>')
    .option('--decision <decision>', 'PASS, BLOCK or PARTIAL')
    .option('--outcome <outcome>', 'NONE, SUCCEEDED, PARTIAL, FAILED or UNKNOWN')
    .option('--user <email>')
    .option('--policy <id>', 'a policy that did not pass')
    .option('--system <id>', 'a system that was acted on')
    .option('--search <words>', 'words that all occur')
    .option('--query <search>', 'what the search box takes: `decision:block agent:dev* since:24h -staging`')
    .option('--from <time>', 'not before this day or time (UTC)')
    .option('--to <time>', 'before this day or time (UTC)')
}

/** The query that the options spell, checked here so that both kinds of source refuse the same things; ends the command where it is none. */
function rawQuery(names: Readonly<Record<string, string>>, options: Options, schema: typeof ReceiptFilter | typeof ReceiptQuery): RawQuery {
  const query = Object.fromEntries(
    Object.entries(names).flatMap(([option, name]) => (options[option] === undefined ? [] : [[name, String(options[option])]]))
  )
  const parsed = schema.safeParse(query)
  if (parsed.success) return query
  const [error] = issuesToErrors(parsed.error)
  const name = error!.pointer.slice(1)
  const option = Object.keys(names).find((each) => names[each] === name) ?? name
  throw exit('usage', `--${option} \`${query[name] ?? ''}\`: ${error!.detail}`)
}

function printPage(page: ReceiptPage, context: Context): void {
  if (page.data.length === 0) context.note('no receipts')
  else context.out(listText(page.data))
  if (page.next_cursor !== null) context.note(`more: --cursor ${page.next_cursor}`)
}

function wholeNumber(option: string, options: Options): number {
  const text = String(options[option])
  if (!/^\d{1,9}$/.test(text)) throw exit('usage', `--${option} \`${text}\`: must be a whole number`)
  return Number(text)
}
