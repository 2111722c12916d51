// A tool that deletes deletes, whatever server it belongs to.
import * as z from 'zod'
import { allow, ask, definePolicy, deny, quoted } from '../../engine/index.ts'

const VERBS: ReadonlySet<string> = new Set('delete destroy drop purge wipe terminate truncate erase nuke deprovision'.split(' '))
const LOSING: ReadonlySet<string> = new Set(
  'database db databases project projects volume volumes bucket buckets repository repositories repo cluster clusters namespace table tables disk instance instances stack server servers domain zone backup backups snapshot snapshots organization account tenant environment branch'.split(
    ' '
  )
)
const LIGHTER: ReadonlySet<string> = new Set('remove reset cancel revoke disable archive'.split(' '))

/** Denies tools of servers and frameworks whose name says that they delete a database, a volume, a project or its like, and asks about those that delete anything else; `allowed` names those that may run. */
export const blockDestructiveTool = definePolicy({
  id: 'block_destructive_tool',
  title: 'No tools that delete what cannot be brought back',
  params: z.strictObject({ allowed: z.array(z.string().min(1)).default([]) }),
  reads: z.object({ tool: z.string().optional() }),
  on: ['agent.mcp', 'agent.tool'],
  evaluate({ reads: { tool } }, { allowed }) {
    if (tool === undefined || allowed.includes(tool)) return allow('no tool is named that deletes')
    const words = wordsOf(tool)
    const deletes = words.some((word) => VERBS.has(word))
    const loses = words.some((word) => LOSING.has(word))
    const remedy = 'leave the deletion to a person, or list the tool in `allowed`'
    if (deletes && loses) return deny(`tool ${quoted(tool)} deletes what cannot be brought back`, { remedy })
    if (deletes || (loses && words.some((word) => LIGHTER.has(word)))) return ask(`tool ${quoted(tool)} deletes`, { remedy })
    return allow(`tool ${quoted(tool)} does not say that it deletes`)
  }
})

/** `mcp__railway__volumeDelete` in words, without the server's name. */
function wordsOf(tool: string): readonly string[] {
  return tool
    .slice(0, 256)
    .replace(/^mcp__.+?__/i, '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
}
