// Alerts: what somebody should look at, who is told of it and by which rules; or one alert in full where the address names it.
import { Views } from '../../parts/views.tsx'
import { place } from '../../shell/place.ts'
import { Channels } from './channels.tsx'
import { AlertList } from './list.tsx'
import { One } from './one.tsx'
import { Rules } from './rules.tsx'

const VIEWS = [
  { name: null, title: 'Alerts', path: '/app/alerts', Shown: AlertList },
  { name: 'channels', title: 'Channels', path: '/app/alerts?view=channels', Shown: Channels },
  { name: 'rules', title: 'Rules', path: '/app/alerts?view=rules', Shown: Rules }
] as const

export default function Alerts() {
  const { params } = place.value
  const id = params.get('alert_id')
  if (id !== null) return <One key={id} id={id} />
  const { path, Shown } = VIEWS.find(({ name }) => name === params.get('view')) ?? VIEWS[0]
  return (
    <>
      <header class="page-head">
        <h1>Alerts</h1>
        <Views of={VIEWS} now={path} />
      </header>
      <Shown />
    </>
  )
}
