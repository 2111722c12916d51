// A local stand-in for Neon's proxy: `/v2` relays a WebSocket to one Postgres, `/sql` answers queries over HTTP. Loopback only.
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, WebSocketServer, type WebSocket } from 'ws'
import { answerSql } from './neon_sql.ts'

/** A running proxy; `url` is what `NEON_LOCAL_URL` and the connector's `neon_local_url` take. */
export interface NeonProxy {
  readonly url: string
  close(): Promise<void>
}

interface Options {
  /** Where the Postgres is; names, passwords and databases come from each client and are checked by Postgres. */
  readonly databaseUrl: string
  /** 1 for a Postgres that can serve a single session (pglite): the others wait for their turn. */
  readonly maxSessions?: number
  /** 0 takes a free port. */
  readonly port?: number
}

/** Starts the proxy. It connects to that one Postgres whatever address a client asks for, and to no page in a browser. */
export async function startNeonProxy({ databaseUrl, maxSessions = 100, port = 0 }: Options): Promise<NeonProxy> {
  const { hostname, port: databasePort } = new URL(databaseUrl)
  const target = { host: hostname, port: Number(databasePort || 5432) }
  const turns = sessions(maxSessions)
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 16 * 1024 * 1024 })
  const server = createServer((request, response) => {
    if (!isTrusted(request)) return response.writeHead(403).end()
    if (request.method !== 'POST' || pathOf(request) !== '/sql') return response.writeHead(404).end()
    void turns.take().then((giveBack) => answerSql(request, response, target).finally(giveBack))
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!isTrusted(request) || !/^\/v[12]$/.test(pathOf(request))) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (client) => void relay(client, target, turns))
  })
  await listen(server, port)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const client of sockets.clients) client.terminate()
      sockets.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

/** Browsers send an Origin with WebSockets and POSTs, and a rebound name in Host: a web page must not reach the database. */
function isTrusted(request: IncomingMessage): boolean {
  return request.headers.origin === undefined && /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(request.headers.host ?? '')
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?')[0]!
}

/** The client may speak at once; what it says waits in its stream until there is a session for it. */
async function relay(client: WebSocket, target: { host: string; port: number }, turns: Sessions): Promise<void> {
  const stream = createWebSocketStream(client)
  stream.on('error', () => undefined)
  const giveBack = await turns.take()
  if (client.readyState !== client.OPEN) return giveBack()
  const socket: Socket = connect({ ...target, noDelay: true })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    giveBack()
    stream.destroy()
    client.close()
  })
  stream.on('close', () => socket.destroy())
  stream.pipe(socket)
  socket.pipe(stream)
}

interface Sessions {
  /** Resolves when it is this caller's turn, to the function that ends it. */
  take(): Promise<() => void>
}

/** First come, first served. */
function sessions(max: number): Sessions {
  const waiting: (() => void)[] = []
  let free = max
  const giveBack = () => {
    const next = waiting.shift()
    // Handed over, never put down: nobody can slip in between.
    if (next) next()
    else free++
  }
  return {
    async take() {
      if (free > 0) free--
      else await new Promise<void>((resolve) => waiting.push(resolve))
      let isOver = false
      return () => {
        if (!isOver) giveBack()
        isOver = true
      }
    }
  }
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
}
