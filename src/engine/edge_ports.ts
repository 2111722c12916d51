// What an installation that serves many teams needs beside the ports of a run: keys and teams, the search index, the ledger's and the runs' doors.
import type { Change } from './change.ts'
import type { Erasure, ErasureAnswer, ErasureOrder } from './erasure.ts'
import type { ExportOrder, ExportProgress } from './export_state.ts'
import type { FactRecord } from './fact.ts'
import type { InclusionProof } from './ledger.ts'
import type { PersonRecord } from './person.ts'
import type { LockBreak } from './lease_receipt.ts'
import type { Lock, Waiter } from './lease_state.ts'
import type { Facts, Locks, People } from './ports.ts'
import type { Judged, RunPending, RunResult } from './run.ts'
import type { JsonObject, LedgerPlace, Receipt, Signature } from './schema.ts'
import type { TeamSettings } from './settings.ts'
import type { Progress } from './workflow.ts'

export const SCOPES = ['run', 'read', 'approve', 'audit', 'admin'] as const
/** What a key may be used for. `admin` is everything but `approve`: whoever asks must never be able to answer. */
export type Scope = (typeof SCOPES)[number]

/** An API key as it is listed: never the key, never its hash. */
export interface KeyRecord {
  readonly id: string
  readonly team_id: string
  readonly scopes: readonly Scope[]
  readonly label: string | null
  /** The one user this key may act as; null = any. */
  readonly user_email: string | null
  /** Role, clearance and the like: what policies may believe of whoever uses the key. */
  readonly attributes: JsonObject
  readonly created_at: string
  readonly expires_at: string | null
  readonly revoked_at: string | null
}

/** A key to be stored: `hash` is the SHA-256 of its text, in hex. */
export type NewKey = Omit<KeyRecord, 'created_at' | 'revoked_at'> & { readonly hash: string }

export interface Team {
  readonly team_id: string
  readonly name: string | null
  /** The team whose admin made it, and may give it keys. */
  readonly parent: string | null
  readonly created_at: string
}

/** Keys and teams. */
export interface Directory {
  /** The key with this hash, revoked or not; what it answers is never older than a minute. */
  find(hash: string): Promise<KeyRecord | null>
  /** A key that is there already stays as it is. */
  create(key: NewKey, now: number): Promise<void>
  /** In the order of their ids. */
  list(teamId: string, after: string | null, limit: number): Promise<KeyRecord[]>
  /** Idempotent. `last_admin` = refused, since nobody could administer the team any more. */
  revoke(teamId: string, id: string, now: number): Promise<'revoked' | 'unknown' | 'last_admin'>
  team(teamId: string): Promise<Team | null>
  teams(limit: number): Promise<Team[]>
  /** The team and its first key, both or neither; false when the team exists. `first` = only where no team exists at all. */
  createTeam(team: Team, key: NewKey, now: number, first: boolean): Promise<boolean>
}

/** A run's newest revision as the ledger holds it: `body` is the text that was signed. */
export interface LedgerRow {
  readonly position: number
  readonly run_id: string
  readonly revision: number
  readonly body: string
  readonly signatures: readonly Signature[]
  readonly place: LedgerPlace
  /** Set where the body is empty: when and by what it was erased, null where nothing says so. */
  readonly erased?: Erasure | null
}

/**
 * What the ledger says of a run without its body. `erased` = it has no body any more; `damaged` = a stored text is not the one that was
 * appended and no receipt says that it was erased, or the chain broke there.
 */
export interface LedgerDigest {
  readonly position: number
  readonly run_id: string
  readonly revision: number
  readonly place: LedgerPlace
  readonly signatures: readonly Signature[]
  readonly erased: boolean
  readonly damaged: boolean
}

/** What the index says of a run. `sound` = its columns and its leaf follow from its body. */
export interface IndexPrint extends Omit<LedgerDigest, 'damaged' | 'erased'> {
  readonly sound: boolean
}

/** What was wrong with a run in the index, or (`ledger_damaged`) in the ledger. */
export interface Finding {
  readonly team_id: string
  readonly position: number
  readonly run_id: string
  readonly kind: 'missing' | 'differs' | 'surplus' | 'ledger_damaged'
  readonly repaired: boolean
}

/** A signed tree head. `note` is the C2SP signed note, from which the rest was read. */
export interface SignedCheckpoint {
  readonly tree_size: number
  readonly root_hash: string
  readonly created_at: string
  readonly note: string
}

/** A team's ledger, beyond what a run needs of it. */
export interface LedgerDoor {
  latest(teamId: string, runId: string): Promise<Receipt | null>
  /** One revision of a run, amended or not. */
  revision(teamId: string, runId: string, revision: number): Promise<Receipt | null>
  /** Of the newest revision, against a checkpoint that covers it. */
  proof(teamId: string, runId: string): Promise<InclusionProof | null>
  /** Newest first, only trees smaller than `below`. */
  checkpoints(teamId: string, below: number | null, limit: number): Promise<SignedCheckpoint[]>
  /** Brings the index up to date: what was appended before this call is in a list after it. The size of the ledger then. */
  project(teamId: string): Promise<number>
  /** Takes bodies away for good, leaves and places stay; the receipt of that is in the ledger when this resolves. */
  erase(order: ErasureOrder): Promise<ErasureAnswer>
}

