// A message goes to those who were meant.
import * as z from 'zod'
import { allow, definePolicy, deny } from '../../engine/index.ts'
import { Recipients, recipientsOf } from './recipients.ts'

/** Denies a message with more than `max_recipients` in `to`, `cc` and `bcc` together; an address counts once. */
export const noMassEmails = definePolicy({
  id: 'no_mass_emails',
  title: 'No mass mail',
  params: z.strictObject({ max_recipients: z.int().min(0).default(1) }),
  reads: z.object({ to: Recipients, cc: Recipients, bcc: Recipients }),
  on: ['send_email', 'agent.mcp', 'agent.tool'],
  evaluate({ reads: { to, cc, bcc } }, { max_recipients }) {
    const count = recipientsOf(to, cc, bcc).length
    if (count <= max_recipients) return allow(`${count} recipients, at most ${max_recipients} are allowed`)
    return deny(`${count} recipients, at most ${max_recipients} are allowed`, { remedy: `write to at most ${max_recipients} at a time` })
  }
})
