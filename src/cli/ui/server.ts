// The server of `enact ui`: on this machine only, for reading only, and for nobody else's pages.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { folderApi } from './api.ts'
import { assetsOf } from './assets.ts'
import { folderHost, type FolderTrust } from './folder_host.ts'
import { refusalOf, type Refusal } from './guard.ts'

interface Options {
  /** The folder of receipts. */
  readonly dir: string
  /** `public/`, with the UI built into it. */
  readonly publicDir: string
  /** 0 takes a free one. */
  readonly port: number
  readonly trust: FolderTrust
  /** What is nobody's fault but ours. */
  onBug(error: unknown): void
}

/** A running server. */
export interface FolderUi {
  readonly url: string
  /** Resolves once every receipt was read for searching. */
  readonly warmed: Promise<void>
  stop(): Promise<void>
}

/** The only address it ever listens on: receipts are this user's, not the network's. */
const LOOPBACK = '127.0.0.1'
const API_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff'
}

/** Serves the UI over `dir` until it is stopped. Rejects where the port is taken. */
export async function startFolderUi({ dir, publicDir, port, trust, onBug }: Options): Promise<FolderUi> {
  const folder = folderHost(dir, trust)
  const assets = assetsOf(publicDir)
  const api = folderApi(folder, trust, onBug)
  let ownPort = port

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = refusalOf(askerOf(request), ownPort)
    if (refusal !== null) return refuse(response, refusal)
    const target = request.url!
    const url = URL.parse(`http://${LOOPBACK}:${ownPort}${target}`)
    if (url === null) return refuse(response, { status: 400, detail: 'the request must name a path' })
    const answer = await api(url, new Headers(accepted(request)))
    if (answer === null) {
      // The path as it was sent: what a parser would tidy up (`..`) is no path of ours.
      const found = await assets(target.split('?', 1)[0]!, request.headers['if-none-match'] ?? null)
      return void response.writeHead(found.status, found.headers).end(request.method === 'HEAD' ? undefined : (found.body ?? undefined))
    }
    const isText = typeof answer.body === 'string'
    const headers = { ...API_HEADERS, 'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json', ...answer.headers }
    const body = isText ? answer.body : JSON.stringify(answer.body)
    response.writeHead(answer.status, headers).end(request.method === 'HEAD' ? undefined : body)
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      onBug(error)
      if (!response.headersSent) response.writeHead(500, API_HEADERS)
      response.end()
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, LOOPBACK, resolve))
  ownPort = (server.address() as AddressInfo).port
  // After the port is open: the first page need not wait for it.
  const warmed = folder.warm().catch(onBug)
  return {
    url: `http://${LOOPBACK}:${ownPort}`,
    warmed,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

function askerOf({ method = '', url = '', headers, rawHeaders }: IncomingMessage) {
  const one = (name: string) => (headers[name] === undefined ? null : String(headers[name]))
  return {
    method,
    target: url,
    // Node keeps the first of several; which of them a browser meant is nobody's to guess.
    hosts: rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]!.toLowerCase() === 'host'),
    origin: one('origin'),
    site: one('sec-fetch-site'),
    mode: one('sec-fetch-mode'),
    dest: one('sec-fetch-dest')
  }
}

/** The one header that routes look at. */
function accepted({ headers }: IncomingMessage): Record<string, string> {
  return headers.accept === undefined ? {} : { accept: headers.accept }
}

function refuse(response: ServerResponse, { status, detail }: Refusal): void {
  const headers = { ...API_HEADERS, 'content-type': 'application/problem+json', ...(status === 405 ? { allow: 'GET, HEAD' } : {}) }
  response.writeHead(status, headers).end(JSON.stringify({ type: 'about:blank', status, detail, code: 'refused' }))
}
