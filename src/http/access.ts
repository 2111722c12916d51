// People that Cloudflare Access lets in: from a verified e-mail address to what its owner may do here.
import { accessKeyId, asciiLower, fault, isApprover, type PersonRecord, type Scope } from '../engine/index.ts'
import type { Actor, Host } from './host.ts'

/** Longer than any assertion of Access. */
const ASSERTION_LENGTH_MAX = 8_192

/** Null where Access vouches for nobody. Throws `unauthorized` for an assertion that does not hold, `forbidden` for somebody unknown here. */
export async function actorByAccess({ access, people }: Host, headers: Headers): Promise<Actor | null> {
  const assertion = headers.get('cf-access-jwt-assertion')
  if (access === null || assertion === null) return null
  const found = assertion.length > ASSERTION_LENGTH_MAX ? null : await access.verify(assertion)
  if (found === null) throw fault('unauthorized', 'the assertion of Cloudflare Access does not hold here')
  const { email, expires_at } = found
  if (email === null) throw fault('forbidden', 'Cloudflare Access vouches for a service, not for a person: give programs an API key')
  if (access.team_id === null) throw fault('misconfigured', 'set ACCESS_TEAM to the Enact team that people of Cloudflare Access belong to')
  const scopes = scopesOf(email, access.admins, await people.named(access.team_id, email))
  if (scopes === null)
    throw fault(
      'forbidden',
      `\`${email}\` is not registered here: an admin adds the person (POST /people), or the address to ACCESS_ADMINS`
    )
  return { api_key_id: accessKeyId(email), team_id: access.team_id, scopes, user_email: email, attributes: {}, via: 'access', expires_at }
}

/**
 * What this address may do; null = it is nobody's here. INVARIANT: an admin never decides, also one who is registered as an approver;
 * a mailbox that only reaches somebody does not make its user that person.
 */
export function scopesOf(email: string, admins: ReadonlySet<string>, person: PersonRecord | null): Scope[] | null {
  if (admins.has(asciiLower(email))) return ['admin']
  if (person === null || asciiLower(person.email) !== asciiLower(email)) return null
  return isApprover(person) ? ['read', 'approve'] : ['read']
}
