// Receipts for tests of what is shown: one that is plain, to be changed where it matters.
import type { ActionTaken, Receipt } from '../../src/engine/schema.ts'

export function receiptOf(changes: Partial<Receipt> = {}): Receipt {
  return {
    version: 1,
    run_id: '01a22160-5fd7-7a7c-a32b-47cb8a9ea6a4',
    revision: 0,
    team_id: 'acme',
    mode: 'mediated',
    run_mode: 'enforce',
    workflow: 'delete_row',
    user_email: 'agent@company.com',
    user_attributes: {},
    actor: { api_key_id: 'k1', session_id: null },
    payload: { table: 'customers', where: { plan: 'old' } },
    payload_digest: `sha256:${'0'.repeat(64)}`,
    policy_results: [],
    judged_at: '2026-11-28T09:00:00.000Z',
    facts: {},
    decision: 'PASS',
    outcome: 'SUCCEEDED',
    actions_taken: [],
    approval: null,
    locks: [],
    links: {},
    config_digest: 'sha256:0',
    engine_version: '0.1.0',
    timestamp: '2026-11-28T09:00:00.500Z',
    signatures: [],
    ...changes
  }
}

export function takenOf(changes: Partial<ActionTaken> = {}): ActionTaken {
  return {
    action: 'delete_row',
    system: 'postgres',
    success: true,
    status: 'DONE',
    output: {},
    rollback_data: null,
    resources: [],
    started_at: '2026-11-28T09:00:00.100Z',
    finished_at: '2026-11-28T09:00:00.400Z',
    error: null,
    ...changes
  }
}

/** What a call of Postgres answers. */
export function rowsOf(before: Record<string, string | null>[], after: Record<string, string | null>[], table = 'public.customers') {
  return { table, key: ['id'], affected: Math.max(before.length, after.length), before, after }
}
