// The public badge of a workflow: as it looks now, to be copied into a README, and the switch that greys it.
import { useState } from 'preact/hooks'
import { Copy } from '../../parts/copy.tsx'
import { Field } from '../../parts/form.tsx'
import { ReceiptLink } from '../../parts/receipt_link.tsx'
import { useResource } from '../../parts/resource.ts'
import { useSending } from '../../parts/sending.ts'
import { get } from '../../shell/api.ts'
import { session } from '../../shell/session.ts'
import type { SettingsResource } from './team_settings.ts'

export function Badges({ settings: { read, change } }: { readonly settings: SettingsResource }) {
  const workflows = useResource(
    async (abort) => (await get<{ workflows: readonly { id: string }[] }>('/policies', {}, abort)).workflows,
    []
  )
  const names = workflows.value.value?.map(({ id }) => id) ?? []
  const [chosen, setChosen] = useState<string | null>(null)
  const sending = useSending()
  const [receipt, setReceipt] = useState<string | null>(null)
  const isOn = read.value.value?.badge ?? true
  const workflow = chosen ?? names[0] ?? 'agent_pr_workflow'
  const path = `/badge/${session.value?.team_id ?? ''}/${encodeURIComponent(workflow)}.svg`
  const markdown = `[![${workflow}](${location.origin}${path})](${location.origin}/app/)`
  const toggle = async () => {
    const done = await sending.run(async () => ({ run_id: await change({ badge: !isOn }) }))
    if (done !== undefined) setReceipt(done.run_id)
  }
  return (
    <section class="card part stack" aria-labelledby="badges">
      <h2 id="badges">Badge</h2>
      <label class="check">
        <input
          type="checkbox"
          checked={isOn}
          disabled={read.value.value === undefined || sending.isBusy.value}
          onChange={() => void toggle()}
        />
        Show the last decision of a workflow to everybody
      </label>
      {sending.wrong.value !== null && (
        <p class="wrong-all" role="alert">
          {sending.wrong.value}
        </p>
      )}
      <Field label="Workflow">
        {(props) => (
          <select {...props} value={workflow} onChange={(event) => setChosen(event.currentTarget.value)}>
            {(names.length === 0 ? [workflow] : names).map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <p class="badge-line">
        <img class="badge-image" key={`${path} ${String(isOn)}`} src={path} alt={`Badge of ${workflow}`} height="20" />
        <Copy text={markdown}>Copy markdown</Copy>
      </p>
      <p class="muted">
        Decision and minute, nothing else; off, it is grey like one that never was. <ReceiptLink id={receipt} />
      </p>
    </section>
  )
}
