// The code freeze: a fact that `code_freeze_active` reads; set with a reason, lifted as plainly.
import { useState } from 'preact/hooks'
import { visible } from '../../../engine/visible.ts'
import type { Json } from '../../../engine/schema.ts'
import { isSwitchedOn, switchReason } from '../../../engine/switch.ts'
import { Badge } from '../../parts/badge.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { ReceiptLink } from '../../parts/receipt_link.tsx'
import { useResource } from '../../parts/resource.ts'
import { Time } from '../../parts/time.tsx'
import { Trouble } from '../../parts/trouble.tsx'
import { get, Problem, send } from '../../shell/api.ts'

interface Fact {
  readonly value: Json
  readonly updated_at: string | null
}

async function readFreeze(abort: AbortSignal): Promise<Fact> {
  try {
    return await get<Fact>('/facts/code_freeze', {}, abort)
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return { value: null, updated_at: null }
    throw error
  }
}

export function Freeze() {
  const fact = useResource(readFreeze, [])
  const [open, setOpen] = useState<'set' | 'lift' | null>(null)
  const [receipt, setReceipt] = useState<string | null>(null)
  const { value, problem } = fact
  const isOn = isSwitchedOn(value.value?.value)
  const reason = switchReason(value.value?.value)
  const put = async (given: unknown) => {
    const { run_id } = await send<{ run_id: string | null }>('PUT', '/facts/code_freeze', { value: given })
    setReceipt(run_id)
    await fact.reload()
  }
  return (
    <section class="card part setting" aria-labelledby="freeze">
      <div>
        <h2 id="freeze">Code freeze</h2>
        {problem.value !== null && <Trouble text={problem.value} again={() => void fact.reload()} />}
        <p>
          {value.value === undefined ? 'Reading…' : isOn ? <Badge tone="held">Frozen</Badge> : <Badge tone="pass">No freeze</Badge>}{' '}
          <span class="muted">
            {isOn && reason !== null && `“${visible(reason)}” `}
            {isOn && value.value?.updated_at && (
              <>
                since <Time at={value.value.updated_at} />
              </>
            )}
          </span>
        </p>
        <p class="muted">
          While it is on, <code>code_freeze_active</code> denies what changes code. <ReceiptLink id={receipt} />
        </p>
      </div>
      {isOn ? (
        <button type="button" onClick={() => setOpen('lift')}>
          Lift the freeze…
        </button>
      ) : (
        <button type="button" disabled={value.value === undefined} onClick={() => setOpen('set')}>
          Freeze…
        </button>
      )}
      <Confirm
        title="Freeze code?"
        isOpen={open === 'set'}
        onClose={() => setOpen(null)}
        action="Freeze"
        reason={{ label: 'Why (agents and receipts name it)', isRequired: true, lengthMax: 500 }}
        onConfirm={(why) => put({ active: true, reason: why })}
      />
      <Confirm
        title="Lift the freeze?"
        isOpen={open === 'lift'}
        onClose={() => setOpen(null)}
        action="Lift it"
        tone="main"
        onConfirm={() => put(false)}
      />
    </section>
  )
}
