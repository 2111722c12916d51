// Cloudflare Access: assertions verified with the team's published keys. Says who somebody is, never what they may do.
import { createRemoteJWKSet } from 'jose/jwks/remote'
import { jwtVerify } from 'jose/jwt/verify'
import { asciiLower, Email, fault, messageOf, type AccessDoor, type Clock, type JsonObject } from '../../engine/index.ts'

/** What Access signs with. INVARIANT: no `none`, and nothing symmetric: the public key is no secret to sign with. */
const ALGORITHMS = ['RS256', 'ES256']
const CLOCK_TOLERANCE_SECONDS = 30
/** Faults of the assertion. Everything else is a fault of the way to the keys, and says nothing of who asks. */
const NOT_HELD = /^ERR_(JWT_|JWS_|JWK_|JWKS_NO_MATCHING_KEY|JWKS_MULTIPLE_MATCHING_KEYS|JOSE_ALG_NOT_ALLOWED|JOSE_NOT_SUPPORTED)/

export interface AccessSetup {
  /** Strings of the host's environment: ACCESS_TEAM_DOMAIN, ACCESS_AUD, ACCESS_TEAM, ACCESS_ADMINS. */
  readonly strings: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  log(entry: JsonObject): void
}

/** Null where ACCESS_TEAM_DOMAIN or ACCESS_AUD is not set. Throws nothing: a domain that is none lets nobody in. */
export function cloudflareAccess({ strings, clock, log }: AccessSetup): AccessDoor | null {
  const audience = listOf(strings.ACCESS_AUD)
  if (!strings.ACCESS_TEAM_DOMAIN || audience.length === 0) return null
  const issuer = issuerOf(strings.ACCESS_TEAM_DOMAIN)
  if (issuer === null) {
    log({ level: 'error', event: 'misconfigured', detail: 'ACCESS_TEAM_DOMAIN must be like acme.cloudflareaccess.com' })
    return null
  }
  const keys = createRemoteJWKSet(new URL(`${issuer}/cdn-cgi/access/certs`))
  return {
    team_id: strings.ACCESS_TEAM ?? null,
    admins: new Set(listOf(strings.ACCESS_ADMINS).map(asciiLower)),
    async verify(assertion) {
      try {
        const { payload } = await jwtVerify(assertion, keys, {
          algorithms: ALGORITHMS,
          issuer,
          audience,
          requiredClaims: ['exp', 'iat'],
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
          currentDate: new Date(clock.now())
        })
        return { email: Email.safeParse(payload.email).data ?? null, expires_at: new Date(payload.exp! * 1_000).toISOString() }
      } catch (error) {
        if (NOT_HELD.test((error as { code?: string }).code ?? '')) return null
        log({ level: 'error', event: 'access_keys_unavailable', error: messageOf(error) })
        throw fault('unavailable', 'the keys of Cloudflare Access cannot be fetched', { retryAfterSeconds: 5 })
      }
    }
  }
}

/** `https` always, but for a server on this machine. */
function issuerOf(domain: string): string | null {
  if (/^http:\/\/127\.0\.0\.1:\d{1,5}$/.test(domain)) return domain
  const host = domain
    .trim()
    .toLowerCase()
    .replace(/^https:\/\//, '')
    .replace(/\/$/, '')
  return /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host) ? `https://${host}` : null
}

function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}
