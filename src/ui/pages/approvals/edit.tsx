// Changes what is asked for: JSON, checked before it is sent. Policies judge it again, and everybody is asked anew.
import { useEffect, useState } from 'preact/hooks'
import type { JsonObject } from '../../../engine/schema.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Field, Form, Submit } from '../../parts/form.tsx'
import { editableJson, readJson } from '../../parts/json_text.ts'
import { note } from '../../parts/notes.tsx'
import { useSending } from '../../parts/sending.ts'
import type { Sight } from './wire.ts'

interface Props {
  readonly isOpen: boolean
  onClose(): void
  readonly payload: JsonObject
  post(what: string, body: object): Promise<Sight | null>
  onRead(digest: string): void
}

export function EditDialog({ isOpen, onClose, payload, post, onRead }: Props) {
  const sending = useSending()
  const [text, setText] = useState('')
  useEffect(() => {
    if (!isOpen) return
    setText(editableJson(payload))
    sending.clear()
    // What comes meanwhile must not overwrite what is being typed.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [isOpen])
  const submit = async () => {
    const read = readJson(text)
    if (read.wrong !== null) return sending.refuse('/payload', read.wrong)
    if (read.value === null || typeof read.value !== 'object' || Array.isArray(read.value))
      return sending.refuse('/payload', 'must be an object: { … }')
    if (JSON.stringify(read.value) === JSON.stringify(payload)) return sending.refuse('/payload', 'nothing is changed yet')
    const after = await sending.run(() => post('edit', { payload: read.value }))
    if (after === undefined) return
    onClose()
    if (after === null) return
    const accepted = after.history.findLast(({ what }) => what === 'edited')?.accepted ?? null
    if (accepted === true) onRead(after.request_digest)
    note(
      accepted === false ? 'block' : 'pass',
      accepted === true
        ? 'Changed: policies accept it, and everybody is asked anew'
        : accepted === false
          ? 'A policy denies the change: the request stands as it was'
          : 'Policies are judging the change'
    )
  }
  return (
    <Dialog title="Edit what is asked for" isOpen={isOpen} onClose={onClose} isWide>
      <Form sending={sending} onSubmit={() => void submit()} fields={['/payload']}>
        <p>All policies judge it again, and everybody is asked anew: votes so far do not count for it, links in messages stop working.</p>
        <Field label="Payload (JSON)" wrong={sending.wrongAt('/payload')}>
          {(props) => (
            <textarea
              {...props}
              autofocus
              class="code json"
              spellcheck={false}
              autocapitalize="none"
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          )}
        </Field>
        <div class="row">
          <Submit sending={sending} busy="Judging…">
            Change it
          </Submit>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </Form>
    </Dialog>
  )
}
