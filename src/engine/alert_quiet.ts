// Quiet hours of a channel, by the clock on the wall of its time zone.
import * as z from 'zod'

const WallTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM')
const TimeZone = z.string().max(64).refine(isTimeZone, 'must be an IANA time zone like `Europe/Berlin`')

/** From `start` to `end`, over midnight where `end` is earlier; `except: 'critical'` = what is critical comes at once. */
export const QuietHours = z
  .strictObject({ start: WallTime, end: WallTime, time_zone: TimeZone, except: z.literal('critical').nullable().default('critical') })
  .refine(({ start, end }) => start !== end, { message: 'must not end when it begins: switch the channel off instead', path: ['end'] })
export type QuietHours = z.infer<typeof QuietHours>

const MINUTE_MS = 60_000
const DAY_MINUTES = 1_440

/** When these quiet hours end; null where it is not quiet. Right on days when the clocks are changed: the wall counts. */
export function quietUntil({ start, end, time_zone }: QuietHours, now: number): number | null {
  const [from, to] = [minutesOf(start), minutesOf(end)]
  const wall = wallOf(now, time_zone)
  const minute = Math.floor(wall / MINUTE_MS) % DAY_MINUTES
  const isQuiet = from < to ? minute >= from && minute < to : minute >= from || minute < to
  if (!isQuiet) return null
  const midnight = wall - (wall % (DAY_MINUTES * MINUTE_MS))
  const wallEnd = midnight + (to * MINUTE_MS + (minute < to ? 0 : DAY_MINUTES * MINUTE_MS))
  return instantOf(wallEnd, now, time_zone)
}

/** The first instant from `now` on at which the wall shows this time, or has just skipped it. */
function instantOf(wallEnd: number, now: number, timeZone: string): number {
  const guess = now + (wallEnd - wallOf(now, timeZone))
  // Where the clocks are changed in between the wall is off by as much at the guess. A time that is skipped has none that shows it: the later counts.
  const shifted = guess + (wallEnd - wallOf(guess, timeZone))
  return wallOf(shifted, timeZone) === wallEnd ? shifted : Math.max(guess, shifted)
}

/** What the wall shows, as if it were UTC. */
function wallOf(at: number, timeZone: string): number {
  const parts = formatOf(timeZone).formatToParts(at)
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value)
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) + (at % 1000)
}

const formats = new Map<string, Intl.DateTimeFormat>()
const FORMATS_MAX = 100

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const numeric = 'numeric' as const
  const fields = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric, hourCycle: 'h23' } as const
  const made = new Intl.DateTimeFormat('en-US', { timeZone, ...fields })
  if (formats.size >= FORMATS_MAX) formats.clear()
  formats.set(timeZone, made)
  return made
}

function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
}
