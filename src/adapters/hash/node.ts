// UTF-8 and SHA-256 by node:crypto, in Node and (with nodejs_compat) in workerd: synchronous, so that a ledger can hash inside a transaction.
import { createHash } from 'node:crypto'
import type { Hash } from '../../engine/ports.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** SHA-256 in hex of bytes that come in pieces and are never together in memory. */
export function hashParts(parts: Iterable<Uint8Array>): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

/** Hashing for both hosts. Every result owns its memory. */
export const nodeHash: Hash = {
  utf8: (text) => encoder.encode(text),
  text: (utf8) => decoder.decode(utf8),
  sha256: (data) => new Uint8Array(createHash('sha256').update(data).digest())
}
