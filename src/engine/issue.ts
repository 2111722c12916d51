// Issuing a receipt: secrets out, originals sealed, both signatures over the same bytes.
import { canonicalBytes, digestOf } from './canonical.ts'
import type { Ports } from './ports.ts'
import { signReceipt } from './receipt.ts'
import { redact } from './redaction.ts'
import type { ActionTaken, JsonObject, Receipt, ReceiptBody } from './schema.ts'

/** The originals that a rollback or replay needs where the receipt shows them redacted. */
export interface Originals {
  readonly payload: JsonObject
  /** By position in `actions_taken`. */
  readonly rollback_data: readonly ActionTaken['rollback_data'][]
}

/** A receipt as it happened, before redaction: `payload_digest` and `sealed_digest` are made here. */
export type Draft = Omit<ReceiptBody, 'version' | 'payload_digest' | 'sealed_digest'>

/**
 * Redacts, seals and signs. INVARIANT: nothing secret-shaped is in what it returns, and where something was taken out,
 * the originals are stored sealed before the receipt exists.
 */
export async function issueReceipt(draft: Draft, ports: Pick<Ports, 'hash' | 'keys' | 'sealed'>): Promise<Receipt> {
  const keyring = await ports.keys.team(draft.team_id)
  const { payload, actions_taken } = draft
  const shown = redact({
    payload,
    user_attributes: draft.user_attributes,
    policy_results: draft.policy_results,
    facts: draft.facts,
    actions_taken: actions_taken as unknown as JsonObject[],
    error: draft.error ?? null
  } as unknown as JsonObject)
  const clean = shown.value as unknown as Pick<Draft, 'payload' | 'user_attributes' | 'policy_results' | 'facts' | 'actions_taken'> & {
    error: Draft['error'] | null
  }
  const payloadRedacted = shown.redacted && redact(payload).redacted
  const originals: Originals = { payload, rollback_data: actions_taken.map((taken) => taken.rollback_data) }
  const plain = canonicalBytes(originals as unknown as JsonObject, ports.hash)
  const { error, ...fields } = clean
  const body: ReceiptBody = {
    ...draft,
    ...fields,
    version: 1,
    // A plain digest of a redacted payload would let anyone guess short secrets against it.
    payload_digest: payloadRedacted ? await keyring.commit(canonicalBytes(payload, ports.hash)) : digestOf(payload, ports.hash),
    ...(shown.redacted ? { sealed_digest: await keyring.commit(plain) } : {}),
    ...(error ? { error } : {})
  }
  if (shown.redacted) await ports.sealed.put(draft.team_id, draft.run_id, await keyring.seal(plain, sealContext(draft.run_id)))
  return signReceipt(body, keyring, ports.hash)
}

/** The same for a receipt of no run: it is in the ledger when this resolves. */
export async function issueAndAppend(draft: Draft, ports: Pick<Ports, 'hash' | 'keys' | 'ledger' | 'sealed'>): Promise<Receipt> {
  const receipt = await issueReceipt(draft, ports)
  return { ...receipt, ledger: await ports.ledger.append(draft.team_id, receipt) }
}

/** Whether the receipt was issued for exactly this payload, be it shown or redacted. */
export async function isPayloadOf(
  { team_id, payload_digest }: Pick<Receipt, 'team_id' | 'payload_digest'>,
  payload: JsonObject,
  { hash, keys }: Pick<Ports, 'hash' | 'keys'>
): Promise<boolean> {
  if (payload_digest === digestOf(payload, hash)) return true
  return (await keys.team(team_id)).isCommitment(canonicalBytes(payload, hash), payload_digest)
}

/** What a sealed text is bound to, so that one run's originals cannot be passed off as another's. */
export function sealContext(runId: string): string {
  return `enact/sealed/${runId}`
}
