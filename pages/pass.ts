// Hands a request on to the API: through the binding to the Worker, else to the one address that is configured. Never anywhere else.

/** What the Pages project is configured with. */
export interface PagesEnv {
  /** The Worker `enact`. */
  readonly ENACT?: { fetch(request: Request): Promise<Response> }
  /** Its address, where there is no binding. */
  readonly ENACT_API_URL?: string
}

/** RFC 9110, section 7.6.1: they belong to one connection. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade'
]
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/** Whether the path is one that the API answers: `rules` are those of `_routes.json`, where `*` stands for anything. */
export function isApiPath(path: string, rules: readonly string[]): boolean {
  return rules.some((rule) => (rule.endsWith('*') ? path.startsWith(rule.slice(0, -1)) : path === rule))
}

/** The API's answer as it is, body unread. The path and the query go along; the host is never the request's to choose. */
export async function pass(request: Request, env: PagesEnv, send: typeof fetch = fetch): Promise<Response> {
  const url = new URL(request.url)
  // Through the binding the Worker sees this very address, so that this origin is its own.
  if (env.ENACT !== undefined) return answered(await env.ENACT.fetch(forwarded(request, url.href)))
  const base = apiOrigin(env.ENACT_API_URL)
  if (base === null)
    return refused('this site does not know where its API is: bind the Worker as ENACT, or set ENACT_API_URL to its https:// address')
  return answered(await send(forwarded(request, `${base}${url.pathname}${url.search}`)))
}

/** The origin that is configured; null for what is none, or would send keys unencrypted. */
function apiOrigin(text: string | undefined): string | null {
  const url = URL.parse(text ?? '')
  if (url === null || url.pathname !== '/' || url.search !== '' || url.username !== '' || url.password !== '') return null
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname)) ? url.origin : null
}

function forwarded(request: Request, address: string): Request {
  const headers = withoutHops(request.headers)
  headers.delete('host')
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD'
  // A redirect is the browser's to follow: followed here, it would lead wherever it says, with the cookie.
  const init: RequestInit = { method: request.method, headers, redirect: 'manual', signal: request.signal }
  return new Request(address, hasBody ? ({ ...init, body: request.body, duplex: 'half' } as RequestInit) : init)
}

function answered(response: Response): Response {
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers: withoutHops(response.headers) })
}

/** A copy without what ends with this connection, what `Connection` names among it. Several `Set-Cookie` stay several. */
function withoutHops(given: Headers): Headers {
  const headers = new Headers(given)
  const named = (given.get('connection') ?? '').split(',').map((name) => name.trim().toLowerCase())
  for (const name of [...HOP_BY_HOP, ...named]) if (/^[a-z0-9-]+$/.test(name)) headers.delete(name)
  return headers
}

function refused(detail: string): Response {
  const body = {
    type: 'urn:enact:problem:misconfigured',
    title: 'This installation is not configured',
    status: 503,
    detail,
    code: 'misconfigured'
  }
  return new Response(JSON.stringify(body), {
    status: 503,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
  })
}
