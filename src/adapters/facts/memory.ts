// Facts of an embedded client: what the host program sets, and the environment's freeze switch.
import type { Facts } from '../../engine/ports.ts'
import type { Json } from '../../engine/schema.ts'

const SWITCHED_ON = new Set(['1', 'true', 'yes'])

/** The given facts; `code_freeze` is also on while `ENACT_FREEZE` in `env` is 1, true or yes in any case. */
export function memoryFacts(facts: Readonly<Record<string, Json>> = {}, env: Readonly<Record<string, string | undefined>> = {}): Facts {
  return {
    async read(_teamId, name) {
      if (Object.hasOwn(facts, name)) return facts[name]
      if (name === 'code_freeze' && SWITCHED_ON.has((env.ENACT_FREEZE ?? '').trim().toLowerCase())) return true
      return undefined
    }
  }
}
