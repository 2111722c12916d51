// What a receipt counts as: who did what, when, how often. Reads nothing else, so that replaying the ledger counts the same again.
import { foldEmail } from './approval_people.ts'
import type { ActionTaken, Receipt } from './schema.ts'

/** Acts of one receipt that are alike: same action, same second. */
export interface Observation {
  /** The user that was claimed: what policies, facts and people speak of. */
  readonly agent: string
  /** The API key, which cannot be claimed: counted beside the user, for an agent that changes its claim. Null where there was none. */
  readonly key: string | null
  /** `postgres.delete_row`; a workflow's id where the whole was refused; `NOT_LISTED` for what does not exist. */
  readonly action: string
  /** Seconds since 1970. */
  readonly at: number
  readonly count: number
  /** How many of `count` were refused. */
  readonly blocked: number
  readonly run_id: string
  /** The receipt's place in the ledger. */
  readonly seq: number
}

/** What every unlisted action counts as: an agent may invent as many names as it likes. */
export const NOT_LISTED = '(not listed)'

const NAME_MAX = 260
/** More seconds than this in one receipt are counted by the minute. */
const SECONDS_MAX = 120

/**
 * Everything that changed something, every observed action, every refused attempt; of first revisions of runs that were to take effect.
 * Imported receipts happened elsewhere and count nothing; shadows, dry runs, and what people did to approvals, locks or facts neither.
 * `fullName` gives a single action its system (`delete_row` → `postgres.delete_row`), where it is known.
 */
export function observationsOf(receipt: Receipt, fullName: (id: string) => string = (id) => id): Observation[] {
  const { revision, judged_at, mode, run_mode, ledger } = receipt
  if (revision !== 0 || judged_at === undefined || mode === 'imported' || run_mode !== 'enforce' || ledger === undefined) return []
  const acts = [...doneOf(receipt), ...refusedOf(receipt, fullName)].filter(({ at }) => Number.isFinite(at))
  const seconds = new Set(acts.map(({ at }) => Math.floor(at / 1000))).size
  const step = seconds > SECONDS_MAX ? 60 : 1
  const who = {
    // A user of an embedded host may be called anything, but never like a key.
    agent: cut(foldEmail(receipt.user_email).replace(/^key:/, 'key;')),
    key: receipt.actor.api_key_id === null ? null : cut(receipt.actor.api_key_id),
    run_id: receipt.run_id,
    seq: ledger.seq
  }
  const alike = new Map<string, Observation>()
  for (const { action, at, blocked } of acts) {
    const second = Math.floor(at / 1000 / step) * step
    const id = `${second} ${action}`
    const { count = 0, blocked: before = 0 } = alike.get(id) ?? {}
    alike.set(id, { ...who, action: cut(action), at: second, count: count + 1, blocked: before + (blocked ? 1 : 0) })
  }
  return [...alike.values()]
}

interface One {
  readonly action: string
  readonly at: number
  readonly blocked: boolean
}

/** An observed action counts when it was judged, which no later revision changes. */
function doneOf({ mode, actions_taken, judged_at = '' }: Receipt): One[] {
  return actions_taken
    .filter((taken) => mode === 'observed' || changed(taken))
    .map((taken) => ({
      action: `${taken.system}.${taken.action}`,
      at: Date.parse(mode === 'observed' ? judged_at : taken.finished_at),
      blocked: false
    }))
}

/** A call without an inverse read; one that nobody knows the end of may have changed something. */
function changed({ status, rollback_data }: ActionTaken): boolean {
  return (status === 'DONE' && rollback_data !== null) || status === 'UNKNOWN' || status === 'REVERTED'
}

function refusedOf(receipt: Receipt, fullName: (id: string) => string): One[] {
  const { decision, mode, workflow, policy_results, actions_taken, timestamp, judged_at = timestamp } = receipt
  if (decision !== 'BLOCK') return []
  const calls = actions_taken.filter(({ status }) => status === 'SKIPPED')
  if (calls.length > 0)
    return calls.map((taken) => ({ action: `${taken.system}.${taken.action}`, at: Date.parse(taken.finished_at), blocked: true }))
  const unknown = policy_results.some(({ policy, code }) => policy === 'allow_list' && code === 'not_allowed')
  return [{ action: unknown ? NOT_LISTED : fullName(workflow), at: Date.parse(mode === 'observed' ? judged_at : timestamp), blocked: true }]
}

function cut(text: string): string {
  return text.length > NAME_MAX ? text.slice(0, NAME_MAX).toWellFormed() : text
}
