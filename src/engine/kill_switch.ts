// The kill switch: a team's fact that stops every new effect, whatever policies say and whatever a run has been allowed before.
import { messageOf } from './plain.ts'
import type { Ports } from './ports.ts'
import { quoted } from './quoted.ts'
import type { Json, JsonObject, PolicyResult } from './schema.ts'
import { isSwitchedOn, switchReason } from './switch.ts'

/** With what an adapter may remember (2 s at most), the switch is felt within 5 s: a read that takes longer is a deny. */
export const KILL_SWITCH_TIMEOUT_MS = 2_500

/** Nothing where the switch is off; else the verdict, and the fact for the receipt. */
export interface KillSwitch {
  readonly results: readonly PolicyResult[]
  readonly facts: JsonObject
}

const OFF: KillSwitch = { results: [], facts: {} }

/** Reads the switch. Never throws: one that cannot be read in time is on. */
export async function killSwitch(teamId: string, ports: Pick<Ports, 'facts' | 'timer'>, call?: number): Promise<KillSwitch> {
  try {
    const reading = ports.timer.within(KILL_SWITCH_TIMEOUT_MS, Promise.resolve(ports.facts.read(teamId, 'kill_switch')))
    const fact: Json | undefined = await reading
    if (fact === undefined || !isSwitchedOn(fact)) return OFF
    const why = switchReason(fact)
    return { results: [thrown(`the kill switch is on${why === null ? '' : `: ${quoted(why)}`}`, call)], facts: { kill_switch: fact } }
  } catch (error) {
    return { results: [thrown(`the kill switch could not be read: ${messageOf(error)}`, call)], facts: {} }
  }
}

/** Whether the switch was on when these were judged. */
export function isKilled(results: readonly PolicyResult[]): boolean {
  return results.some(({ policy, code }) => policy === 'kill_switch' && code === 'kill_switch')
}

function thrown(reason: string, call?: number): PolicyResult {
  const remedy = 'wait until an admin switches it off'
  return {
    policy: 'kill_switch',
    passed: false,
    effect: 'deny',
    reason,
    remedy,
    code: 'kill_switch',
    ...(call === undefined ? {} : { call })
  }
}
