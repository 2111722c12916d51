// A team's own settings: what an admin may choose while the installation runs.
import * as z from 'zod'

/** Bodies are kept for so many days at most; null = for good. */
const RetentionDays = z.int().min(1).max(3650).nullable()

/** A team's settings, whole. */
export const TeamSettings = z.strictObject({
  retention_days: RetentionDays,
  /** Whether `/badge/…` shows this team's last decisions; a team that says no looks like one that there is not. */
  badge: z.boolean()
})
export type TeamSettings = z.infer<typeof TeamSettings>

/** `PATCH /settings`: what is not named stays. */
export const SettingsChange = TeamSettings.partial()

/** Of a team that never changed anything. */
export const DEFAULT_SETTINGS: TeamSettings = { retention_days: null, badge: true }
