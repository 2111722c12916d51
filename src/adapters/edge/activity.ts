// The activity of a team's agents: one object a team, told by the ledger's pump. It alerts and stops nothing, so its failures stop nothing either.
import { proxyDurable } from 'itty-durable/proxy-durable.js'
import type { ActivityCalls, Telling, ToldActs } from '../../../durable/activity.ts'
import { messageOf, observationsOf, type AnomalyFinding, type JsonObject, type KnownActivity, type Receipt } from '../../engine/index.ts'

/** The doors of all teams' activity. */
export interface EdgeActivity {
  /**
   * What is unusual in these receipts, which are first revisions in the order of the ledger. Told again it answers the same and counts
   * nothing. Never throws: what could not be told is logged, and missing.
   */
  observe(teamId: string, receipts: readonly Receipt[]): Promise<AnomalyFinding[]>
  /** What is known of the team's agents, or of one (an email address, or `key:<id>`), newest first, at most 200. */
  profile(teamId: string, agent?: string): Promise<KnownActivity[]>
}

interface ActivityParts {
  readonly namespace: DurableObjectNamespace
  /** `delete_row` → `postgres.delete_row`, in this team; the name itself where it is no single action. */
  fullName(teamId: string, id: string): string
  log(entry: JsonObject): void
}

/** Arguments travel in a header. */
const TELLING_CHARS_MAX = 16_000

/** INVARIANT: the name of an object is the team's id alone, so that no team sees another's activity. */
export function edgeActivity({ namespace, fullName, log }: ActivityParts): EdgeActivity {
  const calls = (teamId: string) => proxyDurable(namespace, { name: 'ACTIVITY', parse: true }).get(teamId) as ActivityCalls
  return {
    async observe(teamId, receipts) {
      const findings: AnomalyFinding[] = []
      try {
        for (const telling of tellingsOf(teamId, receipts, (id) => fullName(teamId, id)))
          findings.push(...(await calls(teamId).observe(ascii(telling))))
      } catch (error) {
        log({ level: 'error', event: 'activity_not_observed', team_id: teamId, error: messageOf(error) })
      }
      return findings
    },
    profile: (teamId, agent) => calls(teamId).profile(ascii({ team_id: teamId, agent: agent ?? null }))
  }
}

/** In pieces that are cut between receipts: the object knows them by their places. */
function* tellingsOf(teamId: string, receipts: readonly Receipt[], fullName: (id: string) => string): Generator<Telling> {
  let told: ToldActs[] = []
  let chars = 0
  const telling = (): Telling => ({ team_id: teamId, from: told[0]!.seq, to: told.at(-1)!.seq, told })
  for (const receipt of receipts) {
    const observations = observationsOf(receipt, fullName)
    const [first] = observations
    if (first === undefined) continue
    const { agent, key, run_id, seq } = first
    const one: ToldActs = {
      agent,
      key,
      run_id,
      seq,
      acts: observations.map(({ action, at, count, blocked }) => [action, at, count, blocked])
    }
    const length = ascii(one).length
    if (told.length > 0 && chars + length > TELLING_CHARS_MAX) {
      yield telling()
      told = []
      chars = 0
    }
    told.push(one)
    chars += length
  }
  if (told.length > 0) yield telling()
}

/** JSON that a header can carry, whatever names there are in it. */
function ascii(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[\u007f-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
