// What the server says of keys, and what a key's scopes mean.

/** `GET /agents`: a key as it is listed, with what it did lately. */
export interface Agent {
  readonly id: string
  readonly label: string | null
  readonly scopes: readonly string[]
  readonly user_email: string | null
  readonly created_at: string
  readonly expires_at: string | null
  readonly revoked_at: string | null
  readonly receipts_24h: number
  readonly blocked_24h: number
  readonly last_at: string | null
}

export interface ScopeText {
  readonly id: string
  readonly title: string
  readonly about: string
}

export const SCOPES: readonly ScopeText[] = [
  { id: 'run', title: 'run', about: 'for agents: runs, decisions, approval requests, locks, pushed receipts' },
  { id: 'read', title: 'read', about: 'look at receipts, approvals, policies and locks' },
  { id: 'approve', title: 'approve', about: 'decide on requests, as the registered approver that the key names' },
  { id: 'audit', title: 'audit', about: 'read everything, and make exports' },
  { id: 'admin', title: 'admin', about: 'everything but approving' }
]

/** Why these scopes cannot stand together, in words; null = they can. */
export function scopesWrong(scopes: readonly string[], email: string): string | null {
  if (scopes.length === 0) return 'choose at least one'
  if (scopes.includes('approve') && (scopes.includes('run') || scopes.includes('admin')))
    return 'no key may both ask and answer: take `approve` alone, or with `read` and `audit`'
  if (scopes.includes('approve') && email === '') return 'a key that approves needs the e-mail address of a registered approver below'
  return null
}

/** `active`, or why it is not. */
export function stateOf(
  { revoked_at, expires_at }: Pick<Agent, 'revoked_at' | 'expires_at'>,
  now: number
): 'active' | 'revoked' | 'expired' {
  if (revoked_at !== null) return 'revoked'
  return expires_at !== null && Date.parse(expires_at) <= now ? 'expired' : 'active'
}
