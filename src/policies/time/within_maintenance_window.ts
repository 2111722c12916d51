// Things happen in the hours meant for them.
import * as z from 'zod'
import { allow, definePolicy, deny } from '../../engine/index.ts'

/** Denies outside the hours from `start_hour_utc` (included) to `end_hour_utc` (excluded); a start after the end wraps midnight, equal hours leave no time at all. */
export const withinMaintenanceWindow = definePolicy({
  id: 'within_maintenance_window',
  title: 'Only in the maintenance window',
  params: z.strictObject({ start_hour_utc: z.int().min(0).max(23), end_hour_utc: z.int().min(0).max(24) }),
  reads: z.object({}),
  evaluate({ now }, { start_hour_utc: start, end_hour_utc: end }) {
    const minutes = Math.floor(now / 60_000) % 1_440
    const hour = Math.floor(minutes / 60)
    const inside = start <= end ? hour >= start && hour < end : hour >= start || hour < end
    const time = `${hour}:${String(minutes % 60).padStart(2, '0')}`
    const window = `the window from ${start}:00 to ${end}:00 UTC`
    return inside
      ? allow(`${time} UTC is inside ${window}`)
      : deny(`${time} UTC is outside ${window}`, { remedy: `try again in ${window}` })
  }
})
