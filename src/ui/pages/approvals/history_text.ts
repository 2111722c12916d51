// What happened to a request, entry by entry, in sentences.
import type { JsonObject } from '../../../engine/schema.ts'

const VIA: Readonly<Record<string, string>> = { mail: 'by mail', slack: 'in Slack', api: 'by API key', ui: 'here, signed in' }

/** One entry of `history`. What it does not know it names as it is. */
export function entrySentence(entry: JsonObject): string {
  const { what, by, to, choice, reason, via, accepted } = entry
  switch (what) {
    case 'voted':
      return `${text(by)} ${choice === 'deny' ? 'denied' : 'approved'} ${VIA[text(via)] ?? text(via)}${because(reason)}`
    case 'edited':
      return `${text(by)} changed the request${accepted === true ? ', and policies accept it' : accepted === false ? ', and a policy denies the change: it stands as it was' : '; policies are judging it'}`
    case 'delegated':
      return `${text(by)} handed it on to ${text(to)}`
    case 'reminded':
      return 'everybody was reminded'
    case 'escalated':
      return 'time is running out: further approvers were asked'
    default:
      return text(what)
  }
}

/** One of `votes`. */
export function voteSentence({ by, choice, via, reason }: JsonObject): string {
  return `${text(by)} ${choice === 'deny' ? 'denied' : 'approved'} ${VIA[text(via)] ?? text(via)}${because(reason)}`
}

/** `1 of 2 approved`. */
export function votesText(needed: number, missing: number): string {
  if (needed === 1) return 'One person decides'
  return `${needed - missing} of ${needed} approved, ${missing} more must`
}

function because(reason: unknown): string {
  return typeof reason === 'string' && reason !== '' ? `: “${reason}”` : ''
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
