// Keys that can be told by their form alone: what policies look for, without the guesses that redaction also makes.
import { type FoundSecret, findSecrets } from './redaction.ts'

// A password in an address or after `Authorization:` is hidden in receipts, but `postgres://dev:dev@localhost` in a compose file is no leak.
const GUESSES: ReadonlySet<string> = new Set(['url_password', 'authorization'])

/** The first key of a vendor's known form in a text, or null; also where it stands as a password in an address. */
export function findApiKey(text: string): FoundSecret | null {
  for (const found of findSecrets(text)) {
    if (!GUESSES.has(found.shape)) return found
    const inside = findSecrets(text.slice(found.index, found.index + found.length)).find(({ shape }) => !GUESSES.has(shape))
    if (inside !== undefined) return { ...inside, index: found.index + inside.index }
  }
  return null
}
