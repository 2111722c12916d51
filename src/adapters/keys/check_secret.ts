// Whether the one secret is good enough to derive every key from.

const LENGTH_MIN = 32
const DISTINCT_MIN = 8
const EXAMPLE = /example|change[-_ ]?me|replace|placeholder|your[-_ ]|secret[-_ ]?(?:key|here|value)|password|x{8}|\.{3}|^<.*>$/i
const HOW = 'make one with `openssl rand -base64 32`'

/** Null for a secret that may be used, else the sentence that says why it is refused; the secret itself is never in it. */
export function checkSecret(secret: string | undefined): string | null {
  if (!secret) return `ENACT_SECRET is not set: ${HOW}`
  if (secret !== secret.trim()) return `ENACT_SECRET begins or ends with a space or line break: ${HOW}`
  if (secret.length < LENGTH_MIN) return `ENACT_SECRET has ${secret.length} characters, it needs ${LENGTH_MIN} or more: ${HOW}`
  if (secret.includes(',')) return `ENACT_SECRET has a comma, which separates the secrets of ENACT_SECRET_PREVIOUS: ${HOW}`
  if (EXAMPLE.test(secret)) return `ENACT_SECRET is an example value: ${HOW}`
  if (isPredictable(secret)) return `ENACT_SECRET is too easy to guess: ${HOW}`
  return null
}

/** Few different characters, one piece again and again, or runs like `abcdef` and `987654`. */
function isPredictable(secret: string): boolean {
  if (new Set(secret).size < DISTINCT_MIN) return true
  for (let period = 1; period <= secret.length / 2; period++) {
    if (secret.slice(period) === secret.slice(0, -period)) return true
  }
  let steps = 0
  for (let i = 1; i < secret.length; i++) if (Math.abs(secret.charCodeAt(i) - secret.charCodeAt(i - 1)) <= 1) steps++
  return steps > secret.length * 0.7
}
