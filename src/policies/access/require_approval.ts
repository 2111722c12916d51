// Some actions wait for a person.
import * as z from 'zod'
import { ask, definePolicy } from '../../engine/index.ts'

/** Asks as many people as are `needed`, every time; bind it to the actions that it is for: `requireApproval({}, { on: ['delete_row'] })`. */
export const requireApproval = definePolicy({
  id: 'require_approval',
  title: 'A person approves first',
  params: z.strictObject({ needed: z.int().min(1).max(16).default(1) }),
  reads: z.object({}),
  evaluate: ({ action, workflow }, { needed }) =>
    ask(
      `\`${action ?? workflow}\` waits for the approval of ${needed === 1 ? 'a person' : `${needed} people`}`,
      needed === 1 ? {} : { needed }
    )
})
