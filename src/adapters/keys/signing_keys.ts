// Keys that make and check a receipt's signatures, each under an id that tells nothing of the secret.
import { base64url, hex, unbase64, unhex, type Signature, type SignatureCheck } from '../../engine/index.ts'
import { nodeHash } from '../hash/index.ts'
import { ed25519FromSeed, ed25519Verifier, hmacSha256, verifyHmacSha256 } from './primitives.ts'

/** Checks signatures of one key. The algorithm is the key's: what a signature says of itself is compared with it, never believed. */
export interface CheckingKey {
  readonly keyid: string
  readonly alg: Signature['alg']
  /** Whether `sig` is the one spelling of a valid signature over exactly these bytes. */
  check(bytes: Uint8Array, sig: string): boolean
}

export interface SigningKey extends CheckingKey {
  sign(bytes: Uint8Array): Signature
}

export interface Ed25519Key extends SigningKey {
  readonly publicKey: Uint8Array
  signRaw(bytes: Uint8Array): Uint8Array
}

/** `<prefix>_<16 hex>` of what may be known about a key. */
export function keyId(prefix: string, known: Uint8Array): string {
  return `${prefix}_${hex(nodeHash.sha256(known)).slice(0, 16)}`
}

/** An HMAC-SHA256 key; `checkValue` names it and must have been derived beside it, not from it. */
export function hmacKey(key: Uint8Array, checkValue: Uint8Array): SigningKey {
  const keyid = keyId('hmac', checkValue)
  return {
    keyid,
    alg: 'HMAC-SHA256',
    sign: (bytes) => ({ keyid, alg: 'HMAC-SHA256', sig: hex(hmacSha256(key, bytes)) }),
    check(bytes, sig) {
      const tag = unhex(sig)
      return tag !== null && hex(tag) === sig && verifyHmacSha256(key, bytes, tag)
    }
  }
}

/** The Ed25519 key of a 32-byte seed. */
export function ed25519Key(seed: Uint8Array): Ed25519Key {
  const { publicKey, sign } = ed25519FromSeed(seed)
  const checking = ed25519CheckingKey(publicKey)
  return {
    ...checking,
    publicKey,
    signRaw: sign,
    sign: (bytes) => ({ keyid: checking.keyid, alg: 'Ed25519', sig: base64url(sign(bytes)) })
  }
}

/** The half of an Ed25519 key that everybody may have. Throws where `publicKey` is none. */
export function ed25519CheckingKey(publicKey: Uint8Array): CheckingKey {
  const verify = ed25519Verifier(publicKey)
  return {
    keyid: keyId('ed25519', publicKey),
    alg: 'Ed25519',
    check(bytes, sig) {
      const signature = unbase64(sig)
      return signature !== null && base64url(signature) === sig && verify(bytes, signature)
    }
  }
}

/** What became of each signature; one whose key is not among `keys` proves nothing, neither way. */
export function checkSignatures(
  keys: ReadonlyMap<string, CheckingKey>,
  bytes: Uint8Array,
  signatures: readonly Signature[]
): SignatureCheck[] {
  return signatures.map(({ keyid, alg, sig }) => {
    const key = keys.get(keyid)
    if (key === undefined) return { keyid, alg, status: 'unknown_key' }
    return { keyid, alg, status: key.alg === alg && key.check(bytes, sig) ? 'valid' : 'invalid' }
  })
}
