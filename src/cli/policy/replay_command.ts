// `enact policy replay`: the receipts of a period, judged again with the current or another configuration.
import { nodeHash } from '../../adapters/hash/index.ts'
import { nodeParsers } from '../../adapters/parsers/node.ts'
import { install, ReceiptFilter, replay, wasJudged, type Receipt, type Replayed } from '../../engine/index.ts'
import type { Context } from '../context.ts'
import { exit, exitAfterAnswer } from '../exit.ts'
import { paint, visible } from '../print.ts'
import { sourceFor, type SourceOptions } from '../receipts/source.ts'
import { watched } from '../spinner.ts'
import { loadConfig, teamConfig } from './config.ts'

export interface ReplayOptions extends SourceOptions {
  readonly config?: string
  readonly from?: string
  readonly to?: string
  readonly json?: boolean
}

type Row = Replayed & { readonly run_id: string; readonly workflow: string; readonly timestamp: string; readonly user_email: string }

/** Ends with 3 where a decision changes. */
export async function replayReceipts(options: ReplayOptions, context: Context): Promise<void> {
  const { config } = await loadConfig(options.config)
  const all = await watched('reading receipts', receiptsOf(options, context))
  const fromMs = options.from === undefined ? -Infinity : Date.parse(options.from)
  const inPeriod = all.filter((receipt) => Date.parse(receipt.timestamp) >= fromMs)
  const rows: Row[] = []
  if (inPeriod.length > 0) {
    const installation = install(teamConfig(config, context.env, inPeriod[0]!.team_id), nodeHash)
    const judged = inPeriod.filter((receipt) => wasJudged(receipt, installation))
    const sessions = bySession(all)
    const parsers = nodeParsers()
    const work = async () => {
      for (const receipt of judged) {
        const { run_id, workflow, timestamp, user_email } = receipt
        const session = sessions.get(sessionOf(receipt) ?? '') ?? []
        const earlier = session.filter((one) => judgedAt(one) < judgedAt(receipt) && one.run_id !== run_id)
        rows.push({ run_id, workflow, timestamp, user_email, ...(await replay(receipt, earlier, installation, parsers)) })
      }
    }
    await watched(`judging ${judged.length} receipts again`, work())
  }
  tell(rows, options.json === true, context)
}

function tell(rows: readonly Row[], json: boolean, context: Context): void {
  const changed = rows.filter(({ kind }) => kind === 'changed')
  const unknown = rows.filter(({ kind }) => kind === 'unknown')
  const summary = {
    judged: rows.length,
    same: rows.length - changed.length - unknown.length,
    changed: changed.length,
    unknown: unknown.length
  }
  if (json) context.json({ summary, changed, unknown })
  else {
    for (const row of changed) if (row.kind === 'changed') context.out(changeText(row))
    for (const row of unknown)
      if (row.kind === 'unknown') context.out(paint('gray', visible(`${row.run_id}  cannot be judged again: ${row.why}`)))
    context.out(
      `${summary.judged} receipts: ${summary.same} the same, ${summary.changed} changed, ${summary.unknown} cannot be judged again`
    )
  }
  if (changed.length > 0) throw exitAfterAnswer('blocked', `${changed.length} decisions would change`)
}

function changeText(row: Row & { kind: 'same' | 'changed' }): string {
  const colour = row.now === 'PASS' ? 'green' : row.now === 'BLOCK' ? 'red' : 'yellow'
  const head = `${paint(colour, `${row.was} → ${row.now}`)}  ${visible(`${row.timestamp}  ${row.workflow}  ${row.user_email}  ${row.run_id}`)}`
  return [
    head,
    ...row.because.map(({ policy, was, now, reason }) =>
      visible(`    ${policy}: ${was ?? 'not judged'} → ${now ?? 'not judged'}: ${reason}`)
    )
  ].join('\n')
}

/** Everything up to `--to`, oldest first: sessions began before the period perhaps. */
async function receiptsOf(options: ReplayOptions, context: Context): Promise<Receipt[]> {
  const filter = { ...(options.from === undefined ? {} : { from: options.from }), ...(options.to === undefined ? {} : { to: options.to }) }
  if (!ReceiptFilter.safeParse(filter).success) throw exit('usage', '--from and --to are days or times (RFC 3339)')
  const source = sourceFor(options, context)
  const found: Receipt[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: Record<string, string> = {
      limit: '200',
      ...(options.to === undefined ? {} : { to: options.to }),
      ...(cursor === '' ? {} : { cursor })
    }
    const page = await source.list(query)
    if (page.damaged !== undefined) throw exit('verification', `not whole: ${page.damaged.join('; ')}`)
    found.push(...page.data)
    cursor = page.next_cursor === null ? null : String(page.next_cursor)
  }
  return found.toSorted((a, b) => judgedAt(a) - judgedAt(b))
}

function judgedAt({ judged_at, timestamp }: Receipt): number {
  return Date.parse(judged_at ?? timestamp)
}

/** A session belongs to one key. */
function sessionOf({ actor }: Receipt): string | null {
  return actor.session_id === null ? null : JSON.stringify([actor.api_key_id, actor.session_id])
}

function bySession(receipts: readonly Receipt[]): Map<string, Receipt[]> {
  const sessions = new Map<string, Receipt[]>()
  for (const receipt of receipts) {
    const session = sessionOf(receipt)
    if (session !== null) sessions.set(session, [...(sessions.get(session) ?? []), receipt])
  }
  return sessions
}
