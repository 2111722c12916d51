// What counts as unusual: the thresholds of a team, and hard caps in the words "delete_row:400/60s".
import * as z from 'zod'
import { fault } from './fault.ts'

/** The rolling windows in which activity is compared with its history, shortest first, and how long each is in seconds. */
export const ANOMALY_WINDOWS = ['1m', '1h', '1d'] as const
export type AnomalyWindow = (typeof ANOMALY_WINDOWS)[number]
export const WINDOW_SECONDS: Readonly<Record<AnomalyWindow, number>> = { '1m': 60, '1h': 3_600, '1d': 86_400 }

/** `max` times within `window_seconds` by one agent is an alert, whatever was usual. `*` in `action` and `agent` stands for any text. */
export const AnomalyCap = z.strictObject({
  /** An action with or without its system: `delete_row`, `postgres.*`, `delete_*`, `*` (each action for itself, not their sum). */
  action: z.string().min(1).max(200),
  max: z.int().min(1).max(1_000_000),
  window_seconds: z.int().min(1).max(86_400),
  /** Whose; absent = everybody's. An email address, or `key:<id>`. */
  agent: z.string().min(1).max(300).optional()
})
export type AnomalyCap = z.infer<typeof AnomalyCap>

const Least = z.int().min(1).max(1_000_000)

/** The thresholds of a team. Every one has a default; an empty object is all of them. */
export const AnomalyRules = z.strictObject({
  /** How many standard deviations above the mean are unusual. */
  sigma: z.number().min(1).max(10).default(3),
  windows: z
    .array(z.enum(ANOMALY_WINDOWS))
    .max(3)
    .default([...ANOMALY_WINDOWS]),
  /** On so many days an agent must have done a thing before its history says anything; until then only caps do. */
  min_history: z.int().min(5).max(56).default(10),
  /** Fewer in a window are never reported. */
  min_count: z.strictObject({ '1m': Least.default(100), '1h': Least.default(1_000), '1d': Least.default(1_500) }).prefault({}),
  /** The busiest window of the last 56 days must be exceeded by this factor as well: a heavy tail breaks its own records, by little. */
  margin: z.number().min(1).max(100).default(2),
  /** The spread is taken to be at least this, in natural logarithms: 0.25 = a quarter up or down is nothing. */
  spread_min: z.number().min(0).max(3).default(0.25),
  /** What was found is not found again for so long, or for the length of its window where that is longer. */
  cool_down_seconds: z.int().min(60).max(604_800).default(3_600),
  caps: z
    .array(AnomalyCap)
    .max(50)
    .default([
      { action: 'delete_*', max: 200, window_seconds: 60 },
      { action: '*', max: 1_000, window_seconds: 60 }
    ])
})
export type AnomalyRules = z.infer<typeof AnomalyRules>
/** As it is written in a configuration. */
export type AnomalyRulesInput = z.input<typeof AnomalyRules>

/** The rules of a team that says nothing. */
export const ANOMALY_DEFAULTS: AnomalyRules = AnomalyRules.parse({})

/** A team's thresholds, with the defaults where it says nothing; throws fault `misconfigured` naming the first thing that is wrong. */
export function checkAnomalyRules(input: AnomalyRulesInput | undefined): AnomalyRules {
  const parsed = AnomalyRules.safeParse(input ?? {})
  if (parsed.success) return parsed.data
  const [first] = parsed.error.issues
  throw fault('misconfigured', `\`anomaly.${first?.path.join('.') ?? ''}\`: ${first?.message ?? 'does not hold'}`)
}

/** Whether a cap speaks of what this agent does there. */
export function isCapped({ action, agent }: AnomalyCap, who: string, what: string): boolean {
  const name = what.slice(what.indexOf('.') + 1)
  return (matches(action, what) || matches(action, name)) && (agent === undefined || matches(agent.toLowerCase(), who.toLowerCase()))
}

/** `delete_row:400/60s`, `postgres.*:1000/1h` as a cap; null where it is none. Units: s, m, h, d. */
export function parseCap(text: string): AnomalyCap | null {
  const [, action, max, length, unit] = /^(.{1,200}):(\d{1,7})\/(\d{1,5})([smhd])$/.exec(text) ?? []
  if (action === undefined) return null
  const seconds = Number(length) * { s: 1, m: 60, h: 3_600, d: 86_400 }[unit as 's' | 'm' | 'h' | 'd']
  return AnomalyCap.safeParse({ action, max: Number(max), window_seconds: seconds }).data ?? null
}

/** The same text for the same cap. */
export function capText({ action, max, window_seconds, agent }: AnomalyCap): string {
  return `${action}:${max}/${window_seconds}s${agent === undefined ? '' : ` of ${agent}`}`
}

/** Linear in both: the text between two stars is looked for once, from the left. */
function matches(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return pattern === text
  const tail = rest.pop()!
  if (!text.startsWith(head) || text.length < head.length + tail.length || !text.endsWith(tail)) return false
  let from = head.length
  for (const part of rest) {
    const at = text.indexOf(part, from)
    if (at < 0) return false
    from = at + part.length
  }
  return from <= text.length - tail.length
}