/** Settings of teams. */
export interface SettingsDirectory {
  get(teamId: string): Promise<TeamSettings>
  /** The settings and the change, both or neither. `moved_on` = they are not `before` any more. */
  write(before: TeamSettings, after: TeamSettings, change: Change): Promise<'written' | 'moved_on'>
  /** Teams with a retention that was last applied before `before`, longest ago first. */
  toRetain(before: number, limit: number): Promise<readonly { readonly team_id: string; readonly retention_days: number }[]>
  retained(teamId: string, now: number): Promise<void>
}

/** An export as it is listed. */
export interface ExportRow extends ExportProgress {
  readonly export_id: string
  readonly from: string
  readonly to: string
  readonly created_at: string
  readonly expires_at: string
}

/** Compliance exports. */
export interface ExportDoor {
  /** The export on the list and the change, both or neither. */
  create(order: ExportOrder, change: Change): Promise<'created' | 'exists' | 'too_many'>
  /** Begins it, or makes sure that it goes on. */
  start(order: ExportOrder): Promise<void>
  /** Newest first, only those before the one that was created at this time under this id. */
  list(teamId: string, before: readonly [number, string] | null, limit: number): Promise<ExportRow[]>
  get(teamId: string, exportId: string): Promise<ExportRow | null>
  /** Null unless it is done. */
  file(teamId: string, exportId: string): Promise<{ readonly size: number; readonly stream: unknown } | null>
  /** False = there is none. */
  remove(teamId: string, exportId: string): Promise<boolean>
}

/** What knows of a receipt beside the ledger. */
export interface ErasureDoor {
  /** Those of the runs that something which is not over yet still needs. */
  busy(teamId: string, runIds: readonly string[]): Promise<string[]>
  /** Takes out every copy of these runs; doing it again changes nothing. */
  forget(teamId: string, runs: readonly { readonly run_id: string; readonly position: number }[]): Promise<void>
}

/** A run as its own object knows it; without result and pending it is still going on. */
export interface RunState {
  readonly request_digest: string
  readonly result: RunResult | null
  /** Set while it waits for a person. */
  readonly pending: RunPending | null
  /** How far it has come, where its workflow tells; absent once it is over. */
  readonly progress?: Progress
  /** It is over, and nothing of it is kept any more. */
  readonly erased?: true
}

/** The objects in which runs live. */
export interface RunDoor {
  /** Starts it, or joins the one that was started under this id: the first caller's order is the one that counts. */
  start(judged: Judged, requestDigest: string, waitMs: number): Promise<RunState & { readonly first: boolean }>
  status(teamId: string, runId: string, waitMs: number): Promise<RunState | null>
  /** Tells a run that waits for a person to look again. */
  wake(teamId: string, runId: string): Promise<void>
  /** Makes a run go on that nobody executes. Null = there is nothing left to do for it; else when its alarm looks after it. */
  poke(teamId: string, runId: string): Promise<number | null>
}

/** Which runs are not over, as far as anybody outside their objects knows: a row may be late, or left over. */
export interface UnfinishedRuns {
  /** Writes the run down as unfinished, to be looked at from `dueAt` on; `rollbackOf` is the run that it takes back. */
  put(teamId: string, runId: string, dueAt: number, rollbackOf?: string): Promise<void>
  remove(teamId: string, runId: string): Promise<void>
  /** Of all teams, the longest due first. */
  due(now: number, limit: number): Promise<readonly { readonly team_id: string; readonly run_id: string }[]>
}

/** A team's locks, beyond what a run needs of them. */
export interface LockDoor extends Locks {
  /** What is held now, by id, after the id `after`. */
  list(teamId: string, after: string | null, limit: number): Promise<Lock[]>
  /** Who waits, the longest waiting first. */
  queue(teamId: string): Promise<Waiter[]>
  /** Takes a lock away from whoever holds it, and gives the receipt of that once it is in the ledger; null where there is no such lock. */
  break(order: LockBreak): Promise<Receipt | null>
}

/** Counts requests, some of which cost more. Null = go on; else the seconds to wait. */
export interface RateLimit {
  take(key: string, cost?: number): Promise<number | null>
}

/** Registered people, as admins see and change them. */
export interface PeopleDirectory extends People {
  get(teamId: string, personId: string): Promise<PersonRecord | null>
  /** The one with this address, be it only a mailbox that reaches them. */
  named(teamId: string, address: string): Promise<PersonRecord | null>
  /** In the order of their ids. */
  list(teamId: string, after: string | null, limit: number): Promise<PersonRecord[]>
  /** What policies may believe of the user with this e-mail address, {} of a stranger; never older than two seconds. */
  attributes(teamId: string, email: string): Promise<JsonObject>
  /**
   * The person and the change, both or neither; `after` null removes. `moved_on` = the person is not as `before` any more,
   * `last_approver` = nobody could be asked any more.
   */
  write(
    personId: string,
    before: PersonRecord | null,
    after: PersonRecord | null,
    change: Change
  ): Promise<'written' | 'moved_on' | 'address_taken' | 'last_approver'>
}

/** Changes whose receipts are still to be written. */
export interface ChangeOutbox {
  /** Oldest first, of all teams. */
  waiting(limit: number): Promise<Change[]>
  done(change: Change): Promise<void>
}

/** Facts, as admins see and change them; `read` is what policies get. */
export interface FactDirectory extends Facts {
  /** As it is now, null where it was never set. */
  get(teamId: string, name: string): Promise<FactRecord | null>
  /** In the order of their names. */
  list(teamId: string, after: string | null, limit: number): Promise<FactRecord[]>
  /** The fact and the change, both or neither; `after` null unsets. `moved_on` = the fact is not `before` any more. */
  write(name: string, before: FactRecord | null, after: FactRecord | null, change: Change): Promise<'written' | 'moved_on' | 'full'>
}
