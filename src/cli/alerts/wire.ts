// What an installation says of alerts, rules and channels: as much of it as the commands print.
import * as z from 'zod'
import { RunId } from '../../engine/schema.ts'
import { exit } from '../exit.ts'
import type { Named } from '../installation.ts'

/** What every command of the group may be given. */
export interface Options extends Named {
  readonly json?: boolean
}

export const STATUSES = ['open', 'acknowledged', 'resolved'] as const
export const SEVERITIES = ['info', 'warning', 'critical'] as const

export const Alert = z.looseObject({
  alert_id: z.string(),
  rule: z.string(),
  title: z.string(),
  severity: z.string(),
  status: z.string(),
  subject: z.string(),
  message: z.string(),
  first_at: z.string(),
  last_at: z.string(),
  count: z.int(),
  run_ids: z.array(z.string()),
  acknowledged_by: z.string().nullable(),
  note: z.string().nullable()
})

export const Delivery = z.looseObject({
  type: z.string(),
  to: z.string(),
  status: z.string(),
  created_at: z.string(),
  attempts: z.array(z.looseObject({ number: z.int(), at: z.string(), status: z.int().nullable(), error: z.string().nullable() }))
})

export const AlertRule = z.looseObject({
  rule: z.string(),
  title: z.string(),
  severity: z.string(),
  muted_until: z.string().nullable(),
  fired_24h: z.int(),
  last_at: z.string().nullable()
})

export const Channel = z.looseObject({
  id: z.string(),
  kind: z.string(),
  name: z.string().nullable(),
  target: z.string(),
  min_severity: z.string(),
  rules: z.array(z.string()),
  enabled: z.boolean(),
  problem: z.string().nullable(),
  last_delivery: z.looseObject({ status: z.string(), at: z.string() }).nullable()
})

/** The id, if it is one: nothing else gets into an address. */
export function idOf(text: string, what: string, list: string): string {
  if (!RunId.safeParse(text).success) throw exit('usage', `\`${text}\` is not ${what}'s id: \`${list}\` shows them`)
  return text
}

/** One of these words, in whatever case. */
export function wordOf<W extends string>(words: readonly W[], text: string | undefined, option: string): W | undefined {
  if (text === undefined) return undefined
  const found = words.find((word) => word === text.toLowerCase())
  if (found === undefined) throw exit('usage', `${option} \`${text}\`: ${words.join(', ')}`)
  return found
}
