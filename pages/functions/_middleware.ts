// Runs before files for the paths of `_routes.json`: these are the API's, everything else is a file of `public/`.
import routes from '../../public/_routes.json' with { type: 'json' }
import { isApiPath, pass, type PagesEnv } from '../pass.ts'

interface Context {
  readonly request: Request
  readonly env: PagesEnv
  next(): Promise<Response>
}

/** INVARIANT: asks the list itself. Whatever makes this run for other paths gets a file, not the API. */
export function onRequest({ request, env, next }: Context): Promise<Response> {
  return isApiPath(new URL(request.url).pathname, routes.include) ? pass(request, env) : next()
}
