// What an approval binds: the digest that an approver's token, vote and the run's first effect all have to agree on.
import { digestOf } from './canonical.ts'
import type { Hash } from './ports.ts'
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
