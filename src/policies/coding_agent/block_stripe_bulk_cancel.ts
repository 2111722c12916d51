// Subscriptions and customers are not ended in bulk.
import * as z from 'zod'
import { type CommandLine, definePolicy, deny, judgeTool, requestsSent, spelt } from '../../engine/index.ts'
import { CommandAndUrl, ON_TOOLS } from './judged.ts'
import { runsMany } from './many_times.ts'

const STRIPE =
  /^https?:\/\/api\.stripe\.com\/v1\/(?:subscriptions|customers|refunds|charges|payment_intents|invoices|subscription_items|subscription_schedules)/i
const ENDING_CALL =
  /(?:[sS]ubscriptions?|[cC]ustomers?|[rR]efunds?|[sS]ubscription(?:Schedules?|Items?)|[iI]nvoices?)\.(?:cancel|delete|del|create_refund|void\w*|modify)$|[rR]efunds?\.create$/

/** Denies cancelling subscriptions, deleting customers or refunding in a loop, more than `max_cancels` times by one command, or by a program given in it. */
export const blockStripeBulkCancel = definePolicy({
  id: 'block_stripe_bulk_cancel',
  title: 'No cancelling in bulk at Stripe',
  params: z.strictObject({ max_cancels: z.int().min(0).default(1) }),
  reads: CommandAndUrl,
  on: ON_TOOLS,
  parses: ['shell'],
  evaluate: (context, { max_cancels }) =>
    judgeTool(
      context,
      (reading) => {
        const remedy = 'cancel the one subscription that is meant, by its id'
        const many = runsMany(reading, isEnding, max_cancels)
        if (many !== null) return deny(`\`${spelt(many)}\` would end many at Stripe`, { remedy })
        const call = reading.calls.find(({ name }) => ENDING_CALL.test(name))
        return call === undefined ? null : deny(`\`${call.name}\` in a program given in the command would end many at Stripe`, { remedy })
      },
      'nothing is cancelled in bulk'
    )
})

function isEnding(line: CommandLine): boolean {
  if (line.program === 'stripe') {
    const [resource = '', verb = ''] = line.operands
    return (
      (/^(?:cancel|delete|void_invoice|expire)$/.test(verb) && resource !== '') ||
      (resource === 'refunds' && verb === 'create') ||
      resource === 'delete'
    )
  }
  return requestsSent(line).some(
    ({ url, method, body }) =>
      STRIPE.test(url) &&
      (method === 'DELETE' || /\/(?:cancel|void)(?:$|\?)|\/refunds/.test(url) || /cancel_at_period_end=true/.test(body)) &&
      method !== 'GET'
  )
}
