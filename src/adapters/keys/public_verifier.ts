// Verifying without any secret: from the public keys that an installation publishes.
import { base64url, fault, unbase64, type PublicKey, type Verifier } from '../../engine/index.ts'
import { checkSignatures, ed25519CheckingKey, keyId, type CheckingKey } from './signing_keys.ts'

/**
 * Checks Ed25519 signatures against published keys; HMAC signatures come back as `unknown_key`.
 * Throws fault `invalid` where a key is not Ed25519, or its id is not its own fingerprint: a key can never pass for another.
 */
export function publicVerifier(keys: readonly PublicKey[]): Verifier {
  const known = new Map(keys.map((key) => [key.kid, checkingKeyOf(key)]))
  return { verify: async (bytes, signatures) => checkSignatures(known, bytes, signatures) }
}

/** The JWK (RFC 8037) of a 32-byte Ed25519 public key. */
export function publicKeyOf(publicKey: Uint8Array): PublicKey {
  return { kty: 'OKP', crv: 'Ed25519', kid: keyId('ed25519', publicKey), x: base64url(publicKey), use: 'sig', alg: 'EdDSA' }
}

function checkingKeyOf(jwk: PublicKey): CheckingKey {
  const raw = jwk.kty === 'OKP' && jwk.crv === 'Ed25519' && typeof jwk.x === 'string' ? unbase64(jwk.x) : null
  if (raw === null || raw.length !== 32) throw fault('invalid', `\`${String(jwk.kid).slice(0, 80)}\` is not an Ed25519 public key`)
  const key = ed25519CheckingKey(raw)
  if (key.keyid !== jwk.kid) throw fault('invalid', `the key named \`${String(jwk.kid).slice(0, 80)}\` is really \`${key.keyid}\``)
  return key
}
