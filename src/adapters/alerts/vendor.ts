// One request to a vendor of alerts: bounded in time, following nothing; its answer becomes an attempt's end.
import { findSecrets, messageOf, visible, type DeliveryAnswer } from '../../engine/index.ts'

export type Ended = DeliveryAnswer['result']

const TIMEOUT_MS = 10_000
const ANSWER_CHARS_MAX = 4_000
const SAID_MAX = 160

/** What is sent. `hidden` are texts that what is told of the answer must not hold. */
export interface VendorRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly hidden: readonly string[]
  /** What the vendor says went wrong, from its JSON. */
  said(answer: Readonly<Record<string, unknown>>): string
  readonly timeoutMs: number | undefined
}

/** Sends it. What the vendor would refuse again ends there; a time-out, 408, 425, 429 and 5xx may be tried again. Never throws. */
export async function ask({ url, headers, body, hidden, said, timeoutMs = TIMEOUT_MS }: VendorRequest): Promise<Ended> {
  try {
    const response = await fetch(url, { method: 'POST', redirect: 'manual', headers, body, signal: AbortSignal.timeout(timeoutMs) })
    const { status } = response
    const text = (await response.text()).slice(0, ANSWER_CHARS_MAX)
    if (status >= 300 && status < 400) return { kind: 'refused', status, message: 'redirects are not followed: is the address right?' }
    const words = status >= 400 ? toldOf(text, said, hidden) : ''
    return answered(status, response.headers.get('retry-after'), words)
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError')
      return { kind: 'failed', message: `no answer within ${timeoutMs / 1000} s` }
    return { kind: 'failed', message: spoken(messageOf(error), hidden) }
  }
}

/** The end that a status means. */
export function answered(status: number, retryAfter: string | null, words: string): Ended {
  const isForGood = status >= 400 && status < 500 && ![408, 425, 429].includes(status)
  if (isForGood) return { kind: 'refused', status, message: words === '' ? `status ${status}` : words }
  return { kind: 'response', status, retryAfter, ...(words === '' ? {} : { said: words }) }
}

/** A vendor's words as an admin may read them: one line, short, without credentials and without what is hidden. */
export function spoken(text: string, hidden: readonly string[]): string {
  const holds = hidden.some((one) => one !== '' && text.includes(one)) || findSecrets(text).length > 0
  if (holds) return 'the answer quoted a credential, so it is not shown'
  const shown = visible(text.trim())
  return shown.length > SAID_MAX ? `${shown.slice(0, SAID_MAX - 1).toWellFormed()}…` : shown
}

function toldOf(text: string, said: VendorRequest['said'], hidden: readonly string[]): string {
  try {
    return spoken(said(JSON.parse(text) as Record<string, unknown>), hidden)
  } catch {
    return ''
  }
}
