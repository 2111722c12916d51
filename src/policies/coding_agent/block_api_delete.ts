// Deleting by a provider's API is deleting.
import * as z from 'zod'
import { definePolicy, deny, judgeTool, quoted, type RequestUse } from '../../engine/index.ts'
import { CommandAndUrl, ON_TOOLS } from './judged.ts'

const LOCAL = /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\]|0\.0\.0\.0|host\.docker\.internal)$/
/** Ports of databases and search engines, which hold data on this machine too. */
const DATA_PORTS: ReadonlySet<string> = new Set(
  '9200 9201 7700 6333 8108 5984 8086 15672 2379 8500 8200 9000 19530 8529 7474 3100 8123 8983 2375 6443 4646'.split(' ')
)
const DELETING_PATH =
  /\/(?:do(?:Delete|Wipe)\w*|_delete_by_query|_flush|_truncate|purge|flushall|truncate|delete-batch|delete|deleteByQuery|delete_by|wipe(?:Out)?\w*|_close|doDisable|quietDown|exit|safeExit|restart|safeRestart|clear|delete-?all)(?:[/?]|$)|[?&](?:stream\.body|commit).*delete/i
/** Calls of providers' own libraries. */
const SDK_DELETES =
  /(?:^|[.:>])(?:delete_?(?:bucket|table|database|db_?instance|db_?cluster|cluster|stack|index|topic|queue|volume|snapshot|project|repository|hosted_?zone|function|secret|user|role|collection|namespace)s?|clear_?(?:objects|index)|delete_?by(?:_?query)?|purge_?queue|terminate_?instances|drop_?collection|drop_?database|delete_?objects)$/i
/** What keeps branches from being overwritten. */
const PROTECTION = /\/branches\/[^/]+\/protection|\/rulesets(?:\/|$)/
const DELETING_MUTATION =
  /\bmutation\b[\s\S]{0,400}?\b\w{0,64}(?:delete|destroy|remove|purge|wipe|terminate|truncate|drop(?:table|database|collection|index|schema))\w{0,64}\s*\(/i
const DELETING_BODY =
  /"(?:action|operation|op|method|cmd|command)"\s*:\s*"(?:delete|remove|destroy|purge|drop|flushall|flushdb|terminate)\w*"|<delete>|"delete"\s*:\s*\{/i

/** Denies requests that delete at a provider or in a store: `DELETE`, GraphQL mutations that delete, `doDelete`, `_delete_by_query`. A server under test on this machine may be asked to. */
export const blockApiDelete = definePolicy({
  id: 'block_api_delete',
  title: 'No deleting by API',
  params: z.strictObject({ allowed_hosts: z.array(z.string().min(1)).default([]) }),
  reads: CommandAndUrl,
  on: ON_TOOLS,
  parses: ['shell'],
  evaluate: (context, { allowed_hosts }) =>
    judgeTool(
      context,
      ({ requests, calls }) => {
        const call = calls.find(({ name }) => SDK_DELETES.test(name))
        if (call !== undefined)
          return deny(`\`${call.name}\` in a program given in the command deletes at a provider`, {
            remedy: 'leave the deletion to a person'
          })
        const bodySays = bodyReader()
        for (const request of requests) {
          const what = deletes(request, bodySays)
          if (what === null) continue
          // What only the shell will know is taken for a name, so that the rest can be read.
          const url = context.parsers.url(request.url.replaceAll(/\$\{[^}]*\}|\$\([^)]*\)|\$\w+/g, 'unknown'))
          const host = url.ok ? url.tree.hostname : ''
          if (url.ok && LOCAL.test(host) && !DATA_PORTS.has(url.tree.port)) continue
          if (allowed_hosts.some((allowed) => host === allowed.toLowerCase() || host.endsWith(`.${allowed.toLowerCase()}`))) continue
          return deny(`${what} to ${quoted(request.url)} takes something away there`, {
            remedy: 'look with a GET, and leave the deletion to a person'
          })
        }
        return null
      },
      'nothing is deleted by API'
    )
})

/** What a body asks for. Judged once for each: one command may send the same to many addresses. */
function bodyReader(): (body: string) => 'mutation' | 'delete' | null {
  const known = new Map<string, 'mutation' | 'delete' | null>()
  return (body) => {
    const said = known.get(body)
    if (said !== undefined) return said
    const says = DELETING_MUTATION.test(body) ? 'mutation' : DELETING_BODY.test(body) ? 'delete' : null
    known.set(body, says)
    return says
  }
}

function deletes({ method, url, body }: RequestUse, bodySays: ReturnType<typeof bodyReader>): string | null {
  if (method === 'DELETE' || method === 'PURGE') return `a ${method} request`
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return null
  const said = bodySays(body)
  if (said === 'mutation') return 'a mutation that deletes'
  if (PROTECTION.test(url)) return `a ${method} request that changes what protects branches`
  if (DELETING_PATH.test(url)) return `a ${method} request`
  return said === 'delete' ? `a ${method} request` : null
}
