// Shapes that only the HTTP door has: queries, lists and what its answers look like beside a receipt.
import * as z from 'zod'
import { Decision, Email, JsonObject, Name, Outcome, PersonRecord, Receipt, RunId, SCOPES, TeamId, TeamSettings } from '../engine/index.ts'

/** A whole number in a query, written in digits and nothing else. */
export function count(min: number, max: number, otherwise: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .prefault(String(otherwise))
}

const Revision = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a whole number')
  .transform(Number)
  .pipe(z.int())

const Time = z.iso.datetime({ error: 'must be RFC 3339 in UTC with Z' })

export const RunPath = z.strictObject({ run_id: RunId })
export const PageQuery = z.strictObject({
  limit: count(1, 200, 50),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, 'must be the next_cursor of the page before')
    .optional()
})
export const WaitQuery = z.strictObject({ wait: count(0, 55, 0) })
export const RevisionQuery = z.strictObject({ revision: Revision.optional() })
export const TeamQuery = z.strictObject({ team: TeamId })

/** A list's answer. */
export function pageOf(item: z.ZodType) {
  return z.strictObject({ data: z.array(item), next_cursor: z.string().nullable(), has_more: z.boolean() })
}

const RunDone = z.strictObject({
  run_id: RunId,
  status: z.literal('DONE'),
  decision: Decision,
  outcome: Outcome,
  output: z.record(z.string(), JsonObject),
  receipt: Receipt
})
export const RunAnswer = RunDone
/** Of a run that goes on, where its workflow tells. */
const Progress = z.strictObject({ done: z.number(), total: z.number(), unit: z.string().optional() })
export const RunPending = z.strictObject({ run_id: RunId, status: z.enum(['RUNNING', 'PENDING']), progress: Progress.optional() })
export const RunStatus = z.union([RunPending, RunDone.omit({ output: true })])

export const Checkpoint = z.strictObject({ tree_size: z.int(), root_hash: z.string(), created_at: z.string(), note: z.string() })

export const Scope = z.enum(SCOPES)
const Scopes = z
  .array(Scope)
  .min(1)
  .refine((scopes) => new Set(scopes).size === scopes.length, 'names a scope twice')
  .refine(
    (scopes) => !(scopes.includes('approve') && (scopes.includes('run') || scopes.includes('admin'))),
    'no key may both run and approve'
  )

export const NewTeam = z.strictObject({ team_id: TeamId, name: z.string().min(1).max(128).optional() })
export const NewKey = z.strictObject({
  team_id: TeamId.optional(),
  scopes: Scopes,
  label: z.string().min(1).max(128).optional(),
  user_email: Email.optional(),
  /** Role, clearance and the like: what policies may believe of whoever uses the key. */
  attributes: JsonObject.optional(),
  expires_at: Time.optional()
})
export const Setup = NewTeam.extend({ secret: z.string().min(1).max(1024) })

export const KeyShown = z.strictObject({ id: z.string(), key: z.string() })
export const TeamShown = KeyShown.extend({ team_id: TeamId, name: z.string().nullable() })
export const KeyListed = z.strictObject({
  id: z.string(),
  team_id: TeamId,
  scopes: z.array(Scope),
  label: z.string().nullable(),
  user_email: z.string().nullable(),
  attributes: JsonObject,
  created_at: z.string(),
  expires_at: z.string().nullable(),
  revoked_at: z.string().nullable()
})

export const LockPath = z.strictObject({ id: RunId })
export const LockShown = z.strictObject({
  lock_id: RunId,
  resources: z.array(z.string()),
  fencing_token: z.int(),
  expires_at: z.string()
})
export const LockListed = LockShown.extend({
  holder: z.string(),
  api_key_id: z.string(),
  run_id: RunId.nullable(),
  acquired_at: z.string(),
  holds: z.array(z.strictObject({ resource: z.string(), mode: z.enum(['shared', 'exclusive']), fencing_token: z.int() }))
})
export const LockQueued = z.strictObject({
  place: z.int(),
  holder: z.string(),
  run_id: RunId.nullable(),
  resources: z.array(z.string()),
  waits_until: z.string()
})
export const LockBroken = z.strictObject({ lock_id: RunId, run_id: RunId, receipt: Receipt })

export const SettingsShown = TeamSettings
/** `run_id` names the receipt of the change; null = nothing changed. */
export const SettingsChanged = TeamSettings.extend({ run_id: RunId.nullable() })

export const NewExport = z.strictObject({ from: Time, to: Time }).refine(({ from, to }) => Date.parse(from) < Date.parse(to), {
  path: ['to'],
  error: 'must be after `from`'
})
export const ExportShown = z.strictObject({
  export_id: RunId,
  status: z.enum(['RUNNING', 'DONE', 'FAILED']),
  done: z.int(),
  total: z.int(),
  size_bytes: z.int().nullable(),
  detail: z.string().nullable(),
  from: z.string(),
  to: z.string(),
  created_at: z.string(),
  expires_at: z.string()
})

export const ReceiptErased = z.strictObject({ run_id: RunId, erased_at: z.string(), erased_by: RunId })

/** Anything that JSON can say. */
export const JsonValue = z.json()
export const FactShown = z.strictObject({ name: Name, value: JsonValue, updated_at: z.string() })
/** `run_id` names the receipt of the change; null = nothing changed. */
export const FactChanged = FactShown.extend({ run_id: RunId.nullable() })
export const PersonChanged = PersonRecord.extend({ run_id: RunId.nullable() })

export const PushedReceipt = z.strictObject({
  run_id: RunId,
  workflow: z.string().min(1).max(256),
  decision: Decision,
  receipt: JsonObject
})
export const Pushed = z.strictObject({ run_id: RunId, already_stored: z.boolean() })
export const Problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  request_id: z.string(),
  resource: z.string().optional(),
  holder: z.string().optional(),
  run_id: z.string().nullable().optional(),
  expires_at: z.string().optional(),
  seq: z.int().optional(),
  leaf: z.string().optional(),
  erased_at: z.string().nullable().optional(),
  erased_by: z.string().nullable().optional(),
  errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })).optional()
})
