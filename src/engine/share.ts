// What a share link shows of a receipt: everything that says what was decided and that it is so, nothing of what it was about unless its maker says so.
import type { Change } from './change.ts'
import { pointerOf } from './pointer.ts'
import type { ActionTaken, Approval, PolicyResult, Receipt } from './schema.ts'

export const SHARE_PARTS = ['payload', 'outputs', 'people'] as const
/** What a share may show beyond the usual: what was asked and touched, what came of it, who was involved. */
export type SharePart = (typeof SHARE_PARTS)[number]

/** Live shares of one receipt, at most. */
export const SHARES_MAX = 20

/** A share as it is stored, without its token. Times are milliseconds. */
export interface ShareRecord {
  readonly share_id: string
  readonly team_id: string
  readonly run_id: string
  readonly show: readonly SharePart[]
  readonly shared_by: string
  readonly created_at: number
  readonly expires_at: number
  readonly revoked_at: number | null
}

/** Shares of all teams. Tokens are known by their SHA-256 alone, in hex. */
export interface Shares {
  /** The share with this token, live or over. */
  find(tokenHash: string): Promise<ShareRecord | null>
  get(teamId: string, shareId: string): Promise<ShareRecord | null>
  /** Newest first, at most 200. */
  list(teamId: string, runId: string): Promise<ShareRecord[]>
  /** The share and the change, both or neither. `full` = the receipt has as many live ones as it may have, or this very one. */
  create(share: ShareRecord, tokenHash: string, change: Change): Promise<'written' | 'full'>
  /** The revocation and the change, both or neither. `moved_on` = it was revoked meanwhile. */
  revoke(share: ShareRecord, at: number, change: Change): Promise<'written' | 'moved_on'>
}

/** A receipt as a stranger sees it: its shape is whole, what is hidden is empty, and `hidden` has the place of each. */
export interface SharedView {
  readonly receipt: Receipt
  readonly hidden: readonly string[]
}

/**
 * The receipt with only what `show` allows. INVARIANT: it is put together from what may be seen, so that a field which the receipt
 * gets one day is hidden until somebody decides otherwise here. A text that a person or a system wrote (reasons, errors) is shown only
 * where everything that it may repeat is shown, or where it repeats nothing of the people who are hidden.
 */
