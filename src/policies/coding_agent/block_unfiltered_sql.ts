// Rows are picked before they are changed.
import * as z from 'zod'
import { definePolicy, deny, judgeTool } from '../../engine/index.ts'
import { CommandAndSql, ON_TOOLS } from './judged.ts'

/** Denies DELETE and UPDATE without a condition that picks rows, in SQL that a command or tool sends. */
export const blockUnfilteredSql = definePolicy({
  id: 'block_unfiltered_sql',
  title: 'No DELETE or UPDATE of every row',
  params: z.strictObject({}),
  reads: CommandAndSql,
  on: ON_TOOLS,
  parses: ['shell', 'sql'],
  evaluate: (context) =>
    judgeTool(
      context,
      (reading) => {
        const summaries = reading.summaries()
        if (!summaries.ok)
          return deny(`what is sent to the database cannot be judged: ${summaries.error}`, { remedy: 'write the SQL in plain words' })
        const change = summaries.tree.flatMap(({ changes }) => changes).find(({ unfiltered }) => unfiltered !== null)
        return change === undefined
          ? null
          : deny(`${change.kind} on \`${change.table}\` ${change.unfiltered!}`, { remedy: 'say which rows in WHERE' })
      },
      'every change picks its rows'
    )
})
