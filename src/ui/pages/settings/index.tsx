// Settings: what changes without a deployment: the freeze, people, facts, how long bodies are kept, the badge; and the words for what is changed elsewhere.
import { Placeholder } from '../../parts/list.tsx'
import { usePaged } from '../../parts/paged.ts'
import { Badges } from './badges.tsx'
import { FactEditor, type Fact } from './fact_editor.tsx'
import { Freeze } from './freeze.tsx'
import { People } from './people.tsx'
import type { Person } from './person.ts'
import { Retention } from './retention.tsx'
import { Secrets } from './secrets.tsx'
import { useTeamSettings } from './team_settings.ts'

export default function Settings() {
  const settings = useTeamSettings()
  const people = usePaged<Person>('/people')
  const facts = usePaged<Fact>('/facts')
  // What stands below a list comes once the list is there, so that nothing is pushed down under the reader.
  const isThere = [people, facts].every(({ items, problem }) => items.value !== undefined || problem.value !== null)
  return (
    <>
      <header class="page-head">
        <h1>Settings</h1>
        <p class="muted">every change is receipted</p>
      </header>
      <Freeze />
      {!isThere && <Placeholder />}
      {isThere && (
        <>
          <People people={people} />
          <FactEditor facts={facts} />
          <div class="columns even">
            <Retention settings={settings} />
            <Badges settings={settings} />
          </div>
          <Secrets />
        </>
      )}
    </>
  )
}
