// The form of a person.
import { useState } from 'preact/hooks'
import { Field, Form, Submit } from '../../parts/form.tsx'
import { note } from '../../parts/notes.tsx'
import { useSending } from '../../parts/sending.ts'
import { send } from '../../shell/api.ts'
import { BLANK, bodyOf, formOf, type Person, type PersonForm } from './person.ts'

interface Props {
  /** Null = a new one. */
  readonly person: Person | null
  onClose(): void
  /** With the receipt of the change, where there was one. */
  onDone(run_id: string | null): void
}

const FIELDS = ['/email', '/name', '/roles', '/clearance_level', '/escalation_order', '/channels', '/attributes']

export function PersonFields({ person, onClose, onDone }: Props) {
  const sending = useSending()
  const [form, setForm] = useState<PersonForm>(() => (person === null ? BLANK : formOf(person)))
  const submit = async () => {
    const read = bodyOf(form)
    if ('wrong' in read) return sending.refuse(read.pointer, read.wrong)
    const done = await sending.run((key) =>
      person === null
        ? send<{ run_id: string | null }>('POST', '/people', read.body, key)
        : send<{ run_id: string | null }>('PATCH', `/people/${encodeURIComponent(person.person_id)}`, read.body)
    )
    if (done === undefined) return
    note('pass', person === null ? `${form.email.trim()} is added` : 'Changed')
    onDone(done.run_id)
  }
  const text = (name: Exclude<keyof PersonForm, 'isApprover'>) => ({
    value: form[name],
    onInput: (event: { currentTarget: { value: string } }) => setForm({ ...form, [name]: event.currentTarget.value })
  })
  return (
    <Form sending={sending} onSubmit={() => void submit()} fields={FIELDS}>
      <div class="pair">
        <Field label="E-mail" wrong={sending.wrongAt('/email')}>
          {(props) => <input {...props} autofocus type="email" autocomplete="off" maxLength={254} {...text('email')} />}
        </Field>
        <Field label="Name (optional)" wrong={sending.wrongAt('/name')}>
          {(props) => <input {...props} autocomplete="off" maxLength={128} {...text('name')} />}
        </Field>
      </div>
      <label class="check">
        <input type="checkbox" checked={form.isApprover} onChange={() => setForm({ ...form, isApprover: !form.isApprover })} />
        Approver: is asked, and may decide
      </label>
      <div class="pair">
        <Field
          label="Asked (0 = first)"
          hint="The others are asked as well when three quarters of the time are gone."
          wrong={sending.wrongAt('/escalation_order')}
        >
          {(props) => <input {...props} inputMode="numeric" maxLength={2} {...text('order')} />}
        </Field>
        <Field label="Clearance (optional)" hint="A number that policies compare." wrong={sending.wrongAt('/clearance_level')}>
          {(props) => <input {...props} inputMode="numeric" maxLength={4} {...text('clearance')} />}
        </Field>
      </div>
      <Field
        label="Further roles (optional)"
        hint="With commas between, like `dba, oncall`. The first is what policies call `role`."
        wrong={sending.wrongAt('/roles')}
      >
        {(props) => <input {...props} maxLength={1000} {...text('roles')} />}
      </Field>
      <Field
        label="Reached by (optional)"
        hint="One a line: `mail ana@example.com` or `slack U024BE7LH`. Nothing = the e-mail address."
        wrong={sending.wrongAt('/channels')}
      >
        {(props) => <textarea {...props} class="code" rows={2} spellcheck={false} {...text('channels')} />}
      </Field>
      <Field label="Attributes (JSON, optional)" hint="What else policies may believe of them." wrong={sending.wrongAt('/attributes')}>
        {(props) => <textarea {...props} class="code" rows={3} spellcheck={false} {...text('attributes')} />}
      </Field>
      <div class="row">
        <Submit sending={sending}>{person === null ? 'Add' : 'Change'}</Submit>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Form>
  )
}
