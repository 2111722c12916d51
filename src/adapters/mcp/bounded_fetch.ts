// The only way to an upstream MCP server: its configured address, no redirects, bounded in size and time.

/** Bytes of one answer. */
export const ANSWER_BYTES_MAX = 2_097_152

/** What an upstream did that ends a conversation. */
export class UpstreamBreach extends Error {
  readonly kind: 'too_large' | 'redirect' | 'timeout' | 'unreachable'
  constructor(kind: UpstreamBreach['kind']) {
    super(kind)
    this.name = 'UpstreamBreach'
    this.kind = kind
  }
}

/**
 * A fetch for one address. INVARIANT: whatever the server or the library asks for, a request goes there and nowhere else. No stream is
 * held open beside a request: a Worker's request ends, and nobody would listen. `onBreach` hears why an answer was cut off.
 */
export function boundedFetch(address: string, timeoutMs: number, onBreach: (breach: UpstreamBreach) => void): typeof fetch {
  return async (input, init) => {
    const { url, method } = new Request(input, { method: init?.method ?? 'GET' })
    if (url !== new URL(address).href) throw new Error('an upstream is reached at its own address alone')
    if (method === 'GET') return new Response(null, { status: 405 })
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(init?.signal ? [init.signal] : [])])
    const response = await fetch(address, { ...init, signal, redirect: 'manual' }).catch((error: unknown) => {
      if (init?.signal?.aborted === true) throw error
      return breach(error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'unreachable')
    })
    if (response.status >= 300 && response.status < 400) breach('redirect')
    if (response.body === null) return response
    let left = ANSWER_BYTES_MAX
    const counted = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          left -= chunk.byteLength
          if (left >= 0) controller.enqueue(chunk)
          else {
            const found = new UpstreamBreach('too_large')
            controller.error(found)
            onBreach(found)
          }
        }
      })
    )
    return new Response(counted, { status: response.status, headers: response.headers })
  }

  function breach(kind: UpstreamBreach['kind']): never {
    const found = new UpstreamBreach(kind)
    onBreach(found)
    throw found
  }
}
