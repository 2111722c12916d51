// Four eyes: whether two of the people and keys around an approval are the same person.
import type { Person, Requester } from './approval_state.ts'

/** One spelling for one mailbox: case and width folded, without what follows a `+`. */
export function foldEmail(email: string): string {
  const folded = email.normalize('NFKC').trim().toLowerCase()
  const at = folded.lastIndexOf('@')
  if (at <= 0) return folded
  const name = folded.slice(0, at)
  const plus = name.indexOf('+')
  return `${plus > 0 ? name.slice(0, plus) : name}${folded.slice(at)}`
}

/**
 * Whether a person is the one behind the key that asks, by registered person or by any registered mail address.
 * The `user_email` that the agent claims is left out: it could name anybody, to get round the rule or to keep somebody from voting.
 */
export function isRequester(person: Person, requester: Requester): boolean {
  if (requester.person_id !== null && requester.person_id === person.person_id) return true
  return requester.key_email !== null && emailsOf(person).includes(foldEmail(requester.key_email))
}

/** Whether both are one person, by id or by any mail address: then they count once. */
export function isSamePerson(a: Person, b: Person): boolean {
  return a.person_id === b.person_id || emailsOf(a).some((email) => emailsOf(b).includes(email))
}

function emailsOf({ email, channels }: Person): string[] {
  return [email, ...channels.filter((channel) => channel.kind === 'mail').map((channel) => channel.address)].map(foldEmail)
}
