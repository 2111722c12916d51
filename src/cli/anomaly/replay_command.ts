// `enact anomaly replay`: every receipt of a period counted again, with the configured thresholds and, beside them, with those that are tried.
import { nodeHash } from '../../adapters/hash/index.ts'
import {
  capText,
  foldEmail,
  memoryActivity,
  observeActivity,
  ReceiptFilter,
  timeText,
  type AnomalyFinding,
  type AnomalyRules
} from '../../engine/index.ts'
import type { Context } from '../context.ts'
import { exit } from '../exit.ts'
import { paint, table, visible } from '../print.ts'
import { sourceFor, type SourceOptions } from '../receipts/source.ts'
import { watched } from '../spinner.ts'
import { newestReceipt, storedDays } from './stored.ts'
import { configuredFor, triedRules, type ThresholdOptions } from './thresholds.ts'

export interface ReplayOptions extends SourceOptions, ThresholdOptions {
  readonly config?: string
  readonly since?: string
  readonly until?: string
  readonly agent?: string
  readonly json?: boolean
}

interface Counted {
  readonly rules: AnomalyRules
  readonly findings: AnomalyFinding[]
}

const DAY_MS = 86_400_000
const DEFAULT_DAYS = 84
const WEEK_MS = 7 * DAY_MS

/** Ends with 0 whatever is found: an alert stops nothing. */
export async function replayActivity(options: ReplayOptions, context: Context): Promise<void> {
  const { sinceMs, untilMs } = periodOf(options)
  const source = sourceFor(options, context)
  const newest = await newestReceipt(source, untilMs)
  const { rules, fullName } = await configuredFor(newest?.team_id ?? '', newest === null ? undefined : options.config, context)
  const tried = triedRules(rules, options)
  const counted: Counted[] = [{ rules, findings: [] }, ...(tried === null ? [] : [{ rules: tried, findings: [] }])]
  // Each receipt is read once, and a day's may stand before another's in the ledger.
  const books = counted.map(() => ({ ...memoryActivity(), told: () => -1 }))
  const totals = { receipts: 0, acts: 0 }
  const wanted = options.agent === undefined ? null : options.agent.startsWith('key:') ? options.agent : foldEmail(options.agent)
  const read = async () => {
    for await (const { receipts, observations } of storedDays(source, sinceMs, untilMs, fullName)) {
      totals.receipts += receipts
      totals.acts += observations.reduce((sum, { count }) => sum + count, 0)
      for (const [i, { rules, findings }] of counted.entries())
        findings.push(
          ...observeActivity(books[i]!, observations, rules, nodeHash).filter(({ agent }) => wanted === null || agent === wanted)
        )
    }
  }
  await watched('counting receipts again', read())
  tell(counted, { since: timeText(sinceMs), until: timeText(untilMs), ...totals }, options.json === true, context)
}

function periodOf({ since, until }: ReplayOptions): { sinceMs: number; untilMs: number } {
  const read = ReceiptFilter.safeParse({ ...(since === undefined ? {} : { from: since }), ...(until === undefined ? {} : { to: until }) })
  if (!read.success) throw exit('usage', '--since and --until are days or times (RFC 3339)')
  const untilMs = read.data.to ?? Date.now()
  const sinceMs = read.data.from ?? (Math.floor(untilMs / DAY_MS) - DEFAULT_DAYS) * DAY_MS
  if (sinceMs >= untilMs) throw exit('usage', '--since must be before --until')
  return { sinceMs, untilMs }
}

interface Totals {
  readonly since: string
  readonly until: string
  readonly receipts: number
  readonly acts: number
}

function tell(counted: readonly Counted[], totals: Totals, json: boolean, context: Context): void {
  const [configured, tried] = counted as [Counted, Counted | undefined]
  if (json) {
    context.json({ ...totals, configured: shown(configured), tried: tried === undefined ? null : shown(tried) })
    return
  }
  const both = new Set(configured.findings.map(({ id }) => id))
  for (const { id, at, message } of (tried ?? configured).findings) {
    const mark = tried === undefined || both.has(id) ? ' ' : paint('yellow', '+')
    context.out(`${mark} ${timeText(at)}  ${visible(message)}`)
  }
  const kept = new Set((tried ?? configured).findings.map(({ id }) => id))
  for (const { id, at, message } of configured.findings)
    if (!kept.has(id)) context.out(paint('gray', `- ${timeText(at)}  ${visible(message)}`))
  context.out('')
  context.out(table([['RULE', 'CONFIGURED', ...(tried === undefined ? [] : ['TRIED'])], ...ruleRows(counted)]))
  context.out('')
  context.out(table([['WEEK', 'CONFIGURED', ...(tried === undefined ? [] : ['TRIED'])], ...countRows(counted, weekOf)]))
  context.out(`${totals.receipts} receipts, ${totals.acts} acts, ${totals.since} to ${totals.until}`)
}

function shown({ rules, findings }: Counted) {
  return { rules, by_rule: countsOf(findings, ruleOf), by_week: countsOf(findings, weekOf), findings }
}

function ruleOf({ window, cap }: AnomalyFinding): string {
  return cap === null ? window : `cap ${capText(cap)}`
}

/** The Monday that it is in the week of. */
function weekOf({ at }: AnomalyFinding): string {
  // 1970 began on a Thursday.
  const monday = Math.floor((at + 3 * DAY_MS) / WEEK_MS) * WEEK_MS - 3 * DAY_MS
  return timeText(monday).slice(0, 10)
}

function countsOf(findings: readonly AnomalyFinding[], nameOf: (finding: AnomalyFinding) => string): Record<string, number> {
  const counts = new Map<string, number>()
  for (const finding of findings) counts.set(nameOf(finding), (counts.get(nameOf(finding)) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A row for every rule, those that found nothing too. */
function ruleRows(counted: readonly Counted[]): string[][] {
  const names = new Set(counted.flatMap(({ rules }) => [...rules.windows, ...rules.caps.map((cap) => `cap ${capText(cap)}`)]))
  const counts = counted.map(({ findings }) => countsOf(findings, ruleOf))
  return [...names].map((name) => [name, ...counts.map((count) => String(count[name] ?? 0))])
}

function countRows(counted: readonly Counted[], nameOf: (finding: AnomalyFinding) => string): string[][] {
  const counts = counted.map(({ findings }) => countsOf(findings, nameOf))
  const names = [...new Set(counts.flatMap((count) => Object.keys(count)))].sort()
  return names.map((name) => [name, ...counts.map((count) => String(count[name] ?? 0))])
}
