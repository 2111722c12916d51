// Settings: what changes without a deployment: the freeze, people, facts, how long bodies are kept, the badge; and the words for what is changed elsewhere.
import { Badges } from './badges.tsx'
import { FactEditor } from './fact_editor.tsx'
import { Freeze } from './freeze.tsx'
import { People } from './people.tsx'
import { Retention } from './retention.tsx'
import { Secrets } from './secrets.tsx'
import { useTeamSettings } from './team_settings.ts'

export default function Settings() {
  const settings = useTeamSettings()
  return (
    <>
      <header class="page-head">
        <h1>Settings</h1>
        <p class="muted">every change is receipted</p>
      </header>
      <Freeze />
      <People />
      <FactEditor />
      <div class="columns even">
        <Retention settings={settings} />
        <Badges settings={settings} />
      </div>
      <Secrets />
    </>
  )
}
