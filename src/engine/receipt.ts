// A receipt's signed bytes, its signatures and its digest: the only place that decides what a signature covers.
import { concat, hex } from './bytes.ts'
import { canonicalBytes } from './canonical.ts'
import { Fault } from './fault.ts'
import type { Hash, Keyring, SignatureCheck } from './ports.ts'
import { Receipt } from './schema.ts'
import type { JsonObject, ReceiptBody } from './schema.ts'
import { issuesToErrors } from './input.ts'

/** What the signatures are made for; bytes signed for one type never verify as another. */
export const RECEIPT_TYPE = 'application/vnd.enact.receipt.v1+json'

const ALGORITHMS = ['HMAC-SHA256', 'Ed25519'] as const

/** Whatever can check signatures: a team's keyring, or public keys alone. */
export type Verifier = Pick<Keyring, 'verify'>

/** What became of verifying a receipt; `problems` is empty exactly when it is valid. */
export interface ReceiptCheck {
  readonly valid: boolean
  readonly signatures: readonly SignatureCheck[]
  readonly problems: readonly string[]
}

/**
 * Exactly the bytes that are signed: DSSE PAE of the RFC 8785 bytes of everything but `signatures` and `ledger`.
 * Two receipts that differ in anything else never share them. Throws fault `invalid` where the receipt is not JSON.
 */
export function signingBytes(receipt: ReceiptBody | Receipt, hash: Hash): Uint8Array {
  const { signatures: _, ledger: __, ...body } = receipt as Receipt
  return preAuthEncoding(canonicalBytes(body as unknown as JsonObject, hash), hash)
}

/** The receipt with an HMAC-SHA256 and an Ed25519 signature over the same bytes. */
export async function signReceipt(body: ReceiptBody, keyring: Keyring, hash: Hash): Promise<Receipt> {
  return { ...body, signatures: await keyring.sign(signingBytes(body, hash)) }
}

/** `sha256:<hex>` of the signed bytes: how other records name this revision. */
export function receiptDigest(receipt: ReceiptBody | Receipt, hash: Hash): string {
  return `sha256:${hex(hash.sha256(signingBytes(receipt, hash)))}`
}

/**
 * Whether a receipt is whole and really signed; never throws, whatever it is given.
 * Valid needs the shape of version 1, one signature of each algorithm, at least one of them valid and none invalid:
 * a key that the verifier does not know proves nothing. `ledger` is proven by an inclusion proof, not here.
 */
export async function verifyReceipt(receipt: unknown, verifier: Verifier, hash: Hash): Promise<ReceiptCheck> {
  let bytes: Uint8Array
  try {
    // INVARIANT: the bytes come from what was given, not from a parsed copy that may have lost a key.
    bytes = signingBytes(receipt as Receipt, hash)
  } catch (error) {
    return refused([error instanceof Fault ? error.detail : 'not a receipt'])
  }
  const parsed = Receipt.safeParse(receipt)
  if (!parsed.success) return refused(issuesToErrors(parsed.error).map(({ pointer, detail }) => `\`${pointer}\`: ${detail}`))
  const signatures = await verifier.verify(bytes, parsed.data.signatures)
  const problems = ALGORITHMS.flatMap((alg) => {
    const count = signatures.filter((signature) => signature.alg === alg).length
    return count === 1 ? [] : [count === 0 ? `the ${alg} signature is missing` : `${count} ${alg} signatures instead of one`]
  })
  for (const { keyid, alg, status } of signatures)
    if (status === 'invalid') problems.push(`the ${alg} signature of \`${keyid}\` is not over this receipt`)
  if (!signatures.some(({ status }) => status === 'valid')) problems.push('no signature could be verified with the keys given')
  return { valid: problems.length === 0, signatures, problems }
}

function refused(problems: readonly string[]): ReceiptCheck {
  return { valid: false, signatures: [], problems }
}

/** DSSE v1 pre-authentication encoding of a receipt's RFC 8785 bytes: lengths before contents, so that no two inputs frame alike. */
export function preAuthEncoding(body: Uint8Array, hash: Hash, type: string = RECEIPT_TYPE): Uint8Array {
  return concat(hash.utf8(`DSSEv1 ${type.length} ${type} ${body.length} `), body)
}
