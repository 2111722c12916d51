// The cryptographic primitives of the keys, each with one choice of parameters: node:crypto, which Node and workerd both have.
// WebCrypto has them too, but in Node each of its calls costs a thread hop: 250 µs against 5 for the HMAC of a receipt.
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  sign,
  timingSafeEqual,
  verify
} from 'node:crypto'

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
// RFC 8410: everything of the DER before an Ed25519 key's 32 bytes. Neither host imports a bare private key.
const PKCS8_HEADER = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20)
const SPKI_HEADER = Uint8Array.of(0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0)

/** 32 bytes by HKDF-SHA256 (RFC 5869) with an empty salt. */
export function hkdfSha256(secret: Uint8Array, info: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), info, KEY_BYTES))
}

/** The whole tag, 32 bytes: truncated ones are neither made nor accepted. */
export function hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac('sha256', key).update(data).digest())
}

/** Whether `tag` is exactly the whole HMAC of `data`, in constant time. */
export function verifyHmacSha256(key: Uint8Array, data: Uint8Array, tag: Uint8Array): boolean {
  const expected = hmacSha256(key, data)
  return tag.length === expected.length && timingSafeEqual(tag, expected)
}

/** A private key that stays inside: it signs, and shows its public half. */
export interface Ed25519Signer {
  readonly publicKey: Uint8Array
  sign(data: Uint8Array): Uint8Array
}

/** The Ed25519 key (RFC 8032) of a 32-byte seed. */
export function ed25519FromSeed(seed: Uint8Array): Ed25519Signer {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEADER, seed]), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return { publicKey: new Uint8Array(spki.subarray(-KEY_BYTES)), sign: (data) => new Uint8Array(sign(null, data, key)) }
}

/** A check of 64-byte Ed25519 signatures against a 32-byte public key. Throws where that is not a point of the curve. */
export function ed25519Verifier(publicKey: Uint8Array): (data: Uint8Array, signature: Uint8Array) => boolean {
  if (publicKey.length !== KEY_BYTES) throw new RangeError('an Ed25519 public key has 32 bytes')
  const key = createPublicKey({ key: Buffer.concat([SPKI_HEADER, publicKey]), format: 'der', type: 'spki' })
  return (data, signature) => signature.length === 64 && verify(null, data, key, signature)
}

/** AES-256-GCM: ciphertext, then the 16-byte tag. INVARIANT: never twice the same nonce under one key. */
export function sealAesGcm(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, authenticated: Uint8Array): Uint8Array {
  checkSizes(key, nonce)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(authenticated)
  return new Uint8Array(Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]))
}

/** The plain bytes; null where key, nonce, text, tag or authenticated data is not the one it was sealed with. */
export function openAesGcm(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, authenticated: Uint8Array): Uint8Array | null {
  checkSizes(key, nonce)
  if (sealed.length < TAG_BYTES) return null
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(authenticated)
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
  const plain = decipher.update(sealed.subarray(0, -TAG_BYTES))
  try {
    return new Uint8Array(Buffer.concat([plain, decipher.final()]))
  } catch {
    return null
  }
}

/** AES-256 only, and 96 bits of nonce only: others go through GHASH and may collide. Hosts would let both pass. */
function checkSizes(key: Uint8Array, nonce: Uint8Array): void {
  if (key.length !== KEY_BYTES) throw new RangeError(`an AES-256 key has ${KEY_BYTES} bytes`)
  if (nonce.length !== NONCE_BYTES) throw new RangeError(`a nonce has ${NONCE_BYTES} bytes`)
}
