// The session cookie: how it is read, set and taken away. Pure.

/** `__Host-` makes browsers refuse it unless it is Secure, of this host alone and for every path: no sub-domain can plant one. */
const NAME = '__Host-enact'
/** 256 random bits in base64url. What looks otherwise is no session, and nobody is asked about it. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Strict'

/**
 * The token of the one session cookie; null without one. INVARIANT: two of the name are none: a planted cookie can neither stand in
 * for the real one nor be told from it.
 */
export function sessionToken(headers: Headers): string | null {
  const values = (headers.get('cookie') ?? '').split(';').flatMap((pair) => {
    const at = pair.indexOf('=')
    return at > 0 && pair.slice(0, at).trim() === NAME ? [pair.slice(at + 1).trim()] : []
  })
  return values.length === 1 && TOKEN.test(values[0]!) ? values[0]! : null
}

/** `Set-Cookie` for a session that ends in so many seconds. */
export function sessionCookie(token: string, seconds: number): string {
  return `${NAME}=${token}; ${ATTRIBUTES}; Max-Age=${seconds}`
}

/** `Set-Cookie` that takes it away. */
export const NO_SESSION_COOKIE = `${NAME}=; ${ATTRIBUTES}; Max-Age=0`
