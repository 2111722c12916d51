// A receiver of webhooks on this machine: `/<name>/<behaviour>` answers as it is told, and remembers exactly what came.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** What a receiver got, as it came. */
export interface Got {
  readonly headers: Record<string, string>
  readonly body: string
}

export interface Receiver {
  readonly url: string
  close(): Promise<void>
}

type Behaviour = (response: ServerResponse, name: string) => void

const BEHAVIOURS: Record<string, Behaviour> = {
  ok: (response) => response.writeHead(204).end(),
  // What an attacker hopes for: that the sender asks the metadata service in its place.
  metadata: (response) => response.writeHead(301, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
  elsewhere: (response, name) => response.writeHead(307, { location: `/${name}-elsewhere/ok` }).end(),
  gone: (response) => response.writeHead(410).end(),
  busy: (response) => response.writeHead(429, { 'retry-after': '120' }).end(),
  broken: (response) => response.writeHead(500).end('no'),
  hang: () => undefined,
  // The answer begins and never ends.
  endless: (response) => void response.writeHead(200).write('x'.repeat(100_000)),
  reset: (response) => response.socket?.destroy()
}

/** Starts it. `GET /seen/<name>` gives what came under a name; `PUT /<name>/<behaviour>` changes how it behaves from now on. */
export async function startReceiver(): Promise<Receiver> {
  const got = new Map<string, Got[]>()
  const told = new Map<string, string>()
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => void serve(request, response, got, told))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      })
  }
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  got: Map<string, Got[]>,
  told: Map<string, string>
): Promise<void> {
  const [, name = '', behaviour = ''] = (request.url ?? '').split('/')
  if (request.method === 'GET') return void response.end(JSON.stringify(got.get(behaviour) ?? []))
  if (request.method === 'PUT') {
    told.set(name, behaviour)
    return void response.writeHead(204).end()
  }
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const headers = Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, String(value)]))
  got.set(name, [...(got.get(name) ?? []), { headers, body: Buffer.concat(chunks).toString('utf8') }])
  const behave = BEHAVIOURS[told.get(name) ?? behaviour]
  if (behave === undefined) response.writeHead(404).end()
  else behave(response, name)
}
