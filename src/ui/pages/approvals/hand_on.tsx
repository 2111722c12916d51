// Hands a request on to another approver; the one who does is out.
import { useEffect, useState } from 'preact/hooks'
import { Dialog } from '../../parts/dialog.tsx'
import { Field, Form, Submit } from '../../parts/form.tsx'
import { note } from '../../parts/notes.tsx'
import { useSending } from '../../parts/sending.ts'
import type { Sight } from './wire.ts'

interface Props {
  readonly isOpen: boolean
  onClose(): void
  post(what: string, body: object): Promise<Sight | null>
}

export function HandOnDialog({ isOpen, onClose, post }: Props) {
  const sending = useSending()
  const [to, setTo] = useState('')
  useEffect(() => {
    if (isOpen) return
    setTo('')
    sending.clear()
  }, [isOpen, sending])
  const submit = async () => {
    if (!to.includes('@')) return sending.refuse('/to', 'their e-mail address, as it is registered')
    const after = await sending.run(() => post('delegate', { to: to.trim() }))
    if (after === undefined) {
      if (sending.code.value === 'approver_unknown') sending.refuse('/to', sending.wrong.value ?? 'not a registered approver')
      return
    }
    onClose()
    if (after !== null) note('pass', `Handed on: ${to.trim()} is asked now`)
  }
  return (
    <Dialog title="Hand it on" isOpen={isOpen} onClose={onClose}>
      <Form sending={sending} onSubmit={() => void submit()} fields={['/to']}>
        <p>Another registered approver is asked in your place. You are out then.</p>
        <Field label="To" wrong={sending.wrongAt('/to')}>
          {(props) => (
            <input
              {...props}
              type="email"
              autocomplete="off"
              maxLength={254}
              value={to}
              onInput={(event) => setTo(event.currentTarget.value)}
            />
          )}
        </Field>
        <div class="row">
          <Submit sending={sending}>Hand on</Submit>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </Form>
    </Dialog>
  )
}
