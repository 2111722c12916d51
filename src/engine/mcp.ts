// MCP servers behind the gateway: how a team configures them, and which of their tools, resources and prompts exist for agents at all.
import * as z from 'zod'
import { fault } from './fault.ts'
import type { Json } from './schema.ts'

/** An upstream MCP server. INVARIANT: its address and credential come from the configuration alone, and no agent ever sees the headers. */
export interface McpUpstream {
  /** Names it in `POST /mcp/{server}`. */
  readonly id: string
  /** Streamable HTTP; `https`, or `http` on this machine. */
  readonly url: string
  /** Sent with every request: where the credential belongs, read from the environment. */
  readonly headers?: Readonly<Record<string, string>>
  /** Tools that agents may see and call: names, or beginnings of names with `*`. */
  readonly allow: readonly string[]
  /** Addresses of resources that may be read, likewise; none unless given. */
  readonly resources?: readonly string[]
  /** Prompts that may be used, likewise; none unless given. */
  readonly prompts?: readonly string[]
  /** How long one answer may take; 30 s unless given. */
  readonly timeout_ms?: number
}

const Patterns = z.array(z.string().min(1).max(512)).max(500)

const Upstream = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens, 63 at most'),
  url: z.url({ protocol: /^https?$/ }),
  headers: z.record(z.string().regex(/^[\w-]{1,100}$/), z.string().min(1).max(8_192)).optional(),
  allow: Patterns,
  resources: Patterns.optional(),
  prompts: Patterns.optional(),
  timeout_ms: z.int().min(100).max(300_000).optional()
})

/** A host, a port perhaps, a path: no credential, and nothing that two parsers could read in two ways. */
const ADDRESS = /^(https?):\/\/([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:[/?][!-~]*)?$/i
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** The team's upstreams by id. Throws fault `misconfigured` naming the first thing that is wrong, never a header's value. */
export function mcpUpstreams(given: readonly McpUpstream[], hasToolSystem: boolean): ReadonlyMap<string, McpUpstream> {
  const byId = new Map<string, McpUpstream>()
  for (const one of given) {
    const name = `MCP server \`${String(one.id).slice(0, 80)}\``
    const parsed = Upstream.safeParse(one)
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0]!
      throw fault('misconfigured', `${name}: ${path.join('.')} ${message}`)
    }
    const [, protocol, host] = ADDRESS.exec(one.url) ?? []
    if (host === undefined) throw fault('misconfigured', `${name}: put the credential into \`headers\`, and a plain host into the address`)
    if (protocol !== 'https' && !LOOPBACK.has(host)) throw fault('misconfigured', `${name}: its address must be https`)
    if (byId.has(one.id)) throw fault('misconfigured', `${name} is configured twice`)
    if (!hasToolSystem)
      throw fault(
        'misconfigured',
        `${name}: list \`toolSystem()\` as a connector and \`agent.mcp\` as an action, so that policies judge its tools`
      )
    byId.set(one.id, one)
  }
  return byId
}

/** What of an upstream can change a verdict or what is reached: for the digest of the configuration. Header values are secrets and not in it. */
export function describeUpstreams(upstreams: ReadonlyMap<string, McpUpstream>): Json {
  return [...upstreams.values()].map(({ id, url, headers = {}, allow, resources = [], prompts = [] }) => ({
    id,
    url,
    headers: Object.keys(headers).sort(),
    allow: [...allow],
    resources: [...resources],
    prompts: [...prompts]
  }))
}

/** Whether a name is one of the listed, or begins as one that ends in `*`. */
export function isListed(name: string, patterns: readonly string[] | undefined): boolean {
  return (patterns ?? []).some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : one === name))
}
