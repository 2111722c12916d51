// Muting a rule for a while, and saying how grave it is here.
import { useState } from 'preact/hooks'
import { Dialog } from '../../parts/dialog.tsx'
import { Choices, Field, Form, Submit } from '../../parts/form.tsx'
import { useSending } from '../../parts/sending.ts'
import { send } from '../../shell/api.ts'
import { MUTES, muteUntil, type MuteId } from './mute.ts'
import { SeveritySelect } from './severity.tsx'
import type { AlertRule, Changed } from './wire.ts'

export interface RuleChange {
  readonly what: 'mute' | 'severity'
  readonly rule: AlertRule
}

interface Props {
  onClose(): void
  onDone(changed: Changed, said: string): Promise<unknown>
}

export function RuleDialogs({ open, onClose, onDone }: Props & { readonly open: RuleChange | null }) {
  return (
    <>
      <Dialog title="Mute this rule?" isOpen={open?.what === 'mute'} onClose={onClose}>
        {open?.what === 'mute' && <Mute rule={open.rule} onClose={onClose} onDone={onDone} />}
      </Dialog>
      <Dialog title="How grave is it here?" isOpen={open?.what === 'severity'} onClose={onClose}>
        {open?.what === 'severity' && <Grave rule={open.rule} onClose={onClose} onDone={onDone} />}
      </Dialog>
    </>
  )
}

const pathOf = ({ rule }: AlertRule) => `/alert-rules/${encodeURIComponent(rule)}`

function Mute({ rule, onClose, onDone }: Props & { readonly rule: AlertRule }) {
  const sending = useSending()
  const [id, setId] = useState<MuteId>('1h')
  const [typed, setTyped] = useState('')
  const submit = async () => {
    const until = muteUntil(id, typed, Date.now())
    if ('wrong' in until) return sending.refuse('/muted_until', until.wrong)
    const changed = await sending.run(() => send<Changed>('PATCH', pathOf(rule), { muted_until: until.at }))
    if (changed === undefined) return
    onClose()
    await onDone(changed, `${rule.title} is muted`)
  }
  return (
    <Form sending={sending} onSubmit={() => void submit()} fields={id === 'until' ? ['/muted_until'] : []}>
      <p>
        Nobody is told of <strong>{rule.title}</strong>. Its alerts still stand on the page.
      </p>
      <Choices label="For how long">
        {MUTES.map((one) => (
          <label key={one.id} class="check">
            <input type="radio" name="mute" autofocus={one.id === '1h'} checked={id === one.id} onChange={() => setId(one.id)} />
            {one.title}
          </label>
        ))}
      </Choices>
      {id === 'until' && (
        <Field label="Until" hint="In this browser’s time zone." wrong={sending.wrongAt('/muted_until')}>
          {(props) => <input {...props} type="datetime-local" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />}
        </Field>
      )}
      <Buttons sending={sending} action="Mute" onClose={onClose} />
    </Form>
  )
}

function Grave({ rule, onClose, onDone }: Props & { readonly rule: AlertRule }) {
  const sending = useSending()
  const [severity, setSeverity] = useState(rule.severity)
  const submit = async () => {
    const body = { severity: severity === rule.default_severity ? null : severity }
    const changed = await sending.run(() => send<Changed>('PATCH', pathOf(rule), body))
    if (changed === undefined) return
    onClose()
    await onDone(changed, 'Changed: it counts from the next alert on')
  }
  return (
    <Form sending={sending} onSubmit={() => void submit()} fields={['/severity']}>
      <Field label={`Severity of ${rule.title}`} wrong={sending.wrongAt('/severity')}>
        {(props) => (
          <SeveritySelect
            {...props}
            value={severity}
            onPick={setSeverity}
            about={(one) => (one === rule.default_severity ? ' (the rule’s own)' : '')}
          />
        )}
      </Field>
      <Buttons sending={sending} action="Change" onClose={onClose} />
    </Form>
  )
}

function Buttons({
  sending,
  action,
  onClose
}: {
  readonly sending: ReturnType<typeof useSending>
  readonly action: string
  onClose(): void
}) {
  return (
    <div class="row">
      <Submit sending={sending}>{action}</Submit>
      <button type="button" onClick={onClose}>
        Cancel
      </button>
    </div>
  )
}
