// Rules that turn signals into alerts. They stand in git and are pure; what changes hourly (mutes, channels) is kept elsewhere.
import { signalTime, type Signal } from './alert_signal.ts'
import { canonicalBytes } from './canonical.ts'
import { hex } from './bytes.ts'
import { fault } from './fault.ts'
import { redactText } from './redaction.ts'
import type { Hash } from './ports.ts'
import type { Receipt } from './schema.ts'
import { visible } from './visible.ts'

/** The mildest first. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** What a rule makes of a signal. Texts may be an agent's: they are cleaned before anybody sees them. */
export interface Sighting {
  /** The same when the same thing is told again: it counts once for its subject. */
  readonly key: string
  /** What it is about; alerts of one rule about one subject are one alert. */
  readonly subject: string
  /** One sentence. */
  readonly message: string
  /** The rule's own unless given. */
  readonly severity?: Severity
  readonly run_id?: string
  /** Sent again, although the alert has been sent already. */
  readonly urges?: true
  /** What the alert was about is over: it is resolved, and nothing is fired. */
  readonly over?: true
}

/** A rule. Its id names it in lists, mutes and events. */
export interface AlertRule {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly severity: Severity
  /** Only the first sighting of a subject fires; it is remembered for 90 days after the last. */
  readonly first?: true
  /** Fires once so many sightings of a subject came within this time. */
  readonly burst?: { readonly count: number; readonly within_seconds: number }
  /** Pure and quick: it sees every receipt. */
  see(signal: Signal): readonly Sighting[]
}

/** A sighting with its rule, cleaned to be shown. `track` is under which it is remembered, `overflow` where too many of its rule go. */
export interface Seen extends Omit<Sighting, 'severity'> {
  readonly rule: AlertRule
  readonly severity: Severity
  readonly track: string
  readonly overflow: string
  readonly at: number
}

export const BURST_COUNT_MAX = 200
const BURST_SECONDS_MAX = 86_400
const SUBJECT_MAX = 120
const MESSAGE_MAX = 400

/** Declares a rule; throws fault `misconfigured` for one that could not be named or never fire. */
export function defineAlert(rule: AlertRule): AlertRule {
  const { id, burst } = rule
  if (!/^[a-z][a-z0-9_]{0,63}$/.test(id)) throw fault('misconfigured', `alert rule \`${id}\`: an id is lower snake_case`)
  const isWithin = (value: number, max: number) => Number.isSafeInteger(value) && value >= 1 && value <= max
  if (burst !== undefined && !isWithin(burst.count, BURST_COUNT_MAX))
    throw fault('misconfigured', `alert rule \`${id}\`: \`count\` is 1 to ${BURST_COUNT_MAX}`)
  if (burst !== undefined && !isWithin(burst.within_seconds, BURST_SECONDS_MAX))
    throw fault('misconfigured', `alert rule \`${id}\`: \`within_seconds\` is 1 to ${BURST_SECONDS_MAX}`)
  return rule
}

/** Throws fault `misconfigured` where two rules have one id: the mute of one would be the other's. */
export function checkAlerts(rules: readonly AlertRule[]): readonly AlertRule[] {
  const ids = new Set<string>()
  for (const { id } of rules) {
    if (ids.has(id)) throw fault('misconfigured', `alert rule \`${id}\` is configured twice`)
    ids.add(id)
  }
  return rules
}

/** What all rules make of a signal, in their order. A rule that throws sees nothing: `failed` is told, and the others go on. */
export function considerSignal(
  rules: readonly AlertRule[],
  signal: Signal,
  hash: Hash,
  failed: (rule: string, error: unknown) => void
): Seen[] {
  // What was imported happened elsewhere, and anybody who may run could have made it up.
  if (signal.kind === 'receipt' && signal.receipt.mode === 'imported') return []
  const at = signalTime(signal)
  return rules.flatMap((rule) => {
    try {
      return rule.see(signal).map((sighting) => seenBy(rule, sighting, at, hash))
    } catch (error) {
      failed(rule.id, error)
      return []
    }
  })
}

/** Where a rule remembers a subject. A digest: the memory outlives the receipts it comes from, and holds no names. */
export function trackOf(rule: string, subject: string | null, hash: Hash): string {
  return hex(hash.sha256(canonicalBytes(['enact/alert', rule, subject], hash))).slice(0, 32)
}

/** Who acted: the address, or the key where there is none. */
export function agentOf({ user_email, actor }: Receipt): string {
  return user_email !== '' ? user_email : actor.api_key_id === null ? 'nobody' : `key ${actor.api_key_id}`
}

/** A text as alerts show it: no secret, nothing hidden, one line, no longer than `max`. */
export function shownText(text: string, max: number): string {
  const shown = visible(redactText(text.slice(0, 4 * max)))
  return shown.length > max ? `${shown.slice(0, max - 1).toWellFormed()}…` : shown
}

function seenBy(rule: AlertRule, sighting: Sighting, at: number, hash: Hash): Seen {
  return {
    ...sighting,
    rule,
    at,
    severity: sighting.severity ?? rule.severity,
    track: trackOf(rule.id, sighting.subject, hash),
    overflow: trackOf(rule.id, null, hash),
    subject: shownText(sighting.subject, SUBJECT_MAX),
    message: shownText(sighting.message, MESSAGE_MAX)
  }
}
