// A person as a form has them, and as the server takes them.
import type { JsonObject } from '../../../engine/schema.ts'
import { readJson } from '../../parts/json_text.ts'

export interface Channel {
  readonly kind: 'mail' | 'slack'
  readonly address: string
}

export interface Person {
  readonly person_id: string
  readonly email: string
  readonly name: string | null
  readonly channels: readonly Channel[]
  readonly roles: readonly string[]
  readonly clearance_level: number | null
  readonly attributes: JsonObject
  readonly escalation_order: number
}

export interface PersonForm {
  readonly email: string
  readonly name: string
  readonly isApprover: boolean
  readonly roles: string
  readonly clearance: string
  readonly order: string
  /** One a line: `mail ana@example.com`, `slack U024BE7LH`. Empty = the e-mail address. */
  readonly channels: string
  readonly attributes: string
}

export const BLANK: PersonForm = {
  email: '',
  name: '',
  isApprover: true,
  roles: '',
  clearance: '',
  order: '0',
  channels: '',
  attributes: ''
}

export function formOf({ email, name, roles, clearance_level, escalation_order, channels, attributes }: Person): PersonForm {
  return {
    email,
    name: name ?? '',
    isApprover: roles.includes('approver'),
    roles: roles.filter((role) => role !== 'approver').join(', '),
    clearance: clearance_level === null ? '' : String(clearance_level),
    order: String(escalation_order),
    channels: channels.map(({ kind, address }) => `${kind} ${address}`).join('\n'),
    attributes: Object.keys(attributes).length === 0 ? '' : JSON.stringify(attributes, null, 2)
  }
}

/** What is sent, or the place that is wrong. The server checks again. */
export type ReadPerson = { readonly body: Readonly<Record<string, unknown>> } | { readonly pointer: string; readonly wrong: string }

export function bodyOf(form: PersonForm): ReadPerson {
  const email = form.email.trim()
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) return { pointer: '/email', wrong: 'must be an e-mail address' }
  const roles = [
    ...(form.isApprover ? ['approver'] : []),
    ...form.roles
      .split(',')
      .map((role) => role.trim())
      .filter((role) => role !== '')
  ]
  if (form.clearance !== '' && !/^\d{1,4}$/.test(form.clearance.trim()))
    return { pointer: '/clearance_level', wrong: 'must be a whole number, or nothing' }
  if (!/^\d{1,2}$/.test(form.order.trim())) return { pointer: '/escalation_order', wrong: 'must be a whole number from 0 to 99' }
  const channels = channelsOf(form.channels, email)
  if ('wrong' in channels) return { pointer: '/channels', wrong: channels.wrong }
  const read = form.attributes.trim() === '' ? { value: {}, wrong: null } : readJson(form.attributes)
  if (read.wrong !== null) return { pointer: '/attributes', wrong: read.wrong }
  if (read.value === null || typeof read.value !== 'object' || Array.isArray(read.value))
    return { pointer: '/attributes', wrong: 'must be an object: { … }' }
  return {
    body: {
      email,
      name: form.name.trim() === '' ? null : form.name.trim(),
      roles: [...new Set(roles)],
      clearance_level: form.clearance.trim() === '' ? null : Number(form.clearance),
      escalation_order: Number(form.order),
      channels: channels.channels,
      attributes: read.value
    }
  }
}

function channelsOf(text: string, email: string): { readonly channels: readonly Channel[] } | { readonly wrong: string } {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  if (lines.length === 0) return { channels: [{ kind: 'mail', address: email }] }
  const channels = lines.map((line) => /^(mail|slack)\s+(\S+)$/.exec(line))
  const wrong = channels.findIndex((found) => found === null)
  if (wrong !== -1) return { wrong: `line ${wrong + 1} must be \`mail\` and an address, or \`slack\` and a member id` }
  return { channels: channels.map((found) => ({ kind: found![1] as Channel['kind'], address: found![2]! })) }
}
