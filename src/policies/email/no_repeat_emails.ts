// Nobody is written to twice about the same.
import * as z from 'zod'
import { allow, definePolicy, deny, type Json, type JsonObject, quoted } from '../../engine/index.ts'
import { Recipients, recipientsOf } from './recipients.ts'

const FACT = 'recent_receipts'
const HOUR_MS = 3_600_000

/**
 * Denies a message to somebody whom a PASS of `workflow_name` (a workflow, or the action that its calls make) wrote to within `window_hours`, in
 * this session or by the team's own receipts. One whose outcome is UNKNOWN wrote; one that FAILED without effect did not.
 */
export const noRepeatEmails = definePolicy({
  id: 'no_repeat_emails',
  title: 'No second mail to one person',
  params: z.strictObject({
    window_hours: z.number().positive().default(24),
    workflow_name: z.string().min(1).default('send_email'),
    /** Whether `cc` and `bcc` are judged like `to`: else whoever may not be written to again is sent a copy. */
    copies: z.boolean().default(true)
  }),
  reads: z.object({ to: Recipients, cc: Recipients, bcc: Recipients }),
  on: ['send_email', 'agent.mcp', 'agent.tool'],
  past: {
    fact: FACT,
    ask({ to, cc, bcc }, { window_hours, workflow_name, copies }, now) {
      // What is no address was never mailed, and is often the `to` of another tool.
      const values = recipientsOf(to, ...(copies ? [cc, bcc] : [])).filter((address) => address.includes('@'))
      return values.length === 0 ? null : { about: 'recipient', values, did: workflow_name, since: now - window_hours * HOUR_MS }
    }
  },
  evaluate({ reads: { to, cc, bcc }, before, facts, now }, { window_hours, workflow_name, copies }) {
    const wanted = recipientsOf(to, ...(copies ? [cc, bcc] : []))
    const since = now - window_hours * HOUR_MS
    const session = new Set(
      before
        .filter((one) => (one.workflow === workflow_name || one.action === workflow_name) && one.now >= since)
        .flatMap(({ payload }) => recipientsOf(payload.to, payload.cc, payload.bcc))
    )
    const receipts = receiptsOf(facts[FACT]).filter((one) => isMailed(one, workflow_name, since))
    const inSession = wanted.find((address) => session.has(address))
    if (inSession !== undefined) return repeated(inSession, `earlier in this session, within the last ${window_hours} hours`)
    for (const address of wanted) {
      const earlier = receipts.find(({ payload }) => isAddressed(payload, address))
      if (earlier === undefined) continue
      const by = typeof earlier.run_id === 'string' ? ` by run \`${earlier.run_id}\`` : ''
      const doubt = earlier.outcome === 'UNKNOWN' ? ', as far as anybody can tell' : ''
      return repeated(address, `within the last ${window_hours} hours${by}${doubt}`)
    }
    return allow('nobody was written to before')
  }
})

function repeated(address: string, when: string) {
  return deny(`${quoted(address)} was written to ${when}`, { remedy: 'wait, or answer in the message that was sent' })
}

function receiptsOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value)
    ? value.filter((one): one is JsonObject => one !== null && typeof one === 'object' && !Array.isArray(one))
    : []
}

/** Only a PASS that was enforced sent anything. */
function isMailed({ workflow, actions, decision, timestamp, run_mode }: JsonObject, name: string, since: number): boolean {
  const at = typeof timestamp === 'string' ? Date.parse(timestamp) : typeof timestamp === 'number' ? timestamp : Number.NaN
  const did = workflow === name || (Array.isArray(actions) && actions.includes(name))
  return did && decision === 'PASS' && (run_mode ?? 'enforce') === 'enforce' && at >= since
}

function isAddressed(payload: Json | undefined, address: string): boolean {
  if (payload === undefined || payload === null || typeof payload !== 'object' || Array.isArray(payload)) return false
  const { to, cc, bcc } = payload as JsonObject
  return recipientsOf(to, cc, bcc).includes(address)
}
