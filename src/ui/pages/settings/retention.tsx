// How long the bodies of receipts are kept. Leaves stay in any case, so that every proof still works.
import { useEffect, useState } from 'preact/hooks'
import { Confirm } from '../../parts/confirm.tsx'
import { Field } from '../../parts/form.tsx'
import { ReceiptLink } from '../../parts/receipt_link.tsx'
import { Trouble } from '../../parts/trouble.tsx'
import { daysOf } from './days.ts'
import type { SettingsResource } from './team_settings.ts'

export function Retention({ settings: { read, change } }: { readonly settings: SettingsResource }) {
  const now = read.value.value
  const [text, setText] = useState('')
  const [wrong, setWrong] = useState<string | null>(null)
  const [isOpen, setOpen] = useState(false)
  const [receipt, setReceipt] = useState<string | null>(null)
  const stored = now === undefined ? undefined : now.retention_days
  useEffect(() => {
    if (stored !== undefined) setText(stored === null ? '' : String(stored))
  }, [stored])
  const days = daysOf(text)
  const ask = (event: Event) => {
    event.preventDefault()
    setWrong(days.wrong)
    if (days.wrong === null && days.value !== stored) setOpen(true)
  }
  return (
    <section class="card part stack" aria-labelledby="retention">
      <h2 id="retention">Retention</h2>
      {read.problem.value !== null && <Trouble text={read.problem.value} again={() => void read.reload()} />}
      <form class="stack" noValidate onSubmit={ask}>
        <Field label="Keep bodies for so many days" hint="Nothing = for good." wrong={wrong}>
          {(props) => (
            <span class="once-row">
              <input
                {...props}
                inputMode="numeric"
                maxLength={5}
                disabled={now === undefined}
                value={text}
                onInput={(event) => setText(event.currentTarget.value)}
              />
              <button disabled={now === undefined}>Change…</button>
            </span>
          )}
        </Field>
      </form>
      <p class="muted">
        What is older loses its body, for good; its leaf and place in the ledger stay, and proofs go on holding.{' '}
        <ReceiptLink id={receipt} />
      </p>
      <Confirm
        title="Change how long receipts are kept?"
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        action="Change"
        tone={days.value === null ? 'main' : 'danger'}
        onConfirm={async () => setReceipt(await change({ retention_days: days.value }))}
      >
        <p>
          {days.value === null
            ? 'Bodies are kept for good from now on. What was erased does not come back.'
            : `Within an hour, the bodies of all receipts older than ${days.value} days are erased for good. Export what an auditor may still ask for first.`}
        </p>
      </Confirm>
    </section>
  )
}
