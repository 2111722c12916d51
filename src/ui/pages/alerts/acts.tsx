// What people do about an alert: say that they are at it, say that it is over.
import { Confirm } from '../../parts/confirm.tsx'
import { note } from '../../parts/notes.tsx'
import { send } from '../../shell/api.ts'
import type { Alert } from './wire.ts'

export interface Act {
  readonly what: 'acknowledge' | 'resolve'
  readonly alert: Pick<Alert, 'alert_id' | 'title' | 'subject'>
}

interface Props {
  readonly act: Act | null
  onClose(): void
  onDone(): Promise<unknown>
}

export function Acts({ act, onClose, onDone }: Props) {
  const do_ = async (what: Act['what'], body: object, said: string) => {
    await send('POST', `/alerts/${act!.alert.alert_id}/${what}`, body)
    note('pass', said)
    await onDone()
  }
  const about = act !== null && (
    <p>
      <strong>{act.alert.title}</strong> {act.alert.subject !== '' && <code>{act.alert.subject}</code>}
    </p>
  )
  return (
    <>
      <Confirm
        title="Acknowledge this alert?"
        isOpen={act?.what === 'acknowledge'}
        onClose={onClose}
        action="Acknowledge"
        tone="main"
        reason={{ label: 'Note (optional), for whoever comes next', isRequired: false, lengthMax: 500 }}
        onConfirm={(text) => do_('acknowledge', text === '' ? {} : { note: text }, 'Acknowledged')}
      >
        {about}
        <p>Others see that you are at it, and nobody is reminded of it any more. What goes on is still counted.</p>
      </Confirm>
      <Confirm
        title="Resolve this alert?"
        isOpen={act?.what === 'resolve'}
        onClose={onClose}
        action="Resolve"
        tone="main"
        onConfirm={() => do_('resolve', {}, 'Resolved')}
      >
        {about}
        <p>It is over. Should it happen again, that is a new alert.</p>
      </Confirm>
    </>
  )
}
