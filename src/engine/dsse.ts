// DSSE envelopes (github.com/secure-systems-lab/dsse, v1): signed bytes and their signatures in one JSON value that any DSSE tool reads.
import * as z from 'zod'
import { base64, base64url, hex, unbase64, unhex } from './bytes.ts'
import type { Hash } from './ports.ts'
import { RECEIPT_TYPE } from './receipt.ts'
import { LedgerPlace, type Signature } from './schema.ts'

/** An envelope; `alg` and `ledger` are ours, and DSSE tools pass over them. */
const EnvelopeShape = z.strictObject({
  payloadType: z.string(),
  payload: z.string(),
  signatures: z.array(z.strictObject({ keyid: z.string(), alg: z.enum(['HMAC-SHA256', 'Ed25519']), sig: z.string() })).max(16),
  ledger: LedgerPlace.optional()
})

/** An envelope opened: the signed text, and its signatures as receipts write them. */
export interface OpenedEnvelope {
  readonly text: string
  readonly bytes: Uint8Array
  readonly signatures: readonly Signature[]
  readonly ledger: LedgerPlace | null
}

/** A receipt's envelope: `body` is the very text that was signed. */
export function receiptEnvelope(body: string, signatures: readonly Signature[], ledger: LedgerPlace, hash: Hash): string {
  return JSON.stringify({ ...envelopeOf(RECEIPT_TYPE, hash.utf8(body), signatures), ledger })
}

/** The envelope of any signed bytes. */
export function envelopeOf(payloadType: string, bytes: Uint8Array, signatures: readonly Signature[]) {
  return {
    payloadType,
    payload: base64(bytes),
    // HMACs are hexadecimal in a receipt; DSSE wants standard base64 everywhere.
    signatures: signatures.map(({ keyid, alg, sig }) => ({ keyid, alg, sig: base64((alg === 'Ed25519' ? unbase64(sig) : unhex(sig))!) }))
  }
}

/** What a JSON value is as an envelope of this type, or what is wrong with it; never throws. */
export function openEnvelope(value: unknown, payloadType: string, hash: Hash): OpenedEnvelope | string {
  const parsed = EnvelopeShape.safeParse(value)
  if (!parsed.success) return 'it is no DSSE envelope'
  const { payload, signatures, ledger } = parsed.data
  if (parsed.data.payloadType !== payloadType) return `its payload type is not \`${payloadType}\``
  const bytes = unbase64(payload)
  const raw = signatures.map(({ sig }) => unbase64(sig))
  if (bytes === null || base64(bytes) !== payload || raw.some((one, i) => one === null || base64(one) !== signatures[i]!.sig))
    return 'its base64 is not canonical'
  const texts = signatures.map(({ keyid, alg }, i) => ({ keyid, alg, sig: alg === 'Ed25519' ? base64url(raw[i]!) : hex(raw[i]!) }))
  try {
    return { text: hash.text(bytes), bytes, signatures: texts, ledger: ledger ?? null }
  } catch {
    return 'its payload is not UTF-8'
  }
}
