// Until when, as it is typed: a time, or a while from now. Pure.
import { exit } from '../exit.ts'

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 }
/** As long as any clock of the wire goes. */
const FOR_MS_MAX = 366 * 86_400_000

/** RFC 3339 in UTC. Exactly one of the two must be given, and it must lie ahead. */
export function untilOf(given: { readonly until?: string; readonly for?: string }, now: number): string {
  if ((given.until === undefined) === (given.for === undefined)) throw exit('usage', 'say either --for <while> or --until <time>')
  const at = given.for === undefined ? Date.parse(given.until!) : now + whileOf(given.for)
  if (Number.isNaN(at) || (given.until !== undefined && !/^\d{4}-\d\d-\d\d/.test(given.until)))
    throw exit('usage', `--until \`${given.until}\` is no time like 2026-12-01T07:00:00Z`)
  if (at <= now) throw exit('usage', `--until \`${given.until}\` is over already`)
  return new Date(at).toISOString()
}

function whileOf(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,4})([mhdw])$/.exec(text) ?? []
  const ms = Number(count) * (UNITS[unit ?? ''] ?? Number.NaN)
  if (Number.isNaN(ms) || ms > FOR_MS_MAX) throw exit('usage', `--for \`${text}\` is no while like 30m, 8h, 7d or 2w`)
  return ms
}
