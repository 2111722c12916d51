// Ids that are derived instead of drawn, so that everyone who means the same thing meets in the same place.
import { canonicalBytes } from './canonical.ts'
import type { Hash, Keyring } from './ports.ts'

/** The id that this text means to this team. INVARIANT: nobody without the team's key can tell it beforehand and have something else stored under it. */
export async function derivedId(text: string, keyring: Pick<Keyring, 'commit'>, hash: Hash): Promise<string> {
  const committed = (await keyring.commit(canonicalBytes(text, hash))).slice('hmac-sha256:'.length)
  const variant = '89ab'[Number.parseInt(committed[15]!, 16) % 4]!
  return `${committed.slice(0, 8)}-${committed.slice(8, 12)}-7${committed.slice(12, 15)}-${variant}${committed.slice(16, 19)}-${committed.slice(19, 31)}`
}
