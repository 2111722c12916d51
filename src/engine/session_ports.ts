// What signing in needs of an installation: where sessions are kept, and who vouches for people.

/** A sign-in that a key began. It has nothing of its own: what it may do is what its key may, looked up anew each time. */
export interface SessionRecord {
  /** SHA-256 of the token in hex: the token itself is with the browser alone. */
  readonly token_hash: string
  readonly team_id: string
  /** The key that began it, see `Directory.find`. */
  readonly key_hash: string
  readonly expires_at_ms: number
}

/** Sign-ins. */
export interface Sessions {
  /** The oldest of a key that has too many go. */
  create(session: SessionRecord, now: number): Promise<void>
  /** Null for one that is over. Nothing is remembered: signed out is signed out everywhere, at once. */
  find(tokenHash: string, now: number): Promise<SessionRecord | null>
  remove(tokenHash: string): Promise<void>
  /** Forgets those that are over. */
  sweep(now: number): Promise<void>
}

/** Cloudflare Access in front of this installation. */
export interface AccessDoor {
  /** The team that its people belong to; null = nobody has said. */
  readonly team_id: string | null
  /** As `asciiLower` spells them. */
  readonly admins: ReadonlySet<string>
  /** What the assertion says, `email` null for a service; null where it does not hold. Throws `unavailable` where the keys cannot be had. */
  verify(assertion: string): Promise<{ readonly email: string | null; readonly expires_at: string } | null>
}
