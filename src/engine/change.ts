// What an admin changes while the installation runs (facts, people), as an ordinary signed receipt.
import type { ChangeOutbox } from './edge_ports.ts'
import { Fault } from './fault.ts'
import { issueReceipt, type Draft } from './issue.ts'
import { timeText } from './plain.ts'
import type { Ports } from './ports.ts'
import type { Json } from './schema.ts'
import { ENGINE_VERSION } from './version.ts'

/** A change as it is taken down in the transaction that makes it; its receipt follows from it alone, the same bytes every time. */
export interface Change {
  readonly run_id: string
  readonly team_id: string
  /** `fact_changed:<name>`, `person_changed`. */
  readonly workflow: string
  readonly name: string
  /** Null = it was not there, or is not there any more. */
  readonly before: Json
  readonly after: Json
  readonly api_key_id: string
  /** The key's user; empty where the key is nobody's own. */
  readonly user_email: string
  readonly config_digest: string
  readonly at: number
}

/** The receipt of a change, before it is redacted and signed. */
export function changeDraft({ run_id, team_id, workflow, name, before, after, api_key_id, user_email, config_digest, at }: Change): Draft {
  return {
    run_id,
    revision: 0,
    team_id,
    mode: 'mediated',
    run_mode: 'enforce',
    workflow,
    user_email,
    user_attributes: {},
    actor: { api_key_id, session_id: null },
    payload: { name, before, after },
    policy_results: [],
    facts: {},
    decision: 'PASS',
    outcome: 'SUCCEEDED',
    actions_taken: [],
    approval: null,
    locks: [],
    links: {},
    config_digest,
    engine_version: ENGINE_VERSION,
    timestamp: timeText(at)
  }
}

/** Also one that was erased since: its row in the outbox was left over. */
function isRecorded({ team_id, run_id }: Change, { ledger }: Pick<Ports, 'ledger'>): Promise<boolean> {
  return ledger.latest(team_id, run_id).then(
    (receipt) => receipt !== null,
    (error: unknown) => {
      if (error instanceof Fault && error.code === 'erased') return true
      throw error
    }
  )
}

/** Signs the receipt of a change, stores it, and takes the change out of the outbox. Doing it again changes nothing. */
export async function recordChange(
  change: Change,
  outbox: ChangeOutbox,
  ports: Pick<Ports, 'hash' | 'keys' | 'sealed' | 'ledger'>
): Promise<void> {
  const { team_id } = change
  // After a new secret, a change that was recorded under the old one would be signed otherwise.
  if (!(await isRecorded(change, ports))) {
    await ports.ledger.append(team_id, await issueReceipt(changeDraft(change), ports))
  }
  await outbox.done(change)
}
