// Fields and forms: every control has a label, what is wrong with it stands at it, and while something is sent nothing can be sent again.
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import type { Sending } from './sending.ts'
import { Said } from './told.tsx'

/** What a control must carry to belong to its label and its messages. */
export interface ControlProps {
  readonly id: string
  readonly 'aria-describedby': string | undefined
  readonly 'aria-invalid': 'true' | undefined
}

interface FieldProps {
  readonly label: string
  readonly hint?: ComponentChildren
  readonly wrong?: string | null
  children(props: ControlProps): ComponentChildren
}

export function Field({ label, hint, wrong = null, children }: FieldProps) {
  const id = useId()
  const about = [hint === undefined ? null : `${id}-hint`, wrong === null ? null : `${id}-wrong`].filter((one) => one !== null).join(' ')
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': about === '' ? undefined : about, 'aria-invalid': wrong === null ? undefined : 'true' })}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {typeof hint === 'string' ? <Said text={hint} /> : hint}
        </p>
      )}
      {wrong !== null && (
        <p class="wrong" id={`${id}-wrong`}>
          <Said text={wrong} />
        </p>
      )}
    </div>
  )
}

/** Boxes to tick, under one heading. */
export function Choices({ label, hint, wrong = null, children }: Omit<FieldProps, 'children'> & { readonly children: ComponentChildren }) {
  return (
    <fieldset class="choices">
      <legend>{label}</legend>
      {hint !== undefined && <p class="hint">{typeof hint === 'string' ? <Said text={hint} /> : hint}</p>}
      {children}
      {wrong !== null && (
        <p class="wrong" role="alert">
          <Said text={wrong} />
        </p>
      )}
    </fieldset>
  )
}

interface FormProps {
  readonly sending: Sending
  onSubmit(): void
  readonly children: ComponentChildren
  /** The fields whose messages stand at them, so that the summary does not repeat them. */
  readonly fields?: readonly string[]
}

export function Form({ sending, onSubmit, children, fields = [] }: FormProps) {
  const ref = useRef<HTMLFormElement>(null)
  const wrong = sending.wrong.value
  const isAtField = fields.some((pointer) => sending.wrongAt(pointer) !== null)
  useEffect(() => {
    if (isAtField) ref.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus()
  }, [isAtField, wrong])
  const submit = (event: Event) => {
    event.preventDefault()
    if (!sending.isBusy.value) onSubmit()
  }
  return (
    <form ref={ref} class="stack" noValidate autocomplete="off" aria-busy={sending.isBusy.value} onSubmit={submit}>
      {children}
      <div role="alert">
        {wrong !== null && !isAtField && (
          <p class="wrong-all">
            <Said text={wrong} />
          </p>
        )}
      </div>
    </form>
  )
}

interface SubmitProps {
  readonly sending: Sending
  readonly children: string
  readonly busy?: string
  readonly tone?: 'main' | 'danger'
  readonly isDisabled?: boolean
}

export function Submit({ sending, children, busy = 'Sending…', tone = 'main', isDisabled = false }: SubmitProps) {
  return (
    <button class={tone} disabled={sending.isBusy.value || isDisabled}>
      {sending.isBusy.value ? busy : children}
    </button>
  )
}
