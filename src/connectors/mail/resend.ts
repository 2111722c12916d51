// Mail through Resend's HTTP API (https://resend.com/docs/api-reference/emails/send-email).
import { maybeSent, notSent, ownTime, said, taken, type Way } from './way.ts'

export interface ResendOptions {
  readonly api_key: string
  readonly api_url: string
}

const REFUSALS: Readonly<Record<number, readonly [code: string, message: string]>> = {
  400: ['rejected', 'resend does not accept the mail'],
  401: ['unauthorized', 'resend does not accept the API key'],
  403: ['forbidden', 'resend forbids this to the API key or the sender'],
  404: ['not_found', 'resend has no such address'],
  405: ['rejected', 'resend does not accept the request'],
  413: ['rejected', 'the mail is too large for resend'],
  422: ['rejected', 'resend does not accept the mail']
}
/** The request never left this machine: the only failures of a connection that say so. */
const NEVER_LEFT: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])

/** The call's own key goes along, so that Resend itself would know a second attempt. Never follows a redirect. */
export function resendWay({ api_key, api_url }: ResendOptions): Way {
  return async (mail, timeoutMs) => {
    const { from, to, cc, bcc, subject, text, html, reply_to, call } = mail
    const body = {
      from,
      to,
      ...(cc.length > 0 ? { cc } : {}),
      ...(bcc.length > 0 ? { bcc } : {}),
      subject,
      ...(text === null ? {} : { text }),
      ...(html === null ? {} : { html }),
      ...(reply_to === null ? {} : { reply_to }),
      tags: [{ name: 'enact_call', value: call.replaceAll(/[^A-Za-z0-9_-]/g, '_') }]
    }
    let response: Response
    let answer: { readonly id?: unknown; readonly message?: unknown }
    try {
      response = await fetch(`${api_url.replace(/\/+$/, '')}/emails`, {
        method: 'POST',
        redirect: 'manual',
        signal: AbortSignal.timeout(ownTime(timeoutMs)),
        headers: { authorization: `Bearer ${api_key}`, 'content-type': 'application/json', 'idempotency-key': `enact/${call}` },
        body: JSON.stringify(body)
      })
      answer = readJson(await response.text())
    } catch (error) {
      return unanswered(error)
    }
    const { status } = response
    if (response.ok) return taken({ message_id: typeof answer.id === 'string' ? answer.id.slice(0, 200) : null, rejected: [] })
    const why = said(answer.message, [api_key])
    if (status === 429) return notSent('rate_limited', `resend limits the rate: try again in ${waitSeconds(response.headers)} s`)
    const known = REFUSALS[status]
    if (known !== undefined) return notSent(known[0], `${known[1]}${why}`)
    return maybeSent('vendor_error', `resend answered ${status}${why}`)
  }
}

function unanswered(error: unknown) {
  if (error instanceof Error && /^(Timeout|Abort)Error$/.test(error.name)) return maybeSent('timed_out', 'resend did not answer in time')
  const { code } = ((error as Error | null)?.cause ?? {}) as { code?: unknown }
  if (NEVER_LEFT.has(code)) return notSent('unreachable', 'resend cannot be reached')
  return maybeSent('unreachable', 'the connection to resend failed')
}

function readJson(text: string): { readonly id?: unknown; readonly message?: unknown } {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? parsed : {}
  } catch {
    return {}
  }
}

function waitSeconds(headers: Headers): number {
  const seconds = Number(headers.get('retry-after'))
  return seconds > 0 ? Math.min(Math.ceil(seconds), 86_400) : 60
}
