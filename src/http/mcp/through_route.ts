// A tool that does what a route does goes through that route: one code path, whoever asks.
import { requireScope } from '../auth.ts'
import type { Answer } from '../problem.ts'
import type { Route } from '../route.ts'
import type { McpTurn } from './serve.ts'

/** Calls a route as its HTTP request would, once its own scopes are checked. */
export async function throughRoute(
  { host, actor, origin }: McpTurn,
  route: Route,
  given: { readonly body?: unknown; readonly params?: unknown; readonly query?: unknown; readonly headers?: Headers }
): Promise<Answer> {
  if (route.access !== 'public') requireScope(actor, route.access)
  return route.handle({
    host,
    actor,
    params: given.params ?? {},
    query: given.query ?? {},
    body: given.body,
    text: '',
    method: route.method,
    headers: given.headers ?? new Headers(),
    url: new URL(route.path, origin)
  } as never)
}
