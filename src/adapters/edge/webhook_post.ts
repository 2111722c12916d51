// One POST to a receiver: bounded in time, following nothing, reading nothing.
import { messageOf, type DeliveryAnswer } from '../../engine/index.ts'

/** Sends through this host's fetch. An answer counts by its status alone: its body is given up unread. Never throws. */
export async function postWebhook(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMs: number
): Promise<DeliveryAnswer['result']> {
  try {
    const response = await fetch(url, { method: 'POST', redirect: 'manual', headers, body, signal: AbortSignal.timeout(timeoutMs) })
    const retryAfter = response.headers.get('retry-after')
    await response.body?.cancel().catch(() => undefined)
    return { kind: 'response', status: response.status, retryAfter }
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') return { kind: 'timeout' }
    return { kind: 'failed', message: messageOf(error) }
  }
}
