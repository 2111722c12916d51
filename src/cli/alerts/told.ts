// Alerts on a terminal: which there are, one in full, and what people do about them.
import * as z from 'zod'
import type { Context } from '../context.ts'
import { exit } from '../exit.ts'
import { callerOf } from '../installation.ts'
import { listed, shaped } from '../pages.ts'
import { paint, table, visible, type Colour } from '../print.ts'
import { Alert, Delivery, idOf, SEVERITIES, STATUSES, wordOf, type Options } from './wire.ts'

/** How `list` is narrowed. */
export interface ListOptions extends Options {
  readonly status?: string
  readonly severity?: string
  readonly rule?: string
  readonly limit?: string
}

const LIMIT = 50
const AlertWithDeliveries = Alert.extend({ deliveries: z.array(Delivery) })
const colourOf = (cell: string): Colour | null => (cell === 'critical' ? 'red' : cell === 'warning' ? 'yellow' : null)

export async function listAlerts(options: ListOptions, context: Context): Promise<void> {
  const { rule, limit } = options
  if (limit !== undefined && !/^[1-9]\d{0,4}$/.test(limit)) throw exit('usage', `--limit \`${limit}\` is no count from 1 to 99999`)
  const query = {
    status: wordOf(STATUSES, options.status, '--status')?.toUpperCase(),
    severity: wordOf(SEVERITIES, options.severity, '--severity'),
    rule
  }
  const alerts = await listed(callerOf(options, context), '/alerts', Alert, query, Number(limit ?? LIMIT))
  if (options.json) return context.json(alerts)
  if (alerts.length === 0) return void context.out('no alerts')
  context.out(
    table(
      [
        ['ALERT', 'SEVERITY', 'STATUS', 'LAST', 'TIMES', 'RULE', 'SUBJECT'],
        ...alerts.map((one) => [one.alert_id, one.severity, one.status, one.last_at, String(one.count), one.rule, one.subject || '–'])
      ],
      (cell, column) => (column === 1 ? colourOf(cell) : null)
    )
  )
}

export async function showAlert(id: string, options: Options, context: Context): Promise<void> {
  const path = pathOf(id)
  const alert = shaped(AlertWithDeliveries, await callerOf(options, context)({ method: 'GET', path }))
  if (options.json) return context.json(alert)
  const { severity, title, subject, status, message, first_at, last_at, count, acknowledged_by, note, run_ids, deliveries } = alert
  context.out(
    `${paint(colourOf(severity) ?? 'bold', visible(severity))}  ${visible(title)}${subject === '' ? '' : `: ${visible(subject)}`}`
  )
  context.out(visible(message))
  const seen = acknowledged_by === null ? '' : `, seen by ${acknowledged_by}${note === null ? '' : ` (${note})`}`
  context.out(visible(`${status}${seen}; ${count === 1 ? 'once' : `${count} times`}, first ${first_at}, last ${last_at}`))
  if (run_ids.length > 0) context.out(`receipts: ${run_ids.map(visible).join(' ')}`)
  if (deliveries.length === 0) return
  const rows = deliveries.map((one) => [one.created_at, one.status, one.to, one.type, lastOf(one)])
  context.out(table([['TOLD', 'STATE', 'TO', 'WHAT', 'LAST ATTEMPT'], ...rows]))
}

export async function acknowledgeAlert(id: string, options: Options & { readonly note?: string }, context: Context): Promise<void> {
  const { note } = options
  await act(id, 'acknowledge', note === undefined ? {} : { note }, options, context)
}

export async function resolveAlert(id: string, options: Options, context: Context): Promise<void> {
  await act(id, 'resolve', {}, options, context)
}

async function act(id: string, what: string, body: object, options: Options, context: Context): Promise<void> {
  const alert = shaped(Alert, await callerOf(options, context)({ method: 'POST', path: `${pathOf(id)}/${what}`, body }))
  if (options.json) context.json(alert)
  else context.out(`${visible(alert.status)}  ${visible(alert.title)}${alert.subject === '' ? '' : `: ${visible(alert.subject)}`}`)
}

/** How an attempt ended, in a word. */
export function lastOf({ attempts }: z.output<typeof Delivery>): string {
  const last = attempts.at(-1)
  return last === undefined ? '–' : (last.error ?? (last.status === null ? 'no answer' : String(last.status)))
}

function pathOf(id: string): string {
  return `/alerts/${idOf(id, 'an alert', 'enact alerts list')}`
}
