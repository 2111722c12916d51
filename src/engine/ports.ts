// What the engine needs from its host: every clock, key, store and parser comes in through one of these.
import type { Past } from './past.ts'
import type { ReceiptPage, ReceiptQuery } from './receipt_query.ts'
import type { Channel, Person } from './approval_state.ts'
import type { BudgetAnswer, BudgetRequest, BudgetSettlement } from './budget.ts'
import type { LeaseAnswer, LeaseEvent } from './lease_event.ts'
import type { Approval, Json, JsonObject, LedgerPlace, PolicyResult, Receipt, Signature } from './schema.ts'
import type { WebhookEvent } from './webhook.ts'
import type { Progress } from './workflow.ts'

/** Milliseconds since the epoch. Never read anywhere else: a verdict must be recomputable from its receipt. */
export interface Clock {
  now(): number
}

/** Fresh identifiers and random bytes. `runId` is a UUIDv7 in canonical lower case. */
export interface Ids {
  runId(): string
  random(bytes: number): Uint8Array
}

/** UTF-8 (both ways) and SHA-256, all synchronous: ledger and journal hash inside a storage transaction. */
export interface Hash {
  utf8(text: string): Uint8Array
  /** Throws on bytes that are not UTF-8. */
  text(utf8: Uint8Array): string
  sha256(data: Uint8Array): Uint8Array
}

/** What became of checking one signature. */
export interface SignatureCheck {
  readonly keyid: string
  readonly alg: string
  readonly status: 'valid' | 'invalid' | 'unknown_key'
}

/** One team's keys. Private key material never leaves it. */
export interface Keyring {
  /** HMAC-SHA256 first, then Ed25519, both over exactly `bytes`, with the current generation. */
  sign(bytes: Uint8Array): Promise<Signature[]>
  /** Checks every signature against current and previous generations. */
  verify(bytes: Uint8Array, signatures: readonly Signature[]): Promise<SignatureCheck[]>
  /** Ed25519 only, for checkpoints: `publicKey` is 32 raw bytes, `signature` 64. */
  signEd25519(bytes: Uint8Array): Promise<{ keyid: string; publicKey: Uint8Array; signature: Uint8Array }>
  /** `hmac-sha256:<hex>` under the team's digest key: commits to a secret without telling it. */
  commit(bytes: Uint8Array): Promise<string>
  /** Whether `commit` gave `commitment` for these bytes, under the current secret or a previous one. */
  isCommitment(bytes: Uint8Array, commitment: string): Promise<boolean>
  /** AES-256-GCM; `context` is authenticated and must be the same when opening. */
  seal(plain: Uint8Array, context: string): Promise<string>
  /** Throws on a wrong key, a changed text or another context. */
  open(sealed: string, context: string): Promise<Uint8Array>
  /** Public keys of all generations, for `/.well-known/enact-keys.json`. */
  publicKeys(): Promise<PublicKey[]>
}

/** An Ed25519 public key as a JWK (RFC 8037). */
export interface PublicKey {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly kid: string
  readonly x: string
  readonly use: 'sig'
  readonly alg: 'EdDSA'
}

export interface Keys {
  team(teamId: string): Promise<Keyring>
}

/** Where receipts become permanent. */
export interface Ledger {
  /** Durable once resolved, idempotent per `run_id` and `revision`; another body under the same ids throws `receipt_conflict`. */
  append(teamId: string, receipt: Receipt): Promise<LedgerPlace>
  /** The newest revision, with its place. */
  latest(teamId: string, runId: string): Promise<Receipt | null>
}

/** Where receipts are read; one team's are never another's. */
export interface Receipts {
  /** That revision, or the newest; null for a run this team does not have. */
  get(teamId: string, runId: string, revision?: number): Promise<Receipt | null>
  /** One page of runs, newest first, each at its newest revision. */
  list(teamId: string, query: ReceiptQuery): Promise<ReceiptPage>
}

/** Sealed originals of redacted payloads and rollback data, one text per run. */
export interface Sealed {
  put(teamId: string, runId: string, text: string): Promise<void>
  get(teamId: string, runId: string): Promise<string | null>
}

