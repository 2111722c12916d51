// A question before something that cannot be taken back lightly: says what will happen, and may ask for a reason.
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Dialog } from './dialog.tsx'
import { Field, Form, Submit } from './form.tsx'
import { useSending } from './sending.ts'

interface Props {
  readonly title: string
  readonly isOpen: boolean
  onClose(): void
  /** What the button says. */
  readonly action: string
  readonly tone?: 'main' | 'danger'
  /** Asks for a reason; `required` refuses to go on without one. */
  readonly reason?: { readonly label: string; readonly isRequired: boolean; readonly lengthMax: number }
  readonly children?: ComponentChildren
  /** Does it; what it throws is shown in the dialog. */
  onConfirm(reason: string): Promise<void>
}

export function Confirm({ title, isOpen, onClose, action, tone = 'danger', reason, children, onConfirm }: Props) {
  const sending = useSending()
  const [text, setText] = useState('')
  useEffect(() => {
    if (isOpen) return
    setText('')
    sending.clear()
  }, [isOpen, sending])
  const submit = async () => {
    if (reason?.isRequired && text.trim() === '') return sending.refuse('/reason', 'say why: it stands in the receipt')
    if ((await sending.run(() => onConfirm(text.trim()).then(() => true))) === true) onClose()
  }
  return (
    <Dialog title={title} isOpen={isOpen} onClose={onClose}>
      <Form sending={sending} onSubmit={() => void submit()} fields={['/reason']}>
        {children}
        {reason && (
          <Field label={reason.label} wrong={sending.wrongAt('/reason')}>
            {(props) => (
              <textarea
                {...props}
                autofocus
                rows={3}
                maxLength={reason.lengthMax}
                value={text}
                onInput={(event) => setText(event.currentTarget.value)}
              />
            )}
          </Field>
        )}
        <div class="row">
          <Submit sending={sending} tone={tone}>
            {action}
          </Submit>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </Form>
    </Dialog>
  )
}
