// A real HTTP server that answers as it is told and remembers what it was asked.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EnactEdge, type EnactEdgeOptions, type Time } from '../../src/client.ts'

export const KEY = 'enact_live_0123456789abcdef_secretsecretsecret'

export interface Seen {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}

/** `'reset'` ends the connection without an answer, `'hang'` never answers. */
export type Told = { status: number; body?: unknown; text?: string; headers?: Record<string, string> } | 'reset' | 'hang'

export interface TestServer {
  readonly url: string
  readonly seen: Seen[]
  close(): Promise<void>
}

/** Starts it on a free port of this machine. `seen` has every request, the newest last. */
export async function serve(answer: (seen: Seen, count: number) => Told | Promise<Told>): Promise<TestServer> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      void (async () => {
        const url = new URL(request.url ?? '/', 'http://x')
        const text = Buffer.concat(chunks).toString()
        const one = {
          method: request.method ?? '',
          path: url.pathname,
          query: url.searchParams,
          headers: request.headers,
          body: text === '' ? undefined : (JSON.parse(text) as unknown)
        }
        seen.push(one)
        const told = await answer(one, seen.length)
        if (told === 'hang') return
        if (told === 'reset') return void response.destroy()
        response.writeHead(told.status, { 'content-type': 'application/json', ...told.headers })
        response.end(told.text ?? (told.body === undefined ? undefined : JSON.stringify(told.body)))
      })()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.closeAllConnections()
    return new Promise<void>((resolve) => server.close(() => resolve()))
  }
  return { url: `http://127.0.0.1:${port}`, seen, close }
}

export function problem(status: number, code: string, more: object = {}, headers: Record<string, string> = {}): Told {
  return {
    status,
    body: { type: `urn:enact:problem:${code}`, title: code, status, detail: `it is ${code}`, code, request_id: 'r', ...more },
    headers: { 'content-type': 'application/problem+json', ...headers }
  }
}

/** A clock that jumps over every sleep; `slept` says how long each was. */
export function leaping(): Time & { readonly slept: number[]; advance(ms: number): void } {
  let now = 1_000_000
  const slept: number[] = []
  return {
    slept,
    now: () => now,
    advance: (ms) => void (now += ms),
    async sleep(ms, signal) {
      // As a real one does: whatever is under way gets its turn, and an aborted sleep rejects.
      await new Promise((resolve) => setImmediate(resolve))
      signal?.throwIfAborted()
      slept.push(ms)
      now += ms
    }
  }
}

export function clientOf(server: Pick<TestServer, 'url'>, more: Partial<EnactEdgeOptions> = {}): EnactEdge {
  return new EnactEdge({ url: server.url, apiKey: KEY, time: leaping(), ...more })
}
