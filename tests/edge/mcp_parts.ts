// What the tests of MCP share: the protocol's real client in front of the real Worker, and what the upstream on this machine saw.
import { exports } from 'cloudflare:workers'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { inject } from 'vitest'

/** Sent with every request. */
export type Extra = Record<string, string>

/** A fetch that reaches the Worker, and nothing else. */
export const workerFetch: typeof fetch = (input, init) => exports.default.fetch(new Request(input, init))

/** A connected client of the 2026 protocol, or of the 2025 one. `open` is called for each address that the server asks to show. */
export async function connect(
  path: string,
  key: string,
  given: { readonly legacy?: true; readonly headers?: Extra; readonly open?: (url: string) => Promise<void> } = {}
): Promise<Client> {
  const open = given.open
  const client = new Client(
    { name: 'test-agent', version: '1' },
    {
      capabilities: open === undefined ? {} : { elicitation: { url: {} } },
      versionNegotiation: { mode: given.legacy ? 'legacy' : 'auto' }
    }
  )
  if (open !== undefined) {
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      await open((params as { url: string }).url)
      return { action: 'accept' }
    })
  }
  const headers = { authorization: `Bearer ${key}`, ...given.headers }
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`http://127.0.0.1${path}`), { fetch: workerFetch, requestInit: { headers } })
  )
  return client
}

/** The texts of an answer. */
export function textOf({ content }: { content?: unknown }): string {
  return ((content ?? []) as { text?: string }[]).map(({ text }) => text ?? '').join('\n')
}

/** What the upstream saw. */
export async function seenUpstream(): Promise<{
  calls: { name: string; args: unknown; session: string | null }[]
  ended: number
  elsewhere: number
  credentials: string[]
}> {
  return (await fetch(`${inject('mcpUrl')}/seen`)).json()
}

/** Makes the upstream describe its tool `echo` otherwise. */
export async function describeEcho(text: string): Promise<void> {
  await fetch(`${inject('mcpUrl')}/describe`, { method: 'POST', body: text })
}
