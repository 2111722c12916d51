// Approvals: the inbox with what was decided before, or one request in full where the address names it.
import { place } from '../../shell/place.ts'
import { Inbox } from './inbox.tsx'
import { One } from './one.tsx'

export default function Approvals() {
  const id = place.value.params.get('id')
  return id === null ? <Inbox /> : <One key={id} id={id} />
}
