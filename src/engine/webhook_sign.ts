// Standard Webhooks signatures (specification 1.0.0): v1 by HMAC-SHA256, v1a by Ed25519, several at once while a secret is rotated.
import { base64, equalBytes, unbase64 } from './bytes.ts'
import type { Hash } from './ports.ts'

/** What the host's cryptography must offer; a private key is its 32-byte seed (RFC 8032 §5.1.5). */
export interface WebhookCrypto {
  hmacSha256(key: Uint8Array, data: Uint8Array): Promise<Uint8Array>
  signEd25519(seed: Uint8Array, data: Uint8Array): Promise<Uint8Array>
  verifyEd25519(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean>
}

export interface WebhookHeaders {
  readonly 'webhook-id': string
  readonly 'webhook-timestamp': string
  readonly 'webhook-signature': string
}

/** A verified webhook's id, by which a receiver knows a repetition, or why it is none. */
export type VerifiedWebhook =
  | { readonly ok: true; readonly id: string; readonly atSeconds: number }
  | { readonly ok: false; readonly problem: string }

/** How far a sender's clock, or the network's delay, may be off. */
export const WEBHOOK_TOLERANCE_SECONDS = 300

const SIGNATURES_MAX = 16
const HEADER_LENGTH_MAX = 4_096

interface Key {
  readonly scheme: 'v1' | 'v1a'
  readonly isPublic: boolean
  readonly bytes: Uint8Array
}

/** `whsec_` with 24 to 64 random bytes. */
export function webhookSecret(random: Uint8Array): string {
  if (random.length < 24 || random.length > 64) throw new Error('a webhook secret has 24 to 64 bytes')
  return `whsec_${base64(random)}`
}

/** `whsk_` and `whpk_` of an Ed25519 key pair: seed and public key together are the secret, as other senders write it. */
export function webhookKeyPair(seed: Uint8Array, publicKey: Uint8Array): { secret: string; publicKey: string } {
  if (seed.length !== 32 || publicKey.length !== 32) throw new Error('an Ed25519 key has 32 bytes')
  const both = new Uint8Array(64)
  both.set(seed)
  both.set(publicKey, 32)
  return { secret: `whsk_${base64(both)}`, publicKey: `whpk_${base64(publicKey)}` }
}

/**
 * The three headers of one attempt: signed with every secret, the current first. `id` is the event's, the same on every attempt;
 * `atSeconds` is the attempt's own. Throws on a secret that cannot sign, and on an id that could shift the signed text's borders.
 */
export async function signWebhook(
  message: { id: string; atSeconds: number; body: string },
  secrets: readonly string[],
  crypto: WebhookCrypto,
  hash: Hash
): Promise<WebhookHeaders> {
  const { id, atSeconds, body } = message
  if (!ID.test(id)) throw new Error('a webhook’s id is 1 to 128 letters, digits, _ and -')
  if (!Number.isSafeInteger(atSeconds) || atSeconds < 0) throw new Error('a webhook’s time is in whole seconds')
  if (secrets.length === 0) throw new Error('a webhook is signed with at least one secret')
  const content = signedContent(id, String(atSeconds), body, hash)
  const signatures: string[] = []
  for (const secret of secrets) {
    const key = keyOf(secret)
    if (key === null || key.isPublic) throw new Error('a webhook is signed with a `whsec_` or `whsk_` secret')
    const signature = key.scheme === 'v1' ? await crypto.hmacSha256(key.bytes, content) : await crypto.signEd25519(key.bytes, content)
    signatures.push(`${key.scheme},${base64(signature)}`)
  }
  return { 'webhook-id': id, 'webhook-timestamp': String(atSeconds), 'webhook-signature': signatures.join(' ') }
}

/**
 * Whether one of these keys (`whsec_` or `whpk_`) signed exactly this body, within five minutes of `nowSeconds`; never throws.
 * `body` is the text as received: parse it afterwards. Remember the id: the same one again is a repetition.
 */
export async function verifyWebhook(
  message: { headers: Readonly<Record<string, string | undefined>>; body: string },
  keys: readonly string[],
  nowSeconds: number,
  crypto: Pick<WebhookCrypto, 'hmacSha256' | 'verifyEd25519'>,
  hash: Hash
): Promise<VerifiedWebhook> {
  const refuse = (problem: string): VerifiedWebhook => ({ ok: false, problem })
  const id = headerOf(message.headers, 'webhook-id')
  const time = headerOf(message.headers, 'webhook-timestamp')
  const list = headerOf(message.headers, 'webhook-signature')
  if (id === undefined || time === undefined || list === undefined)
    return refuse('the headers `webhook-id`, `webhook-timestamp` and `webhook-signature` are not all there')
  if (!ID.test(id)) return refuse('`webhook-id` is malformed')
  if (!/^\d{1,12}$/.test(time)) return refuse('`webhook-timestamp` is not a number of seconds')
  const atSeconds = Number(time)
  // Written so that a clock that is NaN refuses.
  if (!(Math.abs(nowSeconds - atSeconds) <= WEBHOOK_TOLERANCE_SECONDS)) return refuse('`webhook-timestamp` is too far from now')
  const signatures = list.split(' ')
  if (list.length > HEADER_LENGTH_MAX || signatures.length > SIGNATURES_MAX) return refuse('`webhook-signature` is too long')
  const known = keys.map(keyOf)
  if (known.length === 0 || known.includes(null)) return refuse('none of the keys given can verify, or one is malformed')
  const content = signedContent(id, time, message.body, hash)
  let isSigned = false
  // Every pair is tried, found or not: the time taken tells nothing of which key fits.
  for (const key of known as Key[]) {
    for (const signature of signatures) isSigned = (await fits(key, signature, content, crypto)) || isSigned
  }
  return isSigned ? { ok: true, id, atSeconds } : refuse('no signature fits')
}

const ID = /^[A-Za-z0-9_-]{1,128}$/

async function fits(
  key: Key,
  text: string,
  content: Uint8Array,
  crypto: Pick<WebhookCrypto, 'hmacSha256' | 'verifyEd25519'>
): Promise<boolean> {
  const [, scheme, encoded] = /^(v1a?),([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? []
  if (scheme !== key.scheme) return false
  const signature = unbase64(encoded!)
  if (signature === null) return false
  if (scheme === 'v1') return equalBytes(signature, await crypto.hmacSha256(key.bytes, content))
  return signature.length === 64 && crypto.verifyEd25519(key.bytes, content, signature)
}

/** The text that is signed. INVARIANT: id and time hold no `.`, so it can be taken apart in one way only. */
function signedContent(id: string, time: string, body: string, hash: Hash): Uint8Array {
  return hash.utf8(`${id}.${time}.${body}`)
}

/** A key by its prefix; null for what is none. A secret that other senders wrote as seed and public key together is its seed. */
function keyOf(text: string): Key | null {
  const [, kind, encoded] = /^(whsec|whsk|whpk)_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? []
  const bytes = encoded === undefined ? null : unbase64(encoded)
  if (bytes === null) return null
  if (kind === 'whsec') return bytes.length >= 24 && bytes.length <= 64 ? { scheme: 'v1', isPublic: false, bytes } : null
  if (kind === 'whpk') return bytes.length === 32 ? { scheme: 'v1a', isPublic: true, bytes } : null
  return bytes.length === 32 || bytes.length === 64 ? { scheme: 'v1a', isPublic: false, bytes: bytes.slice(0, 32) } : null
}

function headerOf(headers: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const found = Object.keys(headers).filter((key) => key.toLowerCase() === name)
  return found.length === 1 ? headers[found[0]!] : undefined
}
