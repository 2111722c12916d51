// Receipts for tests of what stores, lists and checks them.
import { createHmac } from 'node:crypto'
import type { Receipt } from '../../src/engine/schema.ts'

/** A run's id that says its number. */
export const runId = (n: number) => `0198c0de-0000-7000-8000-${String(n).padStart(12, '0')}`

/** A whole receipt; its signature is of the right shape and means nothing. */
export function receiptOf(n: number, more: Partial<Receipt> = {}): Receipt {
  return {
    version: 1,
    run_id: runId(n),
    revision: 0,
    team_id: 'acme',
    mode: 'embedded',
    run_mode: 'enforce',
    workflow: 'agent_pr_workflow',
    user_email: 'agent@company.com',
    user_attributes: {},
    actor: { api_key_id: null, session_id: null },
    payload: { number: n },
    payload_digest: `sha256:${'0'.repeat(64)}`,
    policy_results: [{ policy: 'dont_push_to_main', passed: true, effect: 'allow', reason: 'the branch is not main' }],
    facts: {},
    decision: 'PASS',
    outcome: 'SUCCEEDED',
    actions_taken: [],
    approval: null,
    locks: [],
    links: {},
    config_digest: 'sha256:1',
    engine_version: '0.1.0',
    timestamp: new Date(Date.UTC(2026, 2, 1) + n * 60_000).toISOString(),
    ...more,
    signatures: more.signatures ?? [{ keyid: 'k', alg: 'HMAC-SHA256', sig: createHmac('sha256', 'k').update(String(n)).digest('hex') }]
  }
}
