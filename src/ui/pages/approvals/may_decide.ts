// Why somebody who sees a request cannot decide on it, in words.
import type { Sight } from './wire.ts'

interface Who {
  readonly scopes: readonly string[]
  readonly user_email: string | null
}

/** Null = they can. What the server says of `can_decide` is what counts; this only says why. */
export function whyNot(sight: Pick<Sight, 'can_decide' | 'is_judging' | 'votes' | 'approvers'>, who: Who): string | null {
  const { can_decide, is_judging, votes, approvers } = sight
  if (can_decide) return null
  if (is_judging) return 'Somebody has just changed the request, and policies are judging it: everybody is asked anew when they have.'
  if (!who.scopes.includes('approve')) {
    const what =
      who.scopes.includes('admin') || who.scopes.includes('run')
        ? 'Whoever administers or runs never decides'
        : 'It lacks the scope `approve`'
    return `Your key may look, not decide. ${what}: asked are ${listed(approvers)}.`
  }
  if (who.user_email === null) return 'Your key is not a registered approver’s: an admin gives it a `user_email` that is.'
  const mine = votes.find(({ by }) => by === who.user_email)
  if (mine !== undefined) return `You have ${mine.choice === 'deny' ? 'denied' : 'approved'} it already.`
  if (!approvers.includes(who.user_email)) return `\`${who.user_email}\` is not among those who are asked: ${listed(approvers)}.`
  return 'Nobody decides on what they ask for themselves: this request was made with your key.'
}

function listed(people: readonly string[]): string {
  return people.length === 0 ? 'nobody' : people.map((person) => `\`${person}\``).join(', ')
}
