// Facts: what policies read that changes hourly, as JSON under a name.
import { useEffect, useState } from 'preact/hooks'
import { visible } from '../../../engine/visible.ts'
import type { Json } from '../../../engine/schema.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field, Form, Submit } from '../../parts/form.tsx'
import { editableJson, readJson } from '../../parts/json_text.ts'
import { List } from '../../parts/list.tsx'
import { note } from '../../parts/notes.tsx'
import type { Paged } from '../../parts/paged.ts'
import { ReceiptLink } from '../../parts/receipt_link.tsx'
import { useSending } from '../../parts/sending.ts'
import { Time } from '../../parts/time.tsx'
import { send } from '../../shell/api.ts'
import { readKillSwitch } from '../../shell/alarm.tsx'

/** `GET /facts`. */
export interface Fact {
  readonly name: string
  readonly value: Json
  readonly updated_at: string
}

const SHOWN_MAX = 300

export function FactEditor({ facts }: { readonly facts: Paged<Fact> }) {
  const [open, setOpen] = useState<{ readonly fact: Fact | null } | null>(null)
  const [unsetting, setUnsetting] = useState<Fact | null>(null)
  const [receipt, setReceipt] = useState<string | null>(null)
  const changed = async () => {
    await Promise.all([facts.reload(), readKillSwitch()])
  }
  return (
    <section class="area" aria-labelledby="facts">
      <div class="area-head">
        <h2 id="facts">Facts</h2>
        <p class="muted">policies see a change within two seconds</p>
        <ReceiptLink id={receipt} />
        <div class="actions">
          <button type="button" onClick={() => setOpen({ fact: null })}>
            Set a fact…
          </button>
        </div>
      </div>
      <List
        of={facts}
        empty={
          <p class="muted">
            No fact is set. <code>protected_tables</code>, for one, is a list of table names that no agent may write to.
          </p>
        }
      >
        {(items) => (
          <table class="sheet">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Value</th>
                <th scope="col">Since</th>
                <th scope="col">
                  <span class="unseen">What can be done</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((fact) => (
                <tr key={fact.name}>
                  <td class="is-narrow">
                    <code>{visible(fact.name)}</code>
                  </td>
                  <td class="fills">
                    <code>{shortened(visible(JSON.stringify(fact.value)))}</code>
                  </td>
                  <td class="is-narrow" data-label="since">
                    <Time at={fact.updated_at} />
                  </td>
                  <td class="is-narrow">
                    <span class="cell-actions">
                      <button type="button" onClick={() => setOpen({ fact })}>
                        Change…<span class="unseen"> {fact.name}</span>
                      </button>
                      <button type="button" onClick={() => setUnsetting(fact)}>
                        Unset…<span class="unseen"> {fact.name}</span>
                      </button>
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </List>
      <Dialog title={open?.fact ? 'Change a fact' : 'Set a fact'} isOpen={open !== null} onClose={() => setOpen(null)}>
        {open && (
          <FactForm
            fact={open.fact}
            onClose={() => setOpen(null)}
            onDone={(run_id) => {
              setReceipt(run_id)
              setOpen(null)
              void changed()
            }}
          />
        )}
      </Dialog>
      <Confirm
        title="Unset this fact?"
        isOpen={unsetting !== null}
        onClose={() => setUnsetting(null)}
        action="Unset"
        onConfirm={async () => {
          await send('DELETE', `/facts/${encodeURIComponent(unsetting!.name)}`)
          note('pass', `${unsetting!.name} is not set any more`)
          await changed()
        }}
      >
        <p>
          <code>{visible(unsetting?.name ?? '')}</code> will be as if it had never been set. What a policy then says is its own business:
          read it first.
        </p>
      </Confirm>
    </section>
  )
}

interface FormProps {
  readonly fact: Fact | null
  onClose(): void
  onDone(run_id: string | null): void
}

function FactForm({ fact, onClose, onDone }: FormProps) {
  const sending = useSending()
  const [name, setName] = useState(fact?.name ?? '')
  const [text, setText] = useState('')
  useEffect(() => setText(fact === null ? '' : editableJson(fact.value)), [fact])
  const submit = async () => {
    if (name.trim() === '') return sending.refuse('/name', 'give it a name, like `protected_tables`')
    const read = readJson(text)
    if (read.wrong !== null) return sending.refuse('/value', read.wrong)
    const done = await sending.run(() =>
      send<{ run_id: string | null }>('PUT', `/facts/${encodeURIComponent(name.trim())}`, { value: read.value })
    )
    if (done === undefined) return
    note('pass', done.run_id === null ? 'Nothing is different' : `${name.trim()} is set`)
    onDone(done.run_id)
  }
  return (
    <Form sending={sending} onSubmit={() => void submit()} fields={['/name', '/value']}>
      <Field label="Name" wrong={sending.wrongAt('/name')}>
        {(props) => (
          <input
            {...props}
            class="code"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            maxLength={128}
            readOnly={fact !== null}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label="Value (JSON)" hint={'Like `["customers", "payments"]`, `true`, or `"a reason"`.'} wrong={sending.wrongAt('/value')}>
        {(props) => (
          <textarea
            {...props}
            class="code"
            rows={6}
            spellcheck={false}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        )}
      </Field>
      <div class="row">
        <Submit sending={sending}>Set it</Submit>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Form>
  )
}

function shortened(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}
