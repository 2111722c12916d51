// A way for a mail to leave, and what its refusals mean: sent, certainly not sent, or nobody can tell.
import { done, failed, type ActionResult } from '../../engine/index.ts'
import type { Mail } from './message.ts'

/** What the provider said when it took the mail. */
export interface Taken {
  /** The provider's name for it, or the mail's own Message-ID: what a person looks it up by. */
  readonly message_id: string | null
  /** Recipients that the server did not take while it took others. */
  readonly rejected: readonly string[]
}

/** Resolves for everything that can be foreseen, `marginMs` before the recorder gives the call up. */
export type Way = (mail: Mail, timeoutMs: number) => Promise<ActionResult<{ message_id: string | null; rejected: string[] }>>

export function taken({ message_id, rejected }: Taken) {
  return done({ message_id, rejected: [...rejected] })
}

/** Certainly not sent. */
export function notSent(code: string, message: string): ActionResult<never> {
  return failed(code, message, 'none')
}

/** Nobody can tell: it is never sent again, and a person has to look. */
export function maybeSent(code: string, message: string): ActionResult<never> {
  return failed(code, message, 'unknown')
}

/** Before the recorder's own time is up, so that the answer is the connector's. */
export function ownTime(timeoutMs: number): number {
  return Math.max(1, timeoutMs - Math.min(1_000, timeoutMs / 4))
}

/** A provider's own words on one line, short, without these secrets in any of the spellings in which they travel. */
export function said(text: unknown, secrets: readonly string[] = []): string {
  if (typeof text !== 'string') return ''
  let shown = text
  for (const secret of secrets.flatMap((one) => [one, btoaUtf8(one), encodeURIComponent(one)]))
    if (secret.length > 0) shown = shown.replaceAll(secret, '[redacted]')
  const plain = shown.replace(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, ' ').trim()
  return plain === '' ? '' : ` (${plain.slice(0, 300).toWellFormed()})`
}

function btoaUtf8(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}
