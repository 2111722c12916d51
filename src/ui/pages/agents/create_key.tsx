// Creates a key: what it may do, for whom and until when; shown once.
import { useEffect, useState } from 'preact/hooks'
import { Dialog } from '../../parts/dialog.tsx'
import { Choices, Field, Form, Submit } from '../../parts/form.tsx'
import { Once } from '../../parts/once.tsx'
import { useSending } from '../../parts/sending.ts'
import { send } from '../../shell/api.ts'
import { SCOPES, scopesWrong } from './wire.ts'

interface Made {
  readonly id: string
  readonly key: string
}

interface Props {
  readonly isOpen: boolean
  onClose(): void
  onCreated(): void
}

const BLANK = { label: '', scopes: ['run'] as readonly string[], email: '', days: '' }

export function CreateKey({ isOpen, onClose, onCreated }: Props) {
  const [made, setMade] = useState<Made | null>(null)
  useEffect(() => {
    // A key that was shown is not kept for the next time.
    if (!isOpen) setMade(null)
  }, [isOpen])
  return (
    <Dialog title={made === null ? 'Create a key' : 'The new key'} isOpen={isOpen} onClose={onClose}>
      {made === null ? (
        <KeyForm
          onClose={onClose}
          onMade={(one) => {
            setMade(one)
            onCreated()
          }}
        />
      ) : (
        <div class="stack">
          <Once label={`Key ${made.id}`} secret={made.key} hint="Enact keeps only a hash: nobody can show it again." />
          <p class="muted">
            Give it to the agent as <code>X-Enact-Api-Key</code>.
          </p>
          <button type="button" class="main" onClick={onClose}>
            I stored it
          </button>
        </div>
      )}
    </Dialog>
  )
}

function KeyForm({ onClose, onMade }: { onClose(): void; onMade(made: Made): void }) {
  const sending = useSending()
  const [given, setGiven] = useState(BLANK)
  const { label, scopes, email, days } = given
  const rule = scopesWrong(scopes, email.trim())
  const submit = async () => {
    if (rule !== null) return sending.refuse('/scopes', rule)
    if (days !== '' && !/^[1-9]\d{0,3}$/.test(days)) return sending.refuse('/expires_at', 'a whole number of days, or nothing')
    const body = {
      scopes,
      ...(label.trim() === '' ? {} : { label: label.trim() }),
      ...(email.trim() === '' ? {} : { user_email: email.trim() }),
      ...(days === '' ? {} : { expires_at: new Date(Date.now() + Number(days) * 86_400_000).toISOString() })
    }
    const made = await sending.run((key) => send<Made>('POST', '/keys', body, key))
    if (made !== undefined) onMade(made)
  }
  const toggle = (id: string) => setGiven({ ...given, scopes: scopes.includes(id) ? scopes.filter((one) => one !== id) : [...scopes, id] })
  const wrong = sending.wrongAt('/scopes') ?? (scopes.length > 1 || (scopes.includes('approve') && email !== '') ? rule : null)
  return (
    <Form sending={sending} onSubmit={() => void submit()} fields={['/scopes', '/label', '/user_email', '/expires_at']}>
      <Field label="Label" hint="What it is called in lists and receipts, like `billing-bot`." wrong={sending.wrongAt('/label')}>
        {(props) => (
          <input
            {...props}
            autofocus
            maxLength={128}
            value={label}
            onInput={(event) => setGiven({ ...given, label: event.currentTarget.value })}
          />
        )}
      </Field>
      <Choices label="Scopes" wrong={wrong}>
        {SCOPES.map(({ id, title, about }) => (
          <label key={id} class="check scope">
            <input type="checkbox" checked={scopes.includes(id)} onChange={() => toggle(id)} />
            <span>
              <code>{title}</code> <span class="muted">{about}</span>
            </span>
          </label>
        ))}
      </Choices>
      <Field
        label={scopes.includes('approve') ? 'Approver (e-mail)' : 'Acts as (e-mail, optional)'}
        hint="A key with an address may act only as that user. One that approves names its registered approver."
        wrong={sending.wrongAt('/user_email')}
      >
        {(props) => (
          <input
            {...props}
            type="email"
            autocomplete="off"
            maxLength={254}
            value={email}
            onInput={(event) => setGiven({ ...given, email: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label="Expires in days (optional)" wrong={sending.wrongAt('/expires_at')}>
        {(props) => (
          <input
            {...props}
            class="short"
            inputMode="numeric"
            maxLength={4}
            value={days}
            onInput={(event) => setGiven({ ...given, days: event.currentTarget.value.trim() })}
          />
        )}
      </Field>
      <div class="row">
        <Submit sending={sending} busy="Creating…">
          Create the key
        </Submit>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Form>
  )
}
