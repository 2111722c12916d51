// What an approval binds: the digest that an approver's token, vote and the run's first effect all have to agree on.
import { digestOf } from './canonical.ts'
import type { Hash } from './ports.ts'
import { redact } from './redaction.ts'
import type { JsonObject } from './schema.ts'

/** Everything that a person decides on. `preview`: what the world looked like (row keys and counts, head sha, file hash). */
export interface ApprovalQuestion {
  readonly team_id: string
  readonly workflow: string
  readonly payload: JsonObject
  readonly preview: JsonObject
}

/** `sha256:` over the RFC 8785 bytes: two requests that differ in anything have two digests. Throws fault `invalid` for what is not JSON. */
export function requestDigest({ team_id, workflow, payload, preview }: ApprovalQuestion, hash: Hash): string {
  return digestOf({ team_id, workflow, payload, preview }, hash)
}

/** What people are shown of it: the same without secrets. Made here, so that it is never a view of something else. */
export function shownOf(payload: JsonObject, preview: JsonObject): { payload: JsonObject; preview: JsonObject } {
  return { payload: redact(payload).value, preview: redact(preview).value }
}
