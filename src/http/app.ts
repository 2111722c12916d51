// The HTTP door: finds the route, lets in who may, parses, calls, prints. Everything it answers is JSON or a problem, except pages.
import { Hono } from 'hono'
import type * as z from 'zod'
import { fault, parseInput, type Fault } from '../engine/index.ts'
import { addressOf, authenticate, GUESS_COST, requireScope, type Asking } from './auth.ts'
import { readJson, readText } from './body.ts'
import type { Actor, Host } from './host.ts'
import { refusalPage } from './pages/refusal.ts'
import { takeRate } from './rate.ts'
import { bugReport, faultOf, problem, type Answer } from './problem.ts'
import type { Route } from './route.ts'
import { ROUTES } from './routes/index.ts'
import { metadataUrl } from './routes/oauth.ts'

const HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff'
}

export interface App {
  fetch(request: Request): Response | Promise<Response>
}

/**
 * The whole API over one installation. Never throws; whatever goes wrong is a problem document with a request id. With `known` every request
 * is that actor's, whatever key it brings: for callers that the platform itself vouches for, never for what comes from outside.
 */
export function createApp(host: Host, known: Actor | null = null): App {
  const app = new Hono()
  const methods = new Map<string, string[]>()
  for (const route of ROUTES) {
    app.on(route.method, pathFor(route), (context) => serve(host, known, route, context.req.raw, context.req.param()))
    methods.set(route.path, [...(methods.get(route.path) ?? []), route.method === 'GET' ? 'GET, HEAD' : route.method])
  }
  for (const [path, allowed] of methods) {
    app.all(pathFor({ path }), ({ req }) =>
      refuse(host, fault('method_not_allowed', `\`${path}\` takes ${allowed.join(', ')}`), req.raw, { allow: allowed.join(', ') })
    )
  }
  // Whoever opens the bare address sees the reference, or what keeps the installation from serving.
  app.get('/', ({ req }) =>
    host.refusal === null ? print({ status: 302, headers: { location: '/docs' } }, host.ports.ids.runId()) : refuse(host, null, req.raw)
  )
  app.notFound(({ req }) => refuse(host, fault('not_found', 'there is nothing at this address; /docs lists what there is'), req.raw))
  app.onError((error, { req }) => refuse(host, error, req.raw))
  return { fetch: (request) => app.fetch(request) }
}

/** `:workflow.svg` as Hono says it: a parameter that ends so. */
function pathFor({ path }: Pick<Route, 'path'>): string {
  return path.replace(/:(\w+)(\.\w+)$/, ':$1{[^/]+\\$2}')
}

async function serve(host: Host, known: Actor | null, route: Route, request: Request, params: Record<string, string>): Promise<Response> {
  const requestId = host.ports.ids.runId()
  try {
    if (host.refusal !== null && route.always !== true) return print(refusalFor(host, host.refusal, request, requestId), requestId)
    const { method, headers } = request
    const url = new URL(request.url)
    const actor = await admitCaller(host, known, route, { method, headers, url })
    const call = {
      host,
      actor,
      method,
      headers,
      url,
      // A parameter that is not an id names nothing.
      params: route.params === undefined ? {} : (route.params.safeParse(params).data ?? notFound()),
      query: route.query === undefined ? {} : parseInput(route.query, queryOf(url)),
      body: route.body === undefined ? undefined : await bodyOf(route.body, request, host),
      text: route.reads === 'text' ? await readText(request, host.ports.hash) : ''
    }
    return print(await route.handle(call), requestId)
  } catch (error) {
    return print(explain(host, error, requestId, route.path, new URL(request.url)), requestId)
  }
}

/** INVARIANT: a body that must say something cannot be left out. */
async function bodyOf(schema: z.ZodType, request: Request, host: Host): Promise<unknown> {
  return parseInput(schema, await readJson(request, host.ports.hash, schema.safeParse({}).success))
}

/** Null where nobody is asked. INVARIANT: the rate is taken before anything is parsed, and from callers without a key by address. */
async function admitCaller(host: Host, known: Actor | null, route: Route, asking: Asking): Promise<Actor | null> {
  const address = `ip:${addressOf(asking.headers)}`
  if (route.access === 'public') {
    await takeRate(host, address)
    return null
  }
  let actor: Actor
  try {
    actor = known ?? (await authenticate(host, asking))
  } catch (error) {
    await takeRate(host, address, GUESS_COST)
    throw error
  }
  await takeRate(host, `key:${actor.api_key_id}`)
  requireScope(actor, route.access)
  return actor
}

/** Each parameter once: which of two would count is nobody's to guess. */
function queryOf(url: URL): Record<string, string> {
  const query: Record<string, string> = {}
  for (const [name, value] of url.searchParams) {
    if (Object.hasOwn(query, name))
      throw fault('invalid', `\`${name}\` is given twice`, { errors: [{ pointer: `/${name}`, detail: 'given twice' }] })
    Object.defineProperty(query, name, { value, enumerable: true })
  }
  return query
}

function notFound(): never {
  throw fault('not_found', 'there is no such thing in this team')
}

function refuse(host: Host, error: unknown, request: Request, headers: Record<string, string> = {}): Response {
  const requestId = host.ports.ids.runId()
  if (host.refusal !== null) return print(refusalFor(host, host.refusal, request, requestId), requestId)
  const answer = explain(host, error, requestId, new URL(request.url).pathname)
  return print({ ...answer, headers: { ...answer.headers, ...headers } }, requestId)
}

function explain(host: Host, error: unknown, requestId: string, route: string, url?: URL): Answer {
  const given: Fault = faultOf(error)
  if (given.code === 'internal') host.log(bugReport(error, requestId, route))
  const told = problem(given, requestId)
  if (given.code !== 'unauthorized' || url === undefined || !MCP.test(url.pathname)) return told
  // How MCP clients find out what to send (RFC 9728, section 5.1).
  return { ...told, headers: { ...told.headers, 'www-authenticate': `Bearer realm="enact", resource_metadata="${metadataUrl(url)}"` } }
}

const MCP = /^\/mcp(?:\/[a-z0-9-]{1,63})?$/

function refusalFor({ ports }: Host, refusal: string, request: Request, requestId: string): Answer {
  const wantsPage = request.headers.get('accept')?.includes('text/html') ?? false
  return wantsPage ? refusalPage(ports.hash, refusal) : problem(fault('misconfigured', refusal), requestId)
}

function print(given: Answer, requestId: string): Response {
  const headers: Record<string, string> = { ...HEADERS, 'x-request-id': requestId, ...given.headers }
  if (given.body === undefined) return new Response(null, { status: given.status, headers })
  if (typeof given.body === 'string' || given.body instanceof ReadableStream)
    return new Response(given.body, { status: given.status, headers })
  headers['content-type'] ??= 'application/json'
  return new Response(JSON.stringify(given.body), { status: given.status, headers })
}
