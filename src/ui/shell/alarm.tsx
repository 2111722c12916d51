// The banner of a thrown kill switch, on every page: for admins, who can read the fact and lift it.
import { effect, signal } from '@preact/signals'
import { visible } from '../../engine/visible.ts'
import type { Json } from '../../engine/schema.ts'
import { isSwitchedOn, switchReason } from '../../engine/switch.ts'
import { get, Problem } from './api.ts'
import { pathOf } from './pages.ts'
import { has, may, session } from './session.ts'

const EVERY_MS = 20_000

/** The fact `kill_switch`. `value` null = it is not set. */
export interface KillSwitch {
  readonly value: Json
  readonly updated_at: string | null
}

/** Undefined until it was read. */
export const killSwitch = signal<KillSwitch | undefined>(undefined)

let timer: ReturnType<typeof setTimeout> | undefined

/** Reads the fact now, and then every 20 s. Never throws: the page of agents says what is wrong. */
export async function readKillSwitch(): Promise<void> {
  clearTimeout(timer)
  timer = setTimeout(() => void readKillSwitch(), EVERY_MS)
  if (document.hidden || !session.value || !has('agents') || !may('admin')) return
  try {
    killSwitch.value = await get<KillSwitch>('/facts/kill_switch')
  } catch (error) {
    if (error instanceof Problem && error.status === 404) killSwitch.value = { value: null, updated_at: null }
  }
}

effect(() => {
  if (session.value) void readKillSwitch()
  else killSwitch.value = undefined
})

export function Alarm() {
  const fact = killSwitch.value
  if (fact === undefined || !isSwitchedOn(fact.value)) return null
  const reason = switchReason(fact.value)
  return (
    <div class="alarm" role="alert">
      <p>
        <strong>The kill switch is on.</strong> Every new effect of this team is blocked{reason === null ? '.' : `: ${visible(reason)}`}
      </p>
      <a href={pathOf('agents')}>Lift it…</a>
    </div>
  )
}
