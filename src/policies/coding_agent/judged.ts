// What the policies of this family have in common: the tool calls that they judge, the keys that they read, the verdict on a found command.
import * as z from 'zod'
import { ask, deny, type TableMatch, type ToolReading, type Verdict } from '../../engine/index.ts'

/** Shell commands, whichever tool runs them. */
export const ON_SHELL: readonly string[] = ['agent.shell']
/** Every tool call. */
export const ON_TOOLS: readonly string[] = ['agent.*']

export const Command = z.object({ command: z.string().optional() })
export const CommandAndPath = z.object({ command: z.string().optional(), path: z.string().optional() })
export const CommandAndSql = z.object({ command: z.string().optional(), sql: z.string().optional() })
export const CommandAndUrl = z.object({ command: z.string().optional(), url: z.string().optional() })

/** Whether a match is denied or put before a person. */
export const OnMatch = z.enum(['deny', 'ask'])

/** The verdict on the first command of the table that would run. */
export function foundIn(
  table: (reading: ToolReading) => TableMatch | null,
  remedy: string,
  effect: 'deny' | 'ask' = 'deny'
): (reading: ToolReading) => Verdict | null {
  return (reading) => {
    const found = table(reading)
    return found === null ? null : (effect === 'deny' ? deny : ask)(`\`${found.spelt}\` ${found.does}`, { remedy })
  }
}
