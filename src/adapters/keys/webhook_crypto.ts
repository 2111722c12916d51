// The cryptography of webhooks over node:crypto, which Node and workerd both have.
import { webhookKeyPair, webhookSecret, type WebhookCrypto } from '../../engine/index.ts'
import { ed25519FromSeed, ed25519Verifier, hmacSha256 } from './primitives.ts'

/** Signs and checks what Standard Webhooks asks for. */
export const webhookCrypto: WebhookCrypto = {
  hmacSha256: async (key, data) => hmacSha256(key, data),
  signEd25519: async (seed, data) => ed25519FromSeed(seed).sign(data),
  verifyEd25519: async (publicKey, data, signature) => ed25519Verifier(publicKey)(data, signature)
}

/** The three texts of 32 bytes for `v1` and a 32-byte seed for `v1a`. */
export function webhookKeys(bytes: Uint8Array, seed: Uint8Array): { secret: string; privateKey: string; publicKey: string } {
  const pair = webhookKeyPair(seed, ed25519FromSeed(seed).publicKey)
  return { secret: webhookSecret(bytes), privateKey: pair.secret, publicKey: pair.publicKey }
}
