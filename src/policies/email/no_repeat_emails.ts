// Nobody is written to twice about the same.
import * as z from 'zod'
import { allow, definePolicy, deny, type Json, type JsonObject, quoted } from '../../engine/index.ts'
import { Recipients, recipientsOf } from './recipients.ts'

const FACT = 'recent_receipts'
const HOUR_MS = 3_600_000

/** Denies a message to somebody whom a PASS of `workflow_name` wrote to within `window_hours`, in this session or by the receipts of the fact `recent_receipts`. */
export const noRepeatEmails = definePolicy({
  id: 'no_repeat_emails',
  title: 'No second mail to one person',
  params: z.strictObject({ window_hours: z.number().positive().default(24), workflow_name: z.string().min(1).default('send_email') }),
  reads: z.object({ to: Recipients }),
  on: ['send_email', 'agent.mcp', 'agent.tool'],
  facts: [FACT],
  evaluate({ reads: { to }, before, facts, now }, { window_hours, workflow_name }) {
    const wanted = recipientsOf(to)
    const since = now - window_hours * HOUR_MS
    const mailed = new Set([
      ...before
        .filter((one) => (one.workflow === workflow_name || one.action === workflow_name) && one.now >= since)
        .flatMap((one) => addressesIn(one.payload)),
      ...receiptsOf(facts[FACT])
        .filter((one) => isMailed(one, workflow_name, since))
        .flatMap((one) => addressesIn(one.payload as JsonObject))
    ])
    const again = wanted.find((address) => mailed.has(address))
    if (again === undefined) return allow('nobody was written to before')
    return deny(`${quoted(again)} was written to within the last ${window_hours} hours`, {
      remedy: 'wait, or answer in the message that was sent'
    })
  }
})

function receiptsOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value)
    ? value.filter((one): one is JsonObject => one !== null && typeof one === 'object' && !Array.isArray(one))
    : []
}

/** Only a PASS that was enforced sent anything. */
function isMailed({ workflow, decision, timestamp, run_mode, payload }: JsonObject, name: string, since: number): boolean {
  const at = typeof timestamp === 'string' ? Date.parse(timestamp) : typeof timestamp === 'number' ? timestamp : Number.NaN
  return (
    workflow === name &&
    decision === 'PASS' &&
    (run_mode ?? 'enforce') === 'enforce' &&
    at >= since &&
    payload !== null &&
    typeof payload === 'object'
  )
}

function addressesIn({ to, cc, bcc }: JsonObject): readonly string[] {
  return recipientsOf(
    ...[to, cc, bcc].map((one) =>
      typeof one === 'string' ? one : Array.isArray(one) ? one.filter((item) => typeof item === 'string') : undefined
    )
  )
}
