// Every shape that is sent, stored or signed, each once: a zod schema and its type under one name.
import * as z from 'zod'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

export const JsonObject: z.ZodType<JsonObject, JsonObject> = z.record(z.string(), z.json()) as never

/** A run's id: any UUID, in canonical lower case. */
export const RunId = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'must be a UUID in lower case')
export type RunId = z.infer<typeof RunId>

export const TeamId = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9, - and _, not beginning with - or _')
export const Name = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]*$/, 'must be letters, digits and . _ : -')
export const Email = z.email().max(254)
const Time = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/, 'must be RFC 3339 in UTC with Z')

export const Decision = z.enum(['PASS', 'BLOCK', 'PARTIAL'])
export type Decision = z.infer<typeof Decision>
export const Outcome = z.enum(['NONE', 'SUCCEEDED', 'PARTIAL', 'FAILED', 'UNKNOWN'])
export type Outcome = z.infer<typeof Outcome>
export const Effect = z.enum(['allow', 'deny', 'ask'])
export type Effect = z.infer<typeof Effect>
export const RunMode = z.enum(['enforce', 'shadow', 'dry_run'])
export type RunMode = z.infer<typeof RunMode>

/** One policy's verdict as it stands in a receipt. `call` is the ordinal of the call judged; without it the request was judged. */
export const PolicyResult = z.strictObject({
  policy: z.string(),
  passed: z.boolean(),
  effect: Effect,
  /** Of a policy in shadow: what its effect would have been. */
  would: Effect.optional(),
  reason: z.string(),
  remedy: z.string().optional(),
  code: z.string().optional(),
  /** Of an ask: how many different people must approve; absent = one. */
  needed: z.int().optional(),
  call: z.int().optional()
})
export type PolicyResult = z.infer<typeof PolicyResult>

/** The call that takes an effect back; `expect` is what the world must still look like. */
export const Inverse = z.strictObject({ action: z.string(), input: JsonObject, expect: JsonObject })
export type Inverse = z.infer<typeof Inverse>

export const ActionStatus = z.enum(['DONE', 'ALREADY', 'FAILED', 'UNKNOWN', 'SKIPPED', 'REVERTED', 'CONFLICT', 'IRREVERSIBLE'])
export type ActionStatus = z.infer<typeof ActionStatus>

export const ErrorNote = z.strictObject({ code: z.string(), message: z.string() })
export type ErrorNote = z.infer<typeof ErrorNote>

/** One call that the workflow made. `rollback_data`: null = nothing to undo, "irreversible" = cannot be undone. */
export const ActionTaken = z.strictObject({
  action: z.string(),
  system: z.string(),
  success: z.boolean(),
  status: ActionStatus,
  output: JsonObject,
  rollback_data: z.union([Inverse, z.literal('irreversible'), z.null()]),
  resources: z.array(z.string()),
  started_at: Time,
  finished_at: Time,
  error: ErrorNote.nullable()
})
export type ActionTaken = z.infer<typeof ActionTaken>

export const Signature = z.strictObject({ keyid: z.string(), alg: z.enum(['HMAC-SHA256', 'Ed25519']), sig: z.string() })
export type Signature = z.infer<typeof Signature>

const Hex64 = z.string().regex(/^[0-9a-f]{64}$/)
export const LedgerPlace = z.strictObject({ seq: z.int().nonnegative(), leaf: Hex64, prev: Hex64 })
export type LedgerPlace = z.infer<typeof LedgerPlace>

const Vote = z.strictObject({ by: z.string(), via: z.string(), assurance: z.string(), decided_at: Time, reason: z.string().nullable() })
export const Approval = z.strictObject({
  hitl_id: z.string(),
  decision: z.enum(['APPROVED', 'DENIED', 'EXPIRED', 'STALE']),
  votes: z.array(Vote),
  request_digest: z.string()
})
export type Approval = z.infer<typeof Approval>

export const Links = z.strictObject({
  rollback_of: RunId.optional(),
  rolled_back_by: RunId.optional(),
  retried_as: RunId.optional(),
  idempotency_key: z.string().optional(),
  /** Of an observed action: what its executor calls the tool call. */
  tool_use_id: z.string().optional()
})
export type Links = z.infer<typeof Links>

/** Everything of a receipt that is signed: the receipt without `signatures` and `ledger`. */
export const ReceiptBody = z.strictObject({
  version: z.literal(1),
  run_id: RunId,
  revision: z.int().nonnegative(),
  /** The digest (`sha256:` of the signed bytes) of the revision this one amends. */
  amends: z.string().optional(),
  team_id: TeamId,
  mode: z.enum(['mediated', 'observed', 'imported', 'embedded']),
  run_mode: RunMode,
  workflow: z.string(),
  user_email: z.string(),
  user_attributes: JsonObject,
  actor: z.strictObject({ api_key_id: z.string().nullable(), session_id: z.string().nullable() }),
  payload: JsonObject,
  payload_digest: z.string().regex(/^(sha256|hmac-sha256):[0-9a-f]{64}$/),
  /** Commits to the sealed originals of everything redacted in this receipt; absent when nothing was. */
  sealed_digest: z
    .string()
    .regex(/^hmac-sha256:[0-9a-f]{64}$/)
    .optional(),
  policy_results: z.array(PolicyResult),
  /** When the request was judged: the `now` that its policies saw. A call's is its `started_at`. */
  judged_at: Time.optional(),
  /** Every fact and look-up a policy read; `name#2` where it had changed by the time call 2 was judged. */
  facts: JsonObject,
  decision: Decision,
  outcome: Outcome,
  actions_taken: z.array(ActionTaken),
  /** Why the run ended early, where no single action says it (a workflow that threw, a system that is off). */
  error: ErrorNote.optional(),
  approval: Approval.nullable(),
  locks: z.array(z.strictObject({ resource: z.string(), fencing_token: z.int() })),
  links: Links,
  config_digest: z.string(),
  engine_version: z.string(),
  timestamp: Time
})
export type ReceiptBody = z.infer<typeof ReceiptBody>

export const Receipt = ReceiptBody.extend({ signatures: z.array(Signature), ledger: LedgerPlace.optional() })
export type Receipt = z.infer<typeof Receipt>

/** `POST /runs`. */
export const RunRequest = z.strictObject({
  workflow: Name,
  user_email: Email,
  payload: JsonObject,
  notify_email: Email.optional(),
  callback_url: z.url().max(2048).optional(),
  expires_in_seconds: z.int().min(5).max(2_592_000).optional(),
  hitl_id: RunId.optional(),
  mode: RunMode.optional()
})
export type RunRequest = z.infer<typeof RunRequest>
