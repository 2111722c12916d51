// Registers an endpoint, or changes one.
import { useState } from 'preact/hooks'
import { Choices, Field, Form, Submit } from '../../parts/form.tsx'
import { note } from '../../parts/notes.tsx'
import { useSending } from '../../parts/sending.ts'
import { send } from '../../shell/api.ts'
import { TYPES, type Endpoint, type Secret } from './wire.ts'

interface Props {
  /** Null = a new one. */
  readonly endpoint: Endpoint | null
  onClose(): void
  /** With the secret of a new one. */
  onDone(secret: Secret | null): void
}

export function EndpointForm({ endpoint, onClose, onDone }: Props) {
  const sending = useSending()
  const [url, setUrl] = useState(endpoint?.url ?? '')
  const [description, setDescription] = useState(endpoint?.description ?? '')
  const [types, setTypes] = useState<readonly string[]>(endpoint?.types ?? [])
  const submit = async () => {
    if (!URL.canParse(url.trim())) return sending.refuse('/url', 'must be a whole address, like https://example.com/hooks/enact')
    const body = { url: url.trim(), types, description: description.trim() === '' ? null : description.trim() }
    if (endpoint === null) {
      const { description: said, ...rest } = body
      const made = await sending.run((key) => send<Endpoint & Secret>('POST', '/webhooks', said === null ? rest : body, key))
      if (made === undefined) return
      note('pass', 'Registered: events come once its ping is answered')
      onDone(made)
      return
    }
    const changed = await sending.run(() => send<Endpoint>('PATCH', `/webhooks/${endpoint.id}`, body))
    if (changed === undefined) return
    note('pass', changed.status === 'PENDING' ? 'Changed: it is pinged first' : 'Changed')
    onDone(null)
  }
  const toggle = (type: string) => setTypes(types.includes(type) ? types.filter((one) => one !== type) : [...types, type])
  return (
    <Form sending={sending} onSubmit={() => void submit()} fields={['/url', '/types', '/description']}>
      <Field
        label="Address"
        hint="A signed ping goes out at once; events come after it was answered with 2xx."
        wrong={sending.wrongAt('/url')}
      >
        {(props) => (
          <input
            {...props}
            autofocus
            class="code"
            type="url"
            autocomplete="off"
            maxLength={2400}
            value={url}
            onInput={(event) => setUrl(event.currentTarget.value)}
          />
        )}
      </Field>
      <Choices label="Events" hint="None chosen = all of them." wrong={sending.wrongAt('/types')}>
        <div class="types">
          {TYPES.map((type) => (
            <label key={type} class="check">
              <input type="checkbox" checked={types.includes(type)} onChange={() => toggle(type)} />
              <code>{type}</code>
            </label>
          ))}
        </div>
      </Choices>
      <Field label="Description (optional)" wrong={sending.wrongAt('/description')}>
        {(props) => <input {...props} maxLength={256} value={description} onInput={(event) => setDescription(event.currentTarget.value)} />}
      </Field>
      <div class="row">
        <Submit sending={sending}>{endpoint === null ? 'Register' : 'Change'}</Submit>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Form>
  )
}
