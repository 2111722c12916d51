// UTF-8 and SHA-256 by node:crypto, in Node and (with nodejs_compat) in workerd: synchronous, so that a ledger can hash inside a transaction.
import { createHash } from 'node:crypto'
import type { Hash } from '../../engine/ports.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Hashing for both hosts. Every result owns its memory. */
export const nodeHash: Hash = {
  utf8: (text) => encoder.encode(text),
  text: (utf8) => decoder.decode(utf8),
  sha256: (data) => new Uint8Array(createHash('sha256').update(data).digest())
}
