// The kill switch: one press and a reason stop every new effect of the team; lifting it is as plain.
import { useState } from 'preact/hooks'
import { visible } from '../../../engine/visible.ts'
import { isSwitchedOn, switchReason } from '../../../engine/switch.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Time } from '../../parts/time.tsx'
import { killSwitch, readKillSwitch } from '../../shell/alarm.tsx'
import { send } from '../../shell/api.ts'

/** `PUT /facts/{name}`. */
interface Changed {
  readonly run_id: string | null
}

export function KillSwitchCard() {
  const [open, setOpen] = useState<'throw' | 'lift' | null>(null)
  const [receipt, setReceipt] = useState<string | null>(null)
  const fact = killSwitch.value
  const isOn = fact !== undefined && isSwitchedOn(fact.value)
  const put = async (value: unknown) => {
    const { run_id } = await send<Changed>('PUT', '/facts/kill_switch', { value })
    setReceipt(run_id)
    await readKillSwitch()
  }
  return (
    <section class={`card kill ${isOn ? 'is-on' : ''}`} aria-labelledby="kill">
      <div>
        <h2 id="kill">Kill switch</h2>
        <p class="kill-state" role="status">
          {fact === undefined ? 'Reading…' : isOn ? 'On: every new effect is blocked' : 'Off: agents act as policies let them'}
        </p>
        <p class="muted">
          {isOn ? (
            <>
              {switchReason(fact.value) !== null && <>“{visible(switchReason(fact.value) ?? '')}”, </>}
              {fact.updated_at && (
                <>
                  since <Time at={fact.updated_at} />
                </>
              )}
            </>
          ) : (
            'Stops every agent of this team within five seconds, rollbacks too, whatever was approved before.'
          )}
          {receipt !== null && (
            <>
              {' '}
              <a href={`/app/receipt?id=${receipt}`}>Receipt of the change</a>
            </>
          )}
        </p>
      </div>
      {isOn ? (
        <button type="button" class="big" onClick={() => setOpen('lift')}>
          Lift the kill switch…
        </button>
      ) : (
        <button type="button" class="danger big" disabled={fact === undefined} onClick={() => setOpen('throw')}>
          Stop all agents…
        </button>
      )}
      <Confirm
        title="Stop all agents?"
        isOpen={open === 'throw'}
        onClose={() => setOpen(null)}
        action="Throw the kill switch"
        reason={{ label: 'Why (agents and receipts name it)', isRequired: true, lengthMax: 500 }}
        onConfirm={(reason) => put({ active: true, reason })}
      >
        <p>
          Every new effect of this team is blocked within five seconds, until somebody lifts the switch. What has been sent to a system
          already cannot be called back.
        </p>
      </Confirm>
      <Confirm
        title="Lift the kill switch?"
        isOpen={open === 'lift'}
        onClose={() => setOpen(null)}
        action="Lift it"
        tone="main"
        onConfirm={() => put(false)}
      >
        <p>Agents act again within two seconds, as far as policies let them. What was blocked meanwhile is not made up for.</p>
      </Confirm>
    </section>
  )
}
