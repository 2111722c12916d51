// What the server says of channels, and a channel as its form has it.
import type { Tone } from '../../parts/tone.ts'
import type { Delivery, Severity } from './wire.ts'

export const KINDS = ['slack', 'mail', 'pagerduty', 'sms'] as const
export type Kind = (typeof KINDS)[number]

export interface QuietHours {
  readonly start: string
  readonly end: string
  readonly time_zone: string
  readonly except: 'critical' | null
}

export interface Channel {
  readonly id: string
  readonly kind: Kind
  readonly name: string | null
  /** Empty where the address is a secret. */
  readonly target: string
  readonly min_severity: Severity
  /** Empty = all. */
  readonly rules: readonly string[]
  readonly quiet_hours: QuietHours | null
  readonly enabled: boolean
  /** Why nothing can be sent by it now. */
  readonly problem: string | null
  readonly last_delivery: { readonly status: Delivery['status']; readonly at: string; readonly error: string | null } | null
  readonly created_at: string
}

/** What a test answers: the delivery, and in a word what the vendor said. */
export interface Tested extends Delivery {
  readonly said: string | null
}

interface KindText {
  readonly title: string
  /** The name of its address on the wire. */
  readonly address: 'channel' | 'to' | 'routing_key'
  readonly label: string
  readonly hint: string
  readonly inputMode: 'text' | 'email' | 'tel'
  /** It is not shown while it is typed, and never again. */
  readonly isSecret?: true
  readonly example: string
}

export const KIND: Readonly<Record<Kind, KindText>> = {
  slack: {
    title: 'Slack',
    address: 'channel',
    label: 'Channel id',
    hint: 'At the bottom of the channel’s details in Slack. Invite the bot to the channel first.',
    inputMode: 'text',
    example: 'C0123ABCD'
  },
  mail: {
    title: 'Mail',
    address: 'to',
    label: 'Address',
    hint: 'One address; a list’s address reaches everybody on it.',
    inputMode: 'email',
    example: 'ops@example.com'
  },
  pagerduty: {
    title: 'PagerDuty',
    address: 'routing_key',
    label: 'Integration key',
    hint: 'Of an integration “Events API v2” of the service. It is stored sealed and never shown again.',
    inputMode: 'text',
    isSecret: true,
    example: ''
  },
  sms: {
    title: 'SMS',
    address: 'to',
    label: 'Number',
    hint: 'With `+` and the country’s code.',
    inputMode: 'tel',
    example: '+4915112345678'
  }
}

/** `22:00 to 07:00 Europe/Berlin, but for critical ones`. */
export function quietText({ start, end, time_zone, except }: QuietHours): string {
  return `${start} to ${end} ${time_zone}${except === 'critical' ? ', but for critical ones' : ''}`
}

export function standingOf({ enabled, problem }: Channel): { readonly tone: Tone; readonly word: string } {
  if (!enabled) return { tone: 'none', word: 'Switched off' }
  return problem === null ? { tone: 'pass', word: 'On' } : { tone: 'held', word: 'Not set up' }
}
