// A machine stays usable.
import * as z from 'zod'
import { definePolicy, deny, judgeTool, quoted } from '../../engine/index.ts'
import { Command, ON_SHELL } from './judged.ts'

/** Denies functions that start copies of themselves without end, like `:(){ :|:& };:`. */
export const blockForkBomb = definePolicy({
  id: 'block_fork_bomb',
  title: 'No fork bombs',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) =>
    judgeTool(
      context,
      ({ bombs }) =>
        bombs.length === 0
          ? null
          : deny(`function ${quoted(bombs[0]!)} starts copies of itself without end`, {
              remedy: 'call the function once, in the foreground'
            }),
      'nothing multiplies itself'
    )
})
