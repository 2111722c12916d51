// Run ids that are derived instead of drawn, so that everyone who asks for the same thing meets in the same run.
import { derivedId, digestOf, fault, receiptDigest, type Json, type Ports, type Receipt } from '../engine/index.ts'
import type { Actor } from './host.ts'

const KEY = /^[\x21-\x7e]{1,255}$/

/** The `Idempotency-Key` of a request, null without one. Throws `invalid` for one that is empty, too long or not printable ASCII. */
export function idempotencyKeyOf(headers: Headers): string | null {
  const given = headers.get('idempotency-key')
  if (given === null) return null
  if (!KEY.test(given)) {
    const detail = 'must be 1 to 255 printable ASCII characters without spaces'
    throw fault('invalid', `the Idempotency-Key ${detail}`, { errors: [{ pointer: '/Idempotency-Key', detail }] })
  }
  return given
}

/** The run that this key of this caller means. */
export function idempotentRunId(actor: Actor, key: string, ports: Ports): Promise<string> {
  return derive(`enact/idempotency\n${actor.api_key_id}\n${key}`, actor.team_id, ports)
}

/** The next rollback of this receipt: once it is linked to one, its digest is another and so is the next one's id. */
export function rollbackRunId(original: Receipt, ports: Ports): Promise<string> {
  return derive(`enact/rollback\n${receiptDigest(original, ports.hash)}`, original.team_id, ports)
}

/** What a request asks for, as one digest: another body under the same key is another request. */
export function requestDigest(asked: Json, ports: Pick<Ports, 'hash'>): string {
  return digestOf(asked, ports.hash)
}

async function derive(text: string, teamId: string, ports: Ports): Promise<string> {
  return derivedId(text, await ports.keys.team(teamId), ports.hash)
}
