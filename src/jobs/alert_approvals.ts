// Requests to people that nobody answers: told to the alerts every minute; their rule says when that is too long.
import { messageOf, type ApprovalSeen, type Clock, type JsonObject, type Signal } from '../engine/index.ts'

interface Work {
  readonly alerts: {
    waiting(now: number, limit: number): Promise<{ readonly team_id: string; readonly waiting: ApprovalSeen }[]>
    consider(teamId: string, signals: readonly Signal[]): Promise<void>
  }
  readonly clock: Clock
  log(entry: JsonObject): void
}

const BATCH = 1_000

/** Each team by itself: one that fails keeps no other waiting. Never throws. */
export async function alertToApprovals({ alerts, clock, log }: Work): Promise<void> {
  try {
    const teams = new Map<string, Signal[]>()
    for (const { team_id, waiting } of await alerts.waiting(clock.now(), BATCH))
      teams.set(team_id, [...(teams.get(team_id) ?? []), { kind: 'approval', waiting }])
    for (const [team_id, signals] of teams)
      await alerts
        .consider(team_id, signals)
        .catch((error: unknown) => log({ level: 'error', event: 'not_alerted', team_id, kind: 'approval', error: messageOf(error) }))
  } catch (error) {
    log({ level: 'error', event: 'approvals_not_watched', error: messageOf(error) })
  }
}
