// How MCP clients find out what opens the door (RFC 9728). There is no authorization server here: an API key does.
import * as z from 'zod'
import { answer, type Answer } from '../problem.ts'
import { route } from '../route.ts'

const Metadata = z.strictObject({
  resource: z.url(),
  resource_name: z.string(),
  resource_documentation: z.url(),
  authorization_servers: z.array(z.url()),
  bearer_methods_supported: z.array(z.string()),
  scopes_supported: z.array(z.string())
})

const COMMON = {
  method: 'GET',
  access: 'public',
  about: 'RFC 9728. `authorization_servers` is empty: send an API key as `Authorization: Bearer`.',
  tag: 'mcp',
  answers: { 200: { title: 'The metadata', schema: Metadata } }
} as const

/** `GET /.well-known/oauth-protected-resource/mcp`. */
export const ownResourceMetadata = route({
  ...COMMON,
  id: 'ownResourceMetadata',
  path: '/.well-known/oauth-protected-resource/mcp',
  title: 'What opens the MCP server',
  handle: ({ url }) => metadata(url, '/mcp')
})

/** `GET /.well-known/oauth-protected-resource/mcp/{server}`: the same for every name, so that it tells nobody which servers there are. */
export const serverResourceMetadata = route({
  ...COMMON,
  id: 'serverResourceMetadata',
  path: '/.well-known/oauth-protected-resource/mcp/:server',
  title: 'What opens the gateway to an MCP server',
  params: z.strictObject({ server: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/) }),
  handle: ({ url, params: { server } }) => metadata(url, `/mcp/${server}`)
})

/** The address of the metadata of a path under `/mcp`, for `WWW-Authenticate`. */
export function metadataUrl({ origin, pathname }: URL): string {
  return `${origin}/.well-known/oauth-protected-resource${pathname}`
}

function metadata({ origin }: URL, path: string): Answer {
  return answer(200, {
    resource: `${origin}${path}`,
    resource_name: 'Enact',
    resource_documentation: `${origin}/docs`,
    authorization_servers: [],
    bearer_methods_supported: ['header'],
    scopes_supported: ['run', 'read']
  })
}
