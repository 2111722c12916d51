// Some actions wait for a person.
import * as z from 'zod'
import { ask, definePolicy } from '../../engine/index.ts'

/** Asks a person, every time; bind it to the actions that it is for: `requireApproval({}, { on: ['delete_row'] })`. */
export const requireApproval = definePolicy({
  id: 'require_approval',
  title: 'A person approves first',
  params: z.strictObject({}),
  reads: z.object({}),
  evaluate: ({ action, workflow }) => ask(`\`${action ?? workflow}\` waits for a person's approval`)
})
