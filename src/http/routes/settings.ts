// A team's settings, for admins.
import { DEFAULT_SETTINGS, SettingsChange, type TeamSettings } from '../../engine/index.ts'
import { applyChange, changeOf } from '../change.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { SettingsChanged, SettingsShown } from '../schema.ts'

/** `GET /settings`. */
export const readSettings = route({
  id: 'readSettings',
  method: 'GET',
  path: '/settings',
  access: ['admin'],
  title: "Read the team's settings",
  tag: 'installation',
  answers: { 200: { title: 'The settings as they are now', schema: SettingsShown } },
  async handle({ host, actor }) {
    return answer(200, await host.settings.get(actor.team_id))
  }
})

/** `PATCH /settings`. */
export const changeSettings = route({
  id: 'changeSettings',
  method: 'PATCH',
  path: '/settings',
  access: ['admin'],
  title: "Change the team's settings",
  about:
    'What is not named stays. With `retention_days` the bodies of receipts that are older are erased, within an hour and for good; their leaves and places stay, and `retention_applied:…` receipts say which. `badge: false` makes `/badge/…` grey. A change is receipted as `settings_changed`: `run_id` names the receipt, and is null where nothing changed.',
  tag: 'installation',
  body: SettingsChange,
  answers: { 200: { title: 'The settings as they are now', schema: SettingsChanged } },
  async handle({ host, actor, body }) {
    const done = await applyChange<TeamSettings>(host, async () => {
      const before = await host.settings.get(actor.team_id)
      const after = { ...before, ...body }
      const names = (Object.keys(DEFAULT_SETTINGS) as (keyof TeamSettings)[]).filter((name) => before[name] !== after[name])
      if (names.length === 0) return { again: false, value: before, change: null }
      const of = (settings: TeamSettings) => Object.fromEntries(names.map((name) => [name, settings[name]]))
      const change = changeOf(host, actor, 'settings_changed', names.join(','), of(before), of(after))
      if ((await host.settings.write(before, after, change)) === 'moved_on') return { again: true }
      return { again: false, value: after, change }
    })
    return answer(200, { ...done.value, run_id: done.run_id })
  }
})
