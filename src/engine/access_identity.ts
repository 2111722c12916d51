// People whom an identity provider vouches for: they have no API key, yet receipts, locks and four-eyes need a name for who asks.

const PREFIX = 'access:'

/** What stands where an `api_key_id` would. INVARIANT: no key is ever called this, since key ids are hexadecimal. */
export function accessKeyId(email: string): string {
  return `${PREFIX}${asciiLower(email)}`
}

/** The address behind such an id; null for the id of a key. */
export function accessEmailOf(apiKeyId: string): string | null {
  return apiKeyId.startsWith(PREFIX) ? apiKeyId.slice(PREFIX.length) : null
}

/**
 * One spelling for one account of an identity provider. Stricter than `foldEmail`, which says that mail reaches the same box: `ann+x@` and
 * `ann@` can be two accounts, and Unicode's own folding would make the Kelvin sign a `k`.
 */
export function asciiLower(email: string): string {
  return email.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
