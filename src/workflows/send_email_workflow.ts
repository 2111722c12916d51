// send_email_workflow: one mail to a few people, once, by whoever may.
import * as z from 'zod'
import { mail } from '../connectors/index.ts'
import { defineWorkflow } from '../engine/workflow.ts'

/**
 * Sends one mail. A mail cannot be taken back, and is never sent twice: a run that dies on the way ends as UNKNOWN. Everybody it goes to is locked
 * before policies judge the call, so that of several runs to one person each sees what the one before did.
 */
export const sendEmailWorkflow = defineWorkflow({
  id: 'send_email_workflow',
  title: 'Send a mail, which cannot be undone',
  payload: mail.actions.send_email.input.safeExtend({
    /** What require_actor_role reads; at the edge the gate sets it from the key. */
    actor_role: z.string().optional()
  }),
  uses: { mail: mail.uses('send_email') },
  resources: ({ actor_role: _role, ...input }) => mail.actions.send_email.resources(input),
  async run({ mail }, { actor_role: _role, ...input }) {
    await mail.send_email(input)
  }
})
