// Everything that derives from one secret for one team: each key has a purpose of its own, so that none says anything of another.
import { nodeHash } from '../hash/index.ts'
import { hkdfSha256 } from './primitives.ts'
import { ed25519Key, hmacKey, keyId, type Ed25519Key, type SigningKey } from './signing_keys.ts'

// A new secret makes new keys; the number would only grow if a purpose ever had to be derived anew from the same secret.
const GENERATION = 1

/** One team's keys under one secret. */
export interface Generation {
  readonly hmac: SigningKey
  readonly ed25519: Ed25519Key
  readonly digest: Uint8Array
  readonly seal: { readonly keyid: string; readonly key: Uint8Array }
}

/** Derives by HKDF-SHA256 with info `enact/v1/<purpose>/<team>/<generation>`: the same secret and team give the same keys forever. */
export function generationOf(secret: string, teamId: string): Generation {
  const material = nodeHash.utf8(secret)
  const derive = (purpose: string) => hkdfSha256(material, `enact/v1/${purpose}/${teamId}/${GENERATION}`)
  return {
    hmac: hmacKey(derive('receipt-hmac'), derive('receipt-hmac-id')),
    ed25519: ed25519Key(derive('receipt-ed25519')),
    digest: derive('digest-hmac'),
    seal: { keyid: keyId('seal', derive('seal-id')), key: derive('seal') }
  }
}
