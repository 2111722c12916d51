// What each team may use, made from the configuration once and kept.
import { ANOMALY_DEFAULTS, digestOf, install, type Installation, type TeamConfig } from '../../engine/index.ts'
import { nodeHash } from '../hash/index.ts'

/** What a team may use, checked once. A configuration that does not hold throws every time it is asked for. */
export function installations(configOf: (teamId: string) => TeamConfig | null): (teamId: string) => Installation {
  const known = new Map<string, Installation>()
  return (teamId) => {
    const team = known.has(teamId) ? null : configOf(teamId)
    const installation = known.get(teamId) ?? (team === null ? NOTHING : install(team, nodeHash))
    known.set(teamId, installation)
    return installation
  }
}

/** For a team that the configuration does not name: whatever it asks for is not listed, which is a BLOCK with a receipt. */
const NOTHING: Installation = {
  systems: new Map(),
  policies: [],
  workflows: new Map(),
  actions: new Map(),
  mcp: new Map(),
  target: () => null,
  requestPolicies: () => [],
  callPolicies: () => [],
  alerts: null,
  anomaly: ANOMALY_DEFAULTS,
  digest: digestOf(null, nodeHash)
}
