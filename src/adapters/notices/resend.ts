// Mail through Resend's HTTP API.
import type { Notice } from '../../engine/index.ts'
import type { Mailer } from './mailer.ts'

export interface ResendOptions {
  readonly apiKey: string
  readonly apiUrl?: string
  readonly from: string
}

const TIMEOUT_MS = 10_000

/** A mailer over Resend. The notice's id is the idempotency key, so that a second attempt is no second mail. Never follows a redirect. */
export function resendMailer({ apiKey, apiUrl = 'https://api.resend.com', from }: ResendOptions): Mailer {
  return async ({ id, channel, subject, text, html }: Notice) => {
    const response = await fetch(`${apiUrl.replace(/\/+$/, '')}/emails`, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'idempotency-key': id },
      body: JSON.stringify({ from, to: [channel.address], subject, text, html })
    })
    // The answer is read to its end, or the connection stays busy; it may quote the mail, so it goes nowhere.
    await response.arrayBuffer()
    if (response.ok) return
    const { status, headers } = response
    throw Object.assign(new Error(`the mail was not taken: status ${status}`), { status, retryAfter: headers.get('retry-after') })
  }
}
