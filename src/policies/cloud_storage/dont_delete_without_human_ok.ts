// What a cloud keeps is deleted when a person has said so.
import * as z from 'zod'
import { allow, ask, definePolicy, deny, type Json, quoted } from '../../engine/index.ts'

const FACT = 'approval'
const DELETES =
  /(?:^|[._\-/\s])(?:delete|remove|destroy|purge|empty|erase|wipe|drop|trash|rm|rb)(?:$|[._\-/\sA-Z])|^(?:delete|remove|destroy|purge|empty|erase|wipe)[A-Z_]/

/**
 * Denies a deletion in `system_name` without an approval: one named by `hitl_id` that is APPROVED, not consumed, and of exactly this `action`, or of
 * the workflow that does it, by the fact `approval`. At the edge both are the run's own, which binds the approval to the payload and uses it up. Of an
 * agent's own tools, which can bring none, a person is asked; the gate binds the answer to exactly this call.
 */
export const dontDeleteWithoutHumanOk = definePolicy({
  id: 'dont_delete_without_human_ok',
  title: 'A person approves every deletion in cloud storage',
  params: z.strictObject({ system_name: z.string().min(1).default('cloud_storage') }),
  reads: z.object({ action: z.string().optional(), hitl_id: z.string().optional() }),
  facts: [FACT],
  evaluate({ reads: { action: named, hitl_id }, action, system, workflow, facts }, { system_name }) {
    if (system !== null && system !== system_name && system !== 'agent')
      return allow(`system ${quoted(system)} is not ${quoted(system_name)}`)
    const what = [named, action, system === null ? workflow : null].find((one) => typeof one === 'string' && DELETES.test(one))
    if (what === undefined || what === null) return allow('nothing is deleted')
    const remedy = 'ask for an approval of exactly this deletion'
    if (hitl_id === undefined && system === 'agent') return ask(`${quoted(what)} deletes in ${quoted(system_name)}`, { remedy })
    if (hitl_id === undefined)
      return deny(`${quoted(what)} deletes in ${quoted(system_name)}, and no person has approved it`, {
        remedy,
        code: 'approval_needed'
      })
    const wrong = unfit(facts[FACT], hitl_id, [what, workflow])
    if (wrong === 'unseen')
      return ask(`${quoted(what)} deletes in ${quoted(system_name)}, and approval ${quoted(hitl_id)} is still to be checked`, { remedy })
    return wrong === null
      ? allow(`approval ${quoted(hitl_id)} is of exactly this deletion`)
      : deny(`approval ${quoted(hitl_id)} ${wrong}`, { remedy })
  }
})

/** What is wrong with the approval; null where it fits, `unseen` where there is none to see. */
function unfit(value: Json | undefined, hitlId: string, actions: readonly string[]): string | null {
  if (value === undefined || value === null || typeof value !== 'object' || Array.isArray(value)) return 'unseen'
  const { hitl_id, status, decision, consumed, consumed_at, action: approved } = value as { [key: string]: Json }
  if (hitl_id !== hitlId) return 'is not the one that was given'
  if ((status ?? decision) !== 'APPROVED')
    return `is ${typeof (status ?? decision) === 'string' ? String(status ?? decision) : 'not decided'}`
  if (consumed === true || typeof consumed_at === 'string') return 'was used before'
  return typeof approved === 'string' && actions.includes(approved) ? null : 'is of another action'
}
