// A request for hooks, in the shape of `fetch`: the platform's own takes longer to load than a verdict takes to come.
import { request as plain } from 'node:http'
import type { Fetch } from '../../client/transport.ts'

/** What the transport and the relay read of a response; redirects are answers like any other. */
export const hookFetch: Fetch = async (address, { method, headers, body, signal }) => {
  const url = new URL(address)
  // TLS is loaded where it is needed.
  const send = url.protocol === 'https:' ? (await import('node:https')).request : plain
  return new Promise((resolve, reject) => {
    const sent = send(url, { method, headers: headers as Record<string, string>, signal: signal ?? undefined }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () => {
        const status = response.statusCode ?? 0
        const text = Buffer.concat(parts).toString('utf8')
        const get = (name: string) => response.headers[name.toLowerCase()]?.toString() ?? null
        resolve({ ok: status >= 200 && status < 300, status, text: async () => text, headers: { get } } as unknown as Response)
      })
    })
    sent.on('error', reject)
    sent.end(body as string | null | undefined)
  })
}
