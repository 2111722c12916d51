// A keyring that is made when the playground starts and thrown away with it: its signatures show how it is done, and prove nothing.
import {
  base64url,
  concat,
  hex,
  type Hash,
  type Keyring,
  type PublicKey,
  type Signature,
  type SignatureCheck,
  unbase64
} from '../engine/index.ts'

const KEYID = 'thrown-away'
const bytes = (data: Uint8Array) => data as BufferSource

/** HMAC-SHA256 and Ed25519 by WebCrypto, with keys that nothing can take out. */
export async function throwAwayKeyring(hash: Hash): Promise<Keyring> {
  const { subtle } = crypto
  const mac = await subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
  const pair = (await subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify'])) as CryptoKeyPair
  const box = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const publicKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey))
  const macOf = async (data: Uint8Array) => hex(new Uint8Array(await subtle.sign('HMAC', mac, bytes(data))))
  const signEd25519 = async (data: Uint8Array) => new Uint8Array(await subtle.sign('Ed25519', pair.privateKey, bytes(data)))
  const check = async (data: Uint8Array, { keyid, alg, sig }: Signature): Promise<SignatureCheck> => {
    const isValid =
      alg === 'Ed25519'
        ? await subtle.verify('Ed25519', pair.publicKey, bytes(unbase64(sig) ?? new Uint8Array()), bytes(data))
        : (await macOf(data)) === sig
    return { keyid, alg, status: isValid ? 'valid' : 'invalid' }
  }
  return {
    sign: async (data) => [
      { keyid: KEYID, alg: 'HMAC-SHA256', sig: await macOf(data) },
      { keyid: KEYID, alg: 'Ed25519', sig: base64url(await signEd25519(data)) }
    ],
    verify: (data, signatures) => Promise.all(signatures.map((signature) => check(data, signature))),
    signEd25519: async (data) => ({ keyid: KEYID, publicKey, signature: await signEd25519(data) }),
    commit: async (data) => `hmac-sha256:${await macOf(data)}`,
    isCommitment: async (data, given) => `hmac-sha256:${await macOf(data)}` === given,
    seal: async (plain, context) => {
      const iv = crypto.getRandomValues(new Uint8Array(12))
      const text = await subtle.encrypt({ name: 'AES-GCM', iv, additionalData: bytes(hash.utf8(context)) }, box, bytes(plain))
      return base64url(concat(iv, new Uint8Array(text)))
    },
    open: async (sealed, context) => {
      const whole = unbase64(sealed) ?? new Uint8Array()
      const options = { name: 'AES-GCM', iv: bytes(whole.subarray(0, 12)), additionalData: bytes(hash.utf8(context)) }
      return new Uint8Array(await subtle.decrypt(options, box, bytes(whole.subarray(12))))
    },
    publicKeys: async (): Promise<PublicKey[]> => [
      { kty: 'OKP', crv: 'Ed25519', kid: KEYID, x: base64url(publicKey), use: 'sig', alg: 'EdDSA' }
    ]
  }
}
