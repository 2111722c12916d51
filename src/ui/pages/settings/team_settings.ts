// `GET` and `PATCH /settings`.
import { useMemo } from 'preact/hooks'
import { useResource, type Resource } from '../../parts/resource.ts'
import { get, send } from '../../shell/api.ts'

export interface TeamSettings {
  /** Null = bodies are kept for good. */
  readonly retention_days: number | null
  readonly badge: boolean
}

export interface SettingsResource {
  readonly read: Resource<TeamSettings>
  /** The receipt of the change; null where nothing changed. */
  change(patch: Partial<TeamSettings>): Promise<string | null>
}

export function useTeamSettings(): SettingsResource {
  const read = useResource((abort) => get<TeamSettings>('/settings', {}, abort), [])
  return useMemo(
    () => ({
      read,
      async change(patch: Partial<TeamSettings>) {
        const { run_id } = await send<TeamSettings & { run_id: string | null }>('PATCH', '/settings', patch)
        await read.reload()
        return run_id
      }
    }),
    [read]
  )
}
