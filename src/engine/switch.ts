// Facts that are switches: what counts as on, and why somebody threw it.
import type { Json } from './schema.ts'

const OFF: ReadonlySet<string> = new Set(['', '0', 'false', 'no', 'off', 'none', 'null'])

/** On is true, a text (the reason), or `{active, reason}`; a form that is not known counts as on. */
export function isSwitchedOn(fact: Json | undefined): boolean {
  if (fact === undefined || fact === null || fact === false || fact === 0) return false
  if (typeof fact === 'string') return !OFF.has(fact.trim().toLowerCase())
  return typeof fact === 'object' && 'active' in fact ? isSwitchedOn(fact.active) : true
}

/** The reason, where one was given. */
export function switchReason(fact: Json | undefined): string | null {
  if (typeof fact === 'string') return /^(1|true|yes|on)$/i.test(fact.trim()) ? null : fact.trim()
  const reason = fact !== null && typeof fact === 'object' && 'reason' in fact ? fact.reason : null
  return typeof reason === 'string' && reason !== '' ? reason : null
}