export function sharedView(receipt: Receipt, show: readonly SharePart[]): SharedView {
  const [payload, outputs, people] = SHARE_PARTS.map((part) => show.includes(part)) as [boolean, boolean, boolean]
  const hidden: string[] = []
  const names = people ? [] : namesIn(receipt)
  const shown = <T>(may: boolean, value: T, instead: T, ...path: PropertyKey[]): T => {
    if (may || isEmpty(value)) return value
    hidden.push(pointerOf(path))
    return instead
  }
  /** A free text: the same, and it must not name whom nothing else names. */
  const text = <T extends string | null | undefined>(may: boolean, value: T, instead: T, ...path: PropertyKey[]): T =>
    shown(may && (value === null || value === undefined || !repeats(value, names)), value, instead, ...path)

  const result = ({ policy, passed, effect, would, reason, remedy, code, needed, call }: PolicyResult, i: number): PolicyResult => ({
    policy,
    passed,
    effect,
    ...(would === undefined ? {} : { would }),
    reason: text(payload, reason, '', 'policy_results', i, 'reason'),
    ...(remedy === undefined ? {} : { remedy: text(payload, remedy, '', 'policy_results', i, 'remedy') }),
    ...(code === undefined ? {} : { code }),
    ...(needed === undefined ? {} : { needed }),
    ...(call === undefined ? {} : { call })
  })
  const action = (taken: ActionTaken, i: number): ActionTaken => ({
    action: taken.action,
    system: taken.system,
    success: taken.success,
    status: taken.status,
    output: shown(outputs, taken.output, {}, 'actions_taken', i, 'output'),
    rollback_data:
      taken.rollback_data === 'irreversible'
        ? 'irreversible'
        : shown(outputs, taken.rollback_data, null, 'actions_taken', i, 'rollback_data'),
    resources: shown(payload, taken.resources, [], 'actions_taken', i, 'resources'),
    started_at: taken.started_at,
    finished_at: taken.finished_at,
    error:
      taken.error === null
        ? null
        : { code: taken.error.code, message: text(payload && outputs, taken.error.message, '', 'actions_taken', i, 'error', 'message') }
  })
  const approval = ({ hitl_id, decision, votes, request_digest }: Approval): Approval => ({
    hitl_id,
    decision,
    votes: votes.map(({ by, via, assurance, decided_at, reason }, i) => ({
      by: shown(people, by, '', 'approval', 'votes', i, 'by'),
      via,
      assurance,
      decided_at,
      reason: text(people && payload, reason, null, 'approval', 'votes', i, 'reason')
    })),
    // A digest of what is hidden is a way to guess it.
    request_digest: shown(payload, request_digest, '', 'approval', 'request_digest')
  })
  const { rollback_of, rolled_back_by, retried_as } = receipt.links
  for (const name of ['idempotency_key', 'tool_use_id'] as const) if (receipt.links[name] !== undefined) hidden.push(`/links/${name}`)
  const view: Receipt = {
    version: receipt.version,
    run_id: receipt.run_id,
    revision: receipt.revision,
    ...(receipt.amends === undefined ? {} : { amends: receipt.amends }),
    team_id: receipt.team_id,
    mode: receipt.mode,
    run_mode: receipt.run_mode,
    workflow: receipt.workflow,
    user_email: shown(people, receipt.user_email, '', 'user_email'),
    user_attributes: shown(people, receipt.user_attributes, {}, 'user_attributes'),
    actor: shown(people, receipt.actor, { api_key_id: null, session_id: null }, 'actor'),
    payload: shown(payload, receipt.payload, {}, 'payload'),
    payload_digest: shown(payload, receipt.payload_digest, `sha256:${'0'.repeat(64)}`, 'payload_digest'),
    ...(receipt.sealed_digest === undefined ? {} : { sealed_digest: receipt.sealed_digest }),
    policy_results: receipt.policy_results.map(result),
    ...(receipt.judged_at === undefined ? {} : { judged_at: receipt.judged_at }),
    facts: shown(false, receipt.facts, {}, 'facts'),
    decision: receipt.decision,
    outcome: receipt.outcome,
    actions_taken: receipt.actions_taken.map(action),
    ...(receipt.error === undefined
      ? {}
      : { error: { code: receipt.error.code, message: text(payload && outputs, receipt.error.message, '', 'error', 'message') } }),
    approval: receipt.approval === null ? null : approval(receipt.approval),
    locks: shown(payload, receipt.locks, [], 'locks'),
    links: {
      ...(rollback_of === undefined ? {} : { rollback_of }),
      ...(rolled_back_by === undefined ? {} : { rolled_back_by }),
      ...(retried_as === undefined ? {} : { retried_as })
    },
    config_digest: receipt.config_digest,
    engine_version: receipt.engine_version,
    timestamp: receipt.timestamp,
    signatures: receipt.signatures,
    ...(receipt.ledger === undefined ? {} : { ledger: receipt.ledger })
  }
  return { receipt: view, hidden }
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** Everything by which the receipt names people. */
function namesIn({ user_email, user_attributes, actor, approval }: Receipt): string[] {
  const all = [
    user_email,
    actor.api_key_id,
    actor.session_id,
    ...stringsIn(user_attributes),
    ...(approval?.votes.map(({ by }) => by) ?? [])
  ]
  // `ops@company.com` is also named by `ops`.
  const whole = all.filter((name) => name !== null)
  return [...whole, ...whole.map((name) => name.split('@')[0]!)].map((name) => name.toLowerCase()).filter((name) => name.length > 2)
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : []
}

function repeats(text: string, names: readonly string[]): boolean {
  const folded = text.toLowerCase()
  return names.some((name) => folded.includes(name))
}
