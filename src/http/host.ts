// What the HTTP door needs from its installation. worker.ts fills it with adapters; nothing here knows which.
import type {
  AccessDoor,
  AlertChannelDoor,
  AlertDoor,
  AlertRule,
  ApprovalDoor,
  ApprovalList,
  Badges,
  BudgetDoor,
  BlockLog,
  ChangeOutbox,
  Directory,
  ExportDoor,
  FactDirectory,
  Installation,
  JsonObject,
  LedgerDoor,
  LockDoor,
  McpPins,
  McpUpstreams,
  Outbox,
  PeopleDirectory,
  Person,
  Ports,
  RateLimit,
  ReceiptIndex,
  RunDoor,
  Scope,
  Sessions,
  SetupState,
  SettingsDirectory,
  Signal,
  Shares,
  AgentSessions,
  SlackDoor,
  WebhookDoor
} from '../engine/index.ts'

/** Who asks: everything about it comes from the key, or from the person that Cloudflare Access vouches for. */
export interface Actor {
  /** For somebody whom Access vouches for: `accessKeyId`. */
  readonly api_key_id: string
  readonly team_id: string
  readonly scopes: readonly Scope[]
  /** The one user this key may act as; null = any. */
  readonly user_email: string | null
  /** Role, clearance and the like, as an admin set them. */
  readonly attributes: JsonObject
  /** By a key in the request, by the cookie of a session that a key began, or by an assertion of Cloudflare Access. */
  readonly via: 'key' | 'session' | 'access'
  /** When this way of being known is over; null = never. */
  readonly expires_at: string | null
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
  readonly settings: SettingsDirectory
  readonly exports: ExportDoor
  readonly people: PeopleDirectory
  readonly sessions: Sessions
  /** Null where Cloudflare Access is not set up. */
  readonly access: AccessDoor | null
  readonly setup: SetupState
  readonly blockLog: BlockLog
  readonly badges: Badges
  /** Other origins whose pages may write with a cookie: ENACT_UI_ORIGINS. */
  readonly uiOrigins: ReadonlySet<string>
  readonly changes: ChangeOutbox
  readonly receipts: ReceiptIndex
  readonly ledger: LedgerDoor
  readonly shares: Shares
  readonly runs: RunDoor
  readonly locks: LockDoor
  readonly budgets: BudgetDoor
  /** What agents did before, in the session that they say. */
  readonly agentSessions: AgentSessions
  /** Tools of MCP servers as they were let in. */
  readonly mcpPins: McpPins
  readonly mcpUpstreams: McpUpstreams
  readonly webhooks: WebhookDoor
  readonly alerts: AlertDoor
  /** The rules that a team's alerts come from. */
  alertRules(teamId: string): readonly AlertRule[]
  readonly alertChannels: AlertChannelDoor
  /** Takes a signal for alerts; never rejects. */
  alarm(teamId: string, signal: Signal): Promise<void>
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
