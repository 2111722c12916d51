// Alerts: what somebody should look at, who is told of it and by which rules; or one alert in full where the address names it.
import { place } from '../../shell/place.ts'
import { Channels } from './channels.tsx'
import { AlertList } from './list.tsx'
import { One } from './one.tsx'
import { Rules } from './rules.tsx'
import { Head, type View } from './views.tsx'

const VIEWS: Readonly<Record<View, () => preact.JSX.Element>> = { alerts: AlertList, channels: Channels, rules: Rules }

export default function Alerts() {
  const { params } = place.value
  const id = params.get('alert_id')
  if (id !== null) return <One key={id} id={id} />
  const wanted = params.get('view')
  const view: View = wanted === 'channels' || wanted === 'rules' ? wanted : 'alerts'
  const Shown = VIEWS[view]
  return (
    <>
      <Head view={view} />
      <Shown />
    </>
  )
}
