// Adds a channel, or changes one.
import { useState } from 'preact/hooks'
import { Choices, Field, Form, Submit } from '../../parts/form.tsx'
import { useSending } from '../../parts/sending.ts'
import { send } from '../../shell/api.ts'
import { KIND, KINDS, type Channel, type Kind } from './channel.ts'
import { blankForm, bodyOf, formOf } from './channel_fields.ts'
import { QuietFields } from './quiet_fields.tsx'
import { SeveritySelect } from './severity.tsx'
import { SEVERITY, type AlertRule, type Changed } from './wire.ts'

interface Props {
  /** Null = a new one. */
  readonly channel: Channel | null
  readonly rules: readonly AlertRule[]
  onClose(): void
  onDone(runId: string | null, said: string): void
}

const QUIET = ['/quiet_hours/start', '/quiet_hours/end', '/quiet_hours/time_zone']
const hereZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

export function ChannelForm({ channel, rules, onClose, onDone }: Props) {
  const sending = useSending()
  const [given, setGiven] = useState(() => (channel === null ? blankForm(hereZone()) : formOf(channel, hereZone())))
  const kind = KIND[given.kind]
  const set = (changes: Partial<typeof given>) => setGiven({ ...given, ...changes })
  const submit = async () => {
    const made = bodyOf(given, channel === null)
    if ('wrong' in made) return sending.refuse(made.pointer, made.wrong)
    const done = await sending.run((key) =>
      channel === null
        ? send<Changed>('POST', '/alert-channels', made.body, key)
        : send<Changed>('PATCH', `/alert-channels/${channel.id}`, made.body)
    )
    if (done !== undefined) onDone(done.run_id, channel === null ? 'Added: send a test to see whether it arrives' : 'Changed')
  }
  const toggle = (rule: string) =>
    set({ rules: given.rules.includes(rule) ? given.rules.filter((one) => one !== rule) : [...given.rules, rule] })
  return (
    <Form
      sending={sending}
      onSubmit={() => void submit()}
      fields={[`/${kind.address}`, '/kind', '/name', '/min_severity', '/rules', ...QUIET]}
    >
      {channel === null && (
        <Field label="Kind" wrong={sending.wrongAt('/kind')}>
          {(props) => (
            <select
              {...props}
              autofocus
              value={given.kind}
              onChange={(event) => {
                sending.clear()
                set({ kind: event.currentTarget.value as Kind, address: '' })
              }}
            >
              {KINDS.map((one) => (
                <option key={one} value={one}>
                  {KIND[one].title}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      <Field
        label={kind.label}
        hint={channel !== null && kind.isSecret ? 'Empty = the one that is stored stays.' : kind.hint}
        wrong={sending.wrongAt(`/${kind.address}`)}
      >
        {(props) => (
          <input
            {...props}
            class="code"
            {...(kind.isSecret ? { type: 'password' as const } : { type: 'text' as const, inputMode: kind.inputMode })}
            autocomplete="off"
            spellcheck={false}
            maxLength={320}
            placeholder={kind.example}
            value={given.address}
            onInput={(event) => set({ address: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label="Name (optional)" wrong={sending.wrongAt('/name')}>
        {(props) => <input {...props} maxLength={80} value={given.name} onInput={(event) => set({ name: event.currentTarget.value })} />}
      </Field>
      <Field label="Is told from" wrong={sending.wrongAt('/min_severity')}>
        {(props) => (
          <SeveritySelect
            {...props}
            value={given.min_severity}
            onPick={(min_severity) => set({ min_severity })}
            about={(one) =>
              one === 'critical' ? ' only' : one === 'info' ? ' on: everything' : ` and ${SEVERITY.critical.word.toLowerCase()}`
            }
          />
        )}
      </Field>
      <Choices label="Rules" hint="None chosen = all of them." wrong={sending.wrongAt('/rules')}>
        <div class="types">
          {rules.map(({ rule, title }) => (
            <label key={rule} class="check">
              <input type="checkbox" checked={given.rules.includes(rule)} onChange={() => toggle(rule)} />
              {title}
            </label>
          ))}
        </div>
      </Choices>
      <QuietFields given={given} set={set} wrongAt={sending.wrongAt} />
      <div class="row">
        <Submit sending={sending}>{channel === null ? 'Add' : 'Change'}</Submit>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Form>
  )
}
