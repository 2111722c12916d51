// Mail through Cloudflare's `send_email` binding (https://developers.cloudflare.com/email-service/api/send-emails/workers-api/).
import type { ActionResult } from '../../engine/index.ts'
import { maybeSent, notSent, ownTime, said, taken, type Way } from './way.ts'

/** The slice of the binding in use. */
export interface EmailBinding {
  send(message: {
    readonly from: string
    readonly to: string[]
    readonly cc?: string[]
    readonly bcc?: string[]
    readonly subject: string
    readonly text?: string
    readonly html?: string
    readonly replyTo?: string
    readonly headers?: Record<string, string>
  }): Promise<{ readonly messageId?: string } | void>
}

/** Codes with which the service says that it has not taken the mail. Any other leaves that open. */
const REFUSED: Readonly<Record<string, string>> = {
  E_VALIDATION_ERROR: 'rejected',
  E_FIELD_MISSING: 'rejected',
  E_TOO_MANY_RECIPIENTS: 'rejected',
  E_CONTENT_TOO_LARGE: 'rejected',
  E_HEADER_NOT_ALLOWED: 'rejected',
  E_SENDER_NOT_VERIFIED: 'forbidden',
  E_SENDER_DOMAIN_NOT_AVAILABLE: 'forbidden',
  E_RECIPIENT_NOT_ALLOWED: 'forbidden',
  E_RECIPIENT_SUPPRESSED: 'forbidden',
  E_RATE_LIMIT_EXCEEDED: 'rate_limited',
  E_DAILY_LIMIT_EXCEEDED: 'rate_limited'
}

/** A way over the binding. A header names the call, so that the mail can be found in the account's log. */
export function bindingWay(binding: EmailBinding): Way {
  return async ({ from, to, cc, bcc, subject, text, html, reply_to, call }, timeoutMs) => {
    const message = {
      from,
      to: [...to],
      ...(cc.length > 0 ? { cc: [...cc] } : {}),
      ...(bcc.length > 0 ? { bcc: [...bcc] } : {}),
      subject,
      ...(text === null ? {} : { text }),
      ...(html === null ? {} : { html }),
      ...(reply_to === null ? {} : { replyTo: reply_to }),
      headers: { 'X-Enact-Call': call }
    }
    try {
      const answer = await inTime(binding.send(message), ownTime(timeoutMs))
      return answer === LATE
        ? maybeSent('timed_out', 'the mail binding did not answer in time')
        : taken({ message_id: answer?.messageId ?? null, rejected: [] })
    } catch (error) {
      return refusedWith(error)
    }
  }
}

const LATE = Symbol('late')

async function inTime<T>(work: Promise<T>, ms: number): Promise<T | typeof LATE> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<typeof LATE>((resolve) => (timer = setTimeout(() => resolve(LATE), ms)))
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

function refusedWith(error: unknown): ActionResult<never> {
  const { code, message } = error as { code?: unknown; message?: unknown }
  const named = typeof code === 'string' && /^E_[A-Z_]{1,60}$/.test(code) ? code : null
  const known = named === null || !Object.hasOwn(REFUSED, named) ? undefined : REFUSED[named]
  if (known === 'rate_limited') return notSent(known, `the mail binding limits the rate (${named}): try again in ${waitSeconds(error)} s`)
  if (known !== undefined) return notSent(known, `the mail binding refuses: ${named}${said(message)}`)
  return maybeSent('vendor_error', `the mail binding failed${named === null ? '' : `: ${named}`}${said(message)}`)
}

function waitSeconds(error: unknown): number {
  const { retryAfter } = error as { retryAfter?: unknown }
  return typeof retryAfter === 'number' && retryAfter > 0 ? Math.min(Math.ceil(retryAfter), 86_400) : 60
}
