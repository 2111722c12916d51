// People as an admin registers them: who may be asked, where they are reached, and what policies may believe of them.
import * as z from 'zod'
import { foldEmail } from './approval_people.ts'
import { APPROVERS_MAX, type Person } from './approval_state.ts'
import { Email, JsonObject, Name } from './schema.ts'

/** The role without which nobody is asked. */
export const APPROVER = 'approver'

const PersonId = Name.max(64)
const Channel = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('mail'), address: Email }),
  z.strictObject({
    kind: z.literal('slack'),
    address: z.string().regex(/^[UW][A-Z0-9]{4,30}$/, 'must be a Slack member id, like U024BE7LH')
  })
])

const FIELDS = {
  email: Email,
  name: z.string().min(1).max(128).nullable(),
  channels: z.array(Channel).min(1).max(8),
  roles: z.array(Name.max(64)).max(32),
  clearance_level: z.int().min(0).max(1_000).nullable(),
  attributes: JsonObject,
  /** Who has the lowest number is asked first; the others when time runs out, in this order. */
  escalation_order: z.int().min(0).max(99)
} as const

/** A person as stored and shown. */
export const PersonRecord = z.strictObject({ person_id: PersonId, ...FIELDS })
export type PersonRecord = z.infer<typeof PersonRecord>

const Written = z.strictObject(FIELDS).partial()
/** `POST /people`. Without channels a person is reached by their e-mail address. */
export const NewPerson = Written.extend({ email: Email, person_id: PersonId.optional() })
export type NewPerson = z.infer<typeof NewPerson>
/** `PATCH /people/{id}`: what is given replaces what was there. */
export const PersonChange = Written
export type PersonChange = z.infer<typeof PersonChange>

/** A new person, with what was left out. */
export function newPerson(person_id: string, given: NewPerson): PersonRecord {
  const { email } = given
  const blank = { name: null, channels: [{ kind: 'mail' as const, address: email }], roles: [], clearance_level: null, attributes: {} }
  return { ...blank, escalation_order: 0, ...given, person_id }
}

/** The person with what is given in place of what was there. INVARIANT: who has moved to another mailbox is not reached by the old one any more. */
export function changedPerson(before: PersonRecord, given: PersonChange): PersonRecord {
  const old = addressKey(before.email)
  const moved = (channel: z.infer<typeof Channel>) =>
    given.email !== undefined && addressKey(channel.address) === old ? { kind: 'mail' as const, address: given.email } : channel
  return { ...before, channels: before.channels.map(moved), ...given }
}

/** What an approval knows of a person. */
export function personOf({ person_id, email, channels }: PersonRecord): Person {
  return { person_id, email, channels }
}

export function isApprover(person: PersonRecord): boolean {
  return person.roles.includes(APPROVER)
}

/** One spelling for each way to name somebody: a mailbox, or a Slack member id. */
export function addressKey(address: string): string {
  return address.includes('@') ? `mail:${foldEmail(address)}` : `slack:${address.trim().toUpperCase()}`
}

/** Every way to name this person, each once; no two people of a team share one. */
export function addressKeys({ email, channels }: PersonRecord): string[] {
  return [...new Set([email, ...channels.map(({ address }) => address)].map(addressKey))]
}

/** Approvers, sorted by `escalation_order`, as those who are asked first (all with the lowest number) and those who are asked as well later. */
export function inLines(approvers: readonly PersonRecord[]): { first: Person[]; escalation: Person[] } {
  const lowest = approvers[0]?.escalation_order
  const first = approvers.filter((person) => person.escalation_order === lowest).slice(0, APPROVERS_MAX)
  const escalation = approvers.filter((person) => person.escalation_order !== lowest).slice(0, APPROVERS_MAX - first.length)
  return { first: first.map(personOf), escalation: escalation.map(personOf) }
}

/** What policies may believe of a person. `role` is the first that is not `approver`; attributes of these names say otherwise. */
export function attributesOf({ roles, clearance_level, attributes }: PersonRecord): JsonObject {
  const role = roles.find((one) => one !== APPROVER)
  return {
    ...(role === undefined ? {} : { role }),
    ...(roles.length === 0 ? {} : { roles }),
    ...(clearance_level === null ? {} : { clearance_level }),
    ...attributes
  }
}

const OF_ROLE = ['role', 'roles', 'actor_role']

/** The key's attributes win. INVARIANT: a key that says anything of the role says all of it, under each of its names. */
export function mergeAttributes(person: JsonObject, key: JsonObject): JsonObject {
  const hasRole = OF_ROLE.some((name) => Object.hasOwn(key, name))
  const kept = Object.entries(person).filter(([name]) => !(hasRole && OF_ROLE.includes(name)))
  return { ...Object.fromEntries(kept), ...key }
}
