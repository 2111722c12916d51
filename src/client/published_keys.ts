// Checking signatures with published Ed25519 keys, by WebCrypto: in Node, workerd and browsers alike.
import { unbase64 } from '../engine/bytes.ts'
import type { Hash, PublicKey, SignatureCheck } from '../engine/ports.ts'
import type { Verifier } from '../engine/receipt.ts'

/** UTF-8 alone: what signatures cover is hashed by WebCrypto itself. */
export const webHash: Hash = {
  utf8: (text) => new TextEncoder().encode(text),
  text: (utf8) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(utf8),
  sha256: () => {
    throw new Error('this hash does not hash')
  }
}

/** Ed25519 against these keys; HMAC signatures, whose keys nobody publishes, come back as `unknown_key`. Never throws for a bad key or signature. */
export function publishedKeys(keys: readonly PublicKey[]): Verifier {
  return {
    verify: (bytes, signatures) =>
      Promise.all(
        signatures.map(async ({ keyid, alg, sig }): Promise<SignatureCheck> => {
          const key = alg === 'Ed25519' ? keys.find(({ kid }) => kid === keyid) : undefined
          if (key === undefined) return { keyid, alg, status: 'unknown_key' }
          return { keyid, alg, status: (await isSigned(bytes, sig, key)) ? 'valid' : 'invalid' }
        })
      )
  }
}

async function isSigned(bytes: Uint8Array, sig: string, { kty, crv, x }: PublicKey): Promise<boolean> {
  const [raw, signature] = [unbase64(x), unbase64(sig)]
  if (kty !== 'OKP' || crv !== 'Ed25519' || raw === null || signature === null) return false
  try {
    const key = await crypto.subtle.importKey('raw', raw as BufferSource, { name: 'Ed25519' }, false, ['verify'])
    return await crypto.subtle.verify({ name: 'Ed25519' }, key, signature as BufferSource, bytes as BufferSource)
  } catch {
    return false
  }
}