/** Named values that change hourly (code freeze, kill switch, people). `undefined` means never set. */
export interface Facts {
  read(teamId: string, name: string): Promise<Json | undefined>
}

/**
 * A team's locks: one machine (lease.ts) behind one question. A request that may wait resolves when it is granted or its wait is over,
 * so `waiting` is never an answer here. Never rejects for a resource that somebody holds.
 */
export interface Locks {
  ask(teamId: string, event: LeaseEvent): Promise<LeaseAnswer>
}

/** A team's budgets: one machine (budget.ts), one clock, one order of events. */
export interface Budgets {
  /** All that is binding or nothing, durable once resolved. The same call asked again is the same call. */
  reserve(teamId: string, request: BudgetRequest): Promise<BudgetAnswer>
  /** Keeps or gives back what was reserved. Once more changes nothing. */
  settle(teamId: string, settlement: BudgetSettlement): Promise<void>
}

/** What a run asks people. `ordinal` is the call that waits, -1 for the request itself: the same run asks the same thing once. */
export interface ApprovalAsk {
  readonly team_id: string
  readonly run_id: string
  readonly ordinal: number
  /** No run waits for it: whoever asks for exactly the same uses it up, once. */
  readonly is_grant?: true
  readonly workflow: string
  readonly user_email: string
  readonly api_key_id: string | null
  readonly payload: JsonObject
  /** What the world looks like where this will act: row keys and counts, head sha, file hash; {} where nothing can be seen beforehand. */
  readonly preview: JsonObject
  readonly policy_results: readonly PolicyResult[]
  /** How many different people must approve. */
  readonly needed: number
  /** The person whom the request names; null = the team's approvers. */
  readonly notify_email: string | null
  readonly expires_in_seconds: number
  readonly callback_url: string | null
  readonly config_digest: string
}

/** Approvals, for runs: each lives in its own object. */
export interface Approvals {
  /** Asks; for the same run and ordinal again, gives the same approval. Throws `approver_unknown` where nobody can be asked. */
  request(ask: ApprovalAsk): Promise<{ readonly hitl_id: string; readonly request_digest: string; readonly expires_at: string }>
  /** Uses an approval up for this run, of exactly this digest; asking again for the same gives the same answer. */
  consume(teamId: string, hitlId: string, runId: string, requestDigest: string): Promise<ApprovalConsumed>
  /** How an approval of this team stands for this run, which may have used it; null where there is none. Absent = it cannot be looked at. */
  stands?(teamId: string, hitlId: string, runId: string): Promise<ApprovalStanding | null>
  /** What an approver's edit made of the payload, as it will run; null unless it is APPROVED and was edited. */
  editedPayload(teamId: string, hitlId: string): Promise<JsonObject | null>
}

/** What policies are told of an approval: `action` is the workflow or action that it is of; `consumed` = another run has used it up. */
export interface ApprovalStanding {
  readonly hitl_id: string
  readonly status: 'PENDING' | 'APPROVED' | 'DENIED' | 'EXPIRED'
  readonly action: string
  readonly consumed: boolean
}

/** `ended` carries what the receipt says; `pending` = nobody has decided yet. */
export type ApprovalConsumed =
  | { readonly kind: 'consumed'; readonly approval: Approval }
  | { readonly kind: 'pending'; readonly expires_at: string }
  | {
      readonly kind: 'ended'
      readonly code: 'approval_denied' | 'approval_expired' | 'approval_stale' | 'approval_used'
      readonly detail: string
      readonly approval: Approval | null
    }

/** Registered people of a team: only they can be asked. */
export interface People {
  /** The one with this address or Slack id, else null. */
  find(teamId: string, address: string): Promise<Person | null>
  /** Who is asked when a request names nobody, in order; who is asked as well when time runs out. */
  approvers(teamId: string): Promise<{ readonly first: readonly Person[]; readonly escalation: readonly Person[] }>
}

/** A message to a person by one of their channels. Resolves once the channel's provider has taken it. */
export interface Notices {
  /** The provider's name for the message, for `change`; null where a message that is sent cannot be changed. */
  send(teamId: string, notice: Notice): Promise<string | null>
  /** Puts this text in the place of the message and takes its buttons away. */
  change(teamId: string, channel: Channel, ref: string, text: string): Promise<void>
}

