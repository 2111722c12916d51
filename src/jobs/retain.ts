// Retention: takes away the bodies of receipts that are older than their team wants to keep them. What it did is receipted by the ledger itself.
import {
  messageOf,
  type Clock,
  type ErasureAnswer,
  type ErasureOrder,
  type Ids,
  type JsonObject,
  type SettingsDirectory
} from '../engine/index.ts'

interface Work {
  readonly settings: Pick<SettingsDirectory, 'toRetain' | 'retained'>
  readonly ledger: { erase(order: ErasureOrder): Promise<ErasureAnswer> }
  readonly installation: (teamId: string) => { readonly digest: string }
  readonly ids: Ids
  readonly clock: Clock
  log(entry: JsonObject): void
}

/** A team's turn comes about every hour; teams and rounds of one sweep; how long it may go on. */
const EVERY_MS = 3_600_000
const TEAMS_MAX = 50
const ROUNDS_MAX = 5
const BUDGET_MS = 20_000

/** One sweep; a team that it does not get through goes on at the next one. Never throws. */
export async function retain({ settings, ledger, installation, ids, clock, log }: Work): Promise<void> {
  const until = clock.now() + BUDGET_MS
  const orderFor = (team_id: string, retention_days: number): ErasureOrder => ({
    run_id: ids.runId(),
    team_id,
    api_key_id: null,
    user_email: '',
    config_digest: digestOf(installation, team_id),
    at: clock.now(),
    why: { kind: 'retention', retention_days }
  })
  try {
    for (const { team_id, retention_days } of await settings.toRetain(clock.now() - EVERY_MS, TEAMS_MAX)) {
      if (clock.now() > until) return
      try {
        let more = true
        for (let round = 0; more && round < ROUNDS_MAX && clock.now() <= until; round++) {
          const answer = await ledger.erase(orderFor(team_id, retention_days))
          more = answer.more
          if (answer.kind === 'erased')
            log({ level: 'info', event: 'retention_applied', team_id, run_id: answer.erased_by, count: answer.entries })
        }
        if (!more) await settings.retained(team_id, clock.now())
      } catch (error) {
        log({ level: 'error', event: 'retention_failed', team_id, error: messageOf(error) })
      }
    }
  } catch (error) {
    log({ level: 'error', event: 'retention_failed', error: messageOf(error) })
  }
}

/** A broken configuration keeps nothing longer than it may be kept. */
function digestOf(installation: Work['installation'], teamId: string): string {
  try {
    return installation(teamId).digest
  } catch {
    return 'unreadable'
  }
}
