// The texts that let a person decide: made from fresh randomness, kept only as digests, good for one person, one choice and one request.
import type { ApprovalState, Channel, Person, TokenPurpose, TokenRecord } from './approval_state.ts'
import { base64url, concat, hex } from './bytes.ts'
import type { Hash } from './ports.ts'

/** 256 random bits an event: every token of the event is derived from them. They are used once and never stored. */
export const SEED_BYTES = 32

/** The tokens of one notice: they go to that person by that channel, and nowhere else. */
export interface TokenPair {
  readonly approve: string
  readonly deny: string
}

/**
 * A token and its record. SHA-256(seed ‖ what it is bound to): without the seed nobody can tell it from random bits,
 * and one token says nothing of another.
 */
function mint(
  seed: Uint8Array,
  state: ApprovalState,
  person: Person,
  channel: Channel,
  purpose: TokenPurpose,
  hash: Hash
): { token: string; record: TokenRecord } {
  if (seed.length !== SEED_BYTES) throw new Error(`a seed has ${SEED_BYTES} bytes`)
  const { request_digest } = state.subject
  const bound = JSON.stringify([
    'enact/approval-token/v1',
    state.request.hitl_id,
    purpose,
    person.person_id,
    channel.kind,
    channel.address,
    request_digest
  ])
  const token = base64url(hash.sha256(concat(seed, hash.utf8(bound))))
  return {
    token,
    record: {
      sha256: hex(hash.sha256(hash.utf8(token))),
      purpose,
      person_id: person.person_id,
      via: channel.kind,
      request_digest,
      dead: null
    }
  }
}

/** Both tokens for one person and channel, and the records to keep. */
export function mintPair(
  seed: Uint8Array,
  state: ApprovalState,
  person: Person,
  channel: Channel,
  hash: Hash
): { tokens: TokenPair; records: TokenRecord[] } {
  const approve = mint(seed, state, person, channel, 'approve', hash)
  const deny = mint(seed, state, person, channel, 'deny', hash)
  return { tokens: { approve: approve.token, deny: deny.token }, records: [approve.record, deny.record] }
}

/** The record of a token, dead or alive; undefined for a text that never was one of this approval. Every record is compared, each in constant time. */
export function recordOf(tokens: readonly TokenRecord[], token: string, hash: Hash): TokenRecord | undefined {
  const digest = hex(hash.sha256(hash.utf8(token.slice(0, 128).toWellFormed())))
  let found: TokenRecord | undefined
  for (const record of tokens) if (areEqual(record.sha256, digest)) found = record
  return found
}

/** The records with those that are chosen and still alive dead of `cause`. A change of the request undoes votes, so a used token then died of that. */
export function kill(
  tokens: readonly TokenRecord[],
  cause: NonNullable<TokenRecord['dead']>,
  isChosen: (record: TokenRecord) => boolean = () => true
): TokenRecord[] {
  const dies = ({ dead }: TokenRecord) => dead === null || (cause === 'changed' && dead === 'used')
  return tokens.map((record) => (dies(record) && isChosen(record) ? { ...record, dead: cause } : record))
}

/** In time that depends on the length alone. */
function areEqual(a: string, b: string): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}
