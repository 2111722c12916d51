// When a channel is to be silent: what comes in these hours comes as one message after them.
import { useId } from 'preact/hooks'
import { Field } from '../../parts/form.tsx'
import type { ChannelForm } from './channel_fields.ts'

interface Props {
  readonly given: ChannelForm
  set(changes: Partial<ChannelForm>): void
  wrongAt(pointer: string): string | null
}

export function QuietFields({ given, set, wrongAt }: Props) {
  const zones = useId()
  return (
    <fieldset class="choices">
      <legend>Quiet hours</legend>
      <label class="check">
        <input type="checkbox" checked={given.isQuiet} onChange={(event) => set({ isQuiet: event.currentTarget.checked })} />
        Hold alerts back
      </label>
      {given.isQuiet && (
        <div class="stack">
          <div class="pair">
            <Field label="From" wrong={wrongAt('/quiet_hours/start')}>
              {(props) => (
                <input {...props} type="time" value={given.start} onInput={(event) => set({ start: event.currentTarget.value })} />
              )}
            </Field>
            <Field label="To" wrong={wrongAt('/quiet_hours/end')}>
              {(props) => <input {...props} type="time" value={given.end} onInput={(event) => set({ end: event.currentTarget.value })} />}
            </Field>
          </div>
          <Field label="Time zone" wrong={wrongAt('/quiet_hours/time_zone')}>
            {(props) => (
              <>
                <input
                  {...props}
                  list={zones}
                  maxLength={64}
                  spellcheck={false}
                  value={given.time_zone}
                  onInput={(event) => set({ time_zone: event.currentTarget.value })}
                />
                <datalist id={zones}>
                  {Intl.supportedValuesOf('timeZone').map((zone) => (
                    <option key={zone} value={zone} />
                  ))}
                </datalist>
              </>
            )}
          </Field>
          <label class="check">
            <input
              type="checkbox"
              checked={given.isCriticalExcepted}
              onChange={(event) => set({ isCriticalExcepted: event.currentTarget.checked })}
            />
            Critical ones come at once
          </label>
        </div>
      )}
    </fieldset>
  )
}
