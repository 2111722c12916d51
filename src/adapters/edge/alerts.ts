// Everything of alerts at the edge, put together once: who takes signals, the doors for people, what sends, and what waits to be looked at.
import {
  messageOf,
  type AlertChannelDoor,
  type AlertDoor,
  type AlertRule,
  type ApprovalSeen,
  type DeliveryOrder,
  type JsonObject,
  type Ports,
  type Receipt,
  type SendAlert,
  type Signal
} from '../../engine/index.ts'
import { alertSenders } from '../alerts/index.ts'
import type { Mailer } from '../notices/index.ts'
import { alertChannels } from './alert_channels.ts'
import { alertDoor, type AlertSweep } from './alert_door.ts'
import { alertWatch } from './alert_store.ts'
import type { WebhookOutbox } from './webhook_outbox.ts'

export interface AlertsGiven {
  readonly db: D1Database
  readonly outbox: Pick<WebhookOutbox, 'order'>
  readonly ports: Pick<Ports, 'keys' | 'clock' | 'ids' | 'hash'>
  /** The team's rules; throws where its configuration does not hold. */
  rulesOf(teamId: string): readonly AlertRule[] | null
  readonly builtIn: readonly AlertRule[]
  readonly strings: Readonly<Record<string, string | undefined>>
  readonly mailer: Mailer
  readonly hasMail: boolean
  readonly timeoutMs?: number
  origin(): string | null
  /** Makes one attempt of a delivery, now. */
  attempt(order: DeliveryOrder): Promise<unknown>
  log(entry: JsonObject): void
}

export interface Alerts extends AlertSweep {
  readonly door: AlertDoor
  readonly channels: AlertChannelDoor
  readonly send: SendAlert
  rules(teamId: string): readonly AlertRule[]
  /** Stores what becomes of these; the same told again changes nothing. */
  consider(teamId: string, signals: readonly Signal[]): Promise<void>
  /** The same for whoever has other things to do: what fails is logged. */
  report(teamId: string, ...signals: readonly Signal[]): Promise<void>
  /** Requests to people that wait, of all teams: those that end first come first. */
  waiting(now: number, limit: number): Promise<{ readonly team_id: string; readonly waiting: ApprovalSeen }[]>
}

/** Asked this long ago at least: a rule says for how long it waits. */
const ASKED_MS = 15_000
const WAITING = `SELECT team_id, hitl_id, workflow, run_id, user_email, created_at, expires_at FROM approvals
  WHERE status = 'PENDING' AND expires_at > ?1 AND created_at <= ?2 ORDER BY expires_at LIMIT ?3`

interface WaitingRow {
  readonly team_id: string
  readonly hitl_id: string
  readonly workflow: string
  readonly run_id: string | null
  readonly user_email: string
  readonly created_at: string
  readonly expires_at: string
}

/** Receipts as signals. */
export function receiptSignals(receipts: readonly Receipt[]): Signal[] {
  return receipts.map((receipt) => ({ kind: 'receipt', receipt }))
}

/** Alerts over these parts. */
export function edgeAlerts(given: AlertsGiven): Alerts {
  const { db, outbox, ports, log } = given
  const parts = { db, outbox, ...ports, log }
  const watch = alertWatch(parts)
  const door = alertDoor(parts)
  const senders = alertSenders(given)
  const rules = (teamId: string): readonly AlertRule[] => {
    try {
      return given.rulesOf(teamId) ?? given.builtIn
    } catch {
      // A configuration that does not hold must not keep anybody from being told that the ledger was tampered with.
      return given.builtIn
    }
  }
  const consider = (teamId: string, signals: readonly Signal[]) => watch.consider(teamId, rules(teamId), signals)
  return {
    door,
    sweep: door.sweep,
    channels: alertChannels({ ...parts, problem: senders.problem, attempt: given.attempt, delivery: door.delivery }),
    send: senders.send,
    rules,
    consider,
    report: (teamId, ...signals) =>
      consider(teamId, signals).catch((error: unknown) =>
        log({
          level: 'error',
          event: 'not_alerted',
          team_id: teamId,
          kinds: signals.map(({ kind }) => kind).slice(0, 5),
          error: messageOf(error)
        })
      ),
    async waiting(now, limit) {
      const [from, to] = [now, now - ASKED_MS].map((ms) => new Date(ms).toISOString())
      const { results } = await db.prepare(WAITING).bind(from, to, limit).all<WaitingRow & Record<string, never>>()
      return results.map(({ team_id, created_at, expires_at, ...row }) => ({
        team_id,
        waiting: { ...row, asked_at: Date.parse(created_at), expires_at: Date.parse(expires_at), at: now }
      }))
    }
  }
}
