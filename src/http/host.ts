// What the HTTP door needs from its installation. worker.ts fills it with adapters; nothing here knows which.
import type {
  ApprovalDoor,
  ApprovalList,
  ChangeOutbox,
  Directory,
  FactDirectory,
  Installation,
  JsonObject,
  LedgerDoor,
  LockDoor,
  Outbox,
  PeopleDirectory,
  Person,
  Ports,
  RateLimit,
  ReceiptIndex,
  RunDoor,
  Scope,
  SlackDoor,
  WebhookDoor
} from '../engine/index.ts'

/** Who asks: everything about it comes from the key. */
export interface Actor {
  readonly api_key_id: string
  readonly team_id: string
  readonly scopes: readonly Scope[]
  /** The one user this key may act as; null = any. */
  readonly user_email: string | null
  /** Role, clearance and the like, as an admin set them. */
  readonly attributes: JsonObject
}

/** One installation, ready to be served. */
export interface Host {
  readonly version: string
  /** Why this installation refuses to serve, and what to do about it; null = it serves. */
  readonly refusal: string | null
  readonly ports: Ports
  /** What a team may use, be it nothing; throws fault `misconfigured`. */
  installation(teamId: string): Installation
  readonly directory: Directory
  readonly facts: FactDirectory
  readonly people: PeopleDirectory
  readonly changes: ChangeOutbox
  readonly receipts: ReceiptIndex
  readonly ledger: LedgerDoor
  readonly runs: RunDoor
  readonly locks: LockDoor
  readonly webhooks: WebhookDoor
  readonly approvals: ApprovalDoor
  readonly approvalList: ApprovalList
  /** Somebody who may be asked: a registered approver, in development any address; else null. */
  approver(teamId: string, address: string): Promise<Person | null>
  readonly slack: SlackDoor
  /** Null outside development. */
  readonly outbox: Outbox | null
  readonly rateLimit: RateLimit
  /** Whether the text is this installation's ENACT_SECRET; takes the same time for every wrong one. */
  isSecret(text: string): boolean
  /** Whether the stores answer. */
  healthy(): Promise<boolean>
  /** One line of JSON for whoever runs the installation. */
  log(entry: JsonObject): void
}
