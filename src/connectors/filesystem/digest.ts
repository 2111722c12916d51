// SHA-256, of bytes at hand and of bytes as they come.
import { createHash } from 'node:crypto'

/** Lower-case hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** For content that is never whole in memory. */
export function newSha256(): { update(bytes: Uint8Array): void; hex(): string } {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') }
}
