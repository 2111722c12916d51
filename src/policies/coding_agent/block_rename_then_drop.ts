// A table is not dropped under another name.
import * as z from 'zod'
import { definePolicy, deny, judgeTool, readTool, type ToolReading } from '../../engine/index.ts'
import { CommandAndSql, ON_TOOLS } from './judged.ts'

/** Denies dropping in a session in which a table was renamed before: a rename followed by a drop loses what a rule by name protects. */
export const blockRenameThenDrop = definePolicy({
  id: 'block_rename_then_drop',
  title: 'No drop after a rename',
  params: z.strictObject({}),
  reads: CommandAndSql,
  on: ON_TOOLS,
  parses: ['shell', 'sql'],
  evaluate: (context) =>
    judgeTool(
      context,
      (reading) => {
        const now = definitionsOf(reading)
        if (!now.some(isDrop)) return null
        const earlier = context.before.some((one) => {
          const read = readTool({ ...one, parsers: context.parsers })
          return read.ok && definitionsOf(read.tree).some(isRename)
        })
        const remedy = 'leave the renamed table for a person to drop'
        return earlier || now.some(isRename) ? deny('a table was renamed in this session, and one would be dropped now', { remedy }) : null
      },
      'nothing is dropped after a rename'
    )
})

function definitionsOf(reading: ToolReading): readonly string[] {
  const summaries = reading.summaries()
  return summaries.ok ? summaries.tree.flatMap(({ definitions }) => definitions) : []
}

const isDrop = (name: string) => /^(?:DROP|TRUNCATE)\b/.test(name)
const isRename = (name: string) => /RENAME/.test(name)