/** INVARIANT: `links` hold tokens: they go to this person by this channel and nowhere else. `text` has made hidden characters visible. */
export interface Notice {
  /** The same on every attempt. */
  readonly id: string
  readonly channel: Channel
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly links: { readonly approve: string | null; readonly deny: string | null }
}

/** What happened, to be told to endpoints and callbacks; taken down durably before `emit` resolves, delivered later, at least once. */
export interface Events {
  emit(teamId: string, event: WebhookEvent, callbackUrl: string | null): Promise<void>
}

/** Rejects with an `Error` named `TimeoutError` after `ms` unless `work` settles first. */
export interface Timer {
  within<T>(ms: number, work: Promise<T>): Promise<T>
}

export type Parsed<T> = { readonly ok: true; readonly tree: T } | { readonly ok: false; readonly error: string }

/** libpg_query's parse tree: each `stmt` is an object with one key, the node's type. */
export interface SqlTree {
  readonly stmts: ReadonlyArray<{ readonly stmt: JsonObject }>
}

/** The WHATWG URL's parts that policies compare. */
export interface UrlParts {
  readonly protocol: string
  readonly hostname: string
  readonly port: string
  readonly pathname: string
  readonly search: string
  readonly username: string
  readonly password: string
}

/** Real parsers, bounded and never throwing. Call only what `load` has resolved for; `url` needs no load. */
export interface Parsers {
  load(names: readonly ParserName[]): Promise<void> | undefined
  sql(text: string): Parsed<SqlTree>
  shell(text: string): Parsed<Json>
  url(text: string): Parsed<UrlParts>
}

export type ParserName = 'sql' | 'shell'

/** One run's diary. An entry is durable when `append` resolves; `read` gives them in order. */
export interface Journal {
  read(): Promise<readonly JournalEntry[]>
  append(entry: JournalEntry): Promise<void>
  /** Hears how far the run has come, where somebody may ask; nothing is written down. */
  progress?(progress: Progress): void
}

/** Intent is written before the effect, outcome after it, notes in between (a before-image, a transaction id). */
export type JournalEntry =
  | { readonly type: 'started'; readonly at: number; readonly run: JsonObject }
  | {
      readonly type: 'intent'
      readonly at: number
      readonly ordinal: number
      readonly digest: string
      readonly call: JsonObject
      readonly at_most?: JsonObject
    }
  | { readonly type: 'note'; readonly at: number; readonly ordinal: number; readonly data: JsonObject }
  | { readonly type: 'outcome'; readonly at: number; readonly ordinal: number; readonly digest: string; readonly step: JsonObject }
  | { readonly type: 'asked'; readonly at: number; readonly ordinal: number; readonly hitl_id: string; readonly expires_at: string }
  | { readonly type: 'approved'; readonly at: number; readonly ordinal: number; readonly approval: JsonObject }
  /** What the request was granted of its budgets, with the verdict that has the figures. */
  | { readonly type: 'spent'; readonly at: number; readonly judged: JsonObject; readonly at_most: JsonObject }
  /** The request judged again, right before the first effect. */
  | { readonly type: 'judged'; readonly at: number; readonly judged: JsonObject }
  | { readonly type: 'finished'; readonly at: number; readonly receipt: JsonObject }

/** Everything one run needs from its host. */
export interface Ports {
  readonly clock: Clock
  readonly ids: Ids
  readonly hash: Hash
  readonly keys: Keys
  readonly facts: Facts
  readonly timer: Timer
  readonly parsers: Parsers
  readonly ledger: Ledger
  readonly sealed: Sealed
  /** Absent = nobody can tell: what policies ask of past receipts is read like any other fact. */
  readonly past?: Past
  /** Null = runs take no locks. */
  readonly locks: Locks | null
  /** Null = nobody can be asked, and an ask is a deny. */
  readonly approvals: Approvals | null
  /** Null = nothing can be counted, and a budget is a deny. */
  readonly budgets: Budgets | null
}
