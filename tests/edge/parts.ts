// What edge tests share: keys of real teams, calls to the real Worker, receipts to append.
import { env, exports } from 'cloudflare:workers'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import { webcryptoKeys } from '../../src/adapters/keys/index.ts'
import { digestOf, hex, signReceipt, type JsonObject, type Receipt, type ReceiptBody, type Scope } from '../../src/engine/index.ts'
import type { LedgerCalls } from '../../durable/ledger.ts'

export const keys = webcryptoKeys({ secret: env.ENACT_SECRET })

/** A team with a key of these scopes, written as the Worker itself would. */
export async function makeKey(
  teamId: string,
  scopes: readonly Scope[],
  more: { user_email?: string; expires_at?: string; attributes?: JsonObject } = {}
): Promise<string> {
  const id = hex(uuidIds.random(8))
  const key = `enact_live_${id}_${hex(uuidIds.random(32))}`
  const hash = hex(nodeHash.sha256(nodeHash.utf8(key)))
  const at = new Date().toISOString()
  await env.DB.batch([
    env.DB.prepare('INSERT INTO teams (team_id, created_by, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING').bind(teamId, id, at),
    env.DB.prepare(
      'INSERT INTO api_keys (id, team_id, hash, scopes, user_email, attributes, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'
    ).bind(
      id,
      teamId,
      hash,
      JSON.stringify(scopes),
      more.user_email ?? null,
      JSON.stringify(more.attributes ?? {}),
      at,
      more.expires_at ?? null
    )
  ])
  return key
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any
}

/** Calls the Worker. A body that is a string goes as it is. */
export async function call(
  method: string,
  path: string,
  given: { key?: string; body?: unknown; headers?: Record<string, string>; redirect?: 'manual' } = {}
): Promise<Answered> {
  const headers: Record<string, string> = {
    ...(given.key ? { 'x-enact-api-key': given.key } : {}),
    ...(given.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...given.headers
  }
  const body =
    given.body === undefined
      ? null
      : typeof given.body === 'string' || given.body instanceof Uint8Array
        ? given.body
        : JSON.stringify(given.body)
  const response = await exports.default.fetch(
    new Request(`http://127.0.0.1${path}`, { method, headers, body: body as BodyInit | null, redirect: given.redirect ?? 'follow' })
  )
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: text !== '' && response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : null
  }
}

/** A signed receipt of this team, as a run would issue it. */
export async function makeReceipt(teamId: string, more: Partial<ReceiptBody> = {}): Promise<Receipt> {
  const payload = more.payload ?? { note: uuidIds.runId() }
  const body: ReceiptBody = {
    version: 1,
    run_id: uuidIds.runId(),
    revision: 0,
    team_id: teamId,
    mode: 'mediated',
    run_mode: 'enforce',
    workflow: 'agent_pr_workflow',
    user_email: 'agent@company.com',
    user_attributes: {},
    actor: { api_key_id: 'k', session_id: null },
    payload,
    payload_digest: digestOf(payload, nodeHash),
    policy_results: [],
    facts: {},
    decision: 'PASS',
    outcome: 'SUCCEEDED',
    actions_taken: [],
    approval: null,
    locks: [],
    links: {},
    config_digest: 'sha256:0',
    engine_version: '0.1.0',
    timestamp: new Date().toISOString(),
    ...more
  }
  return signReceipt(body, await keys.team(teamId), nodeHash)
}

export function ledgerStub(teamId: string): DurableObjectStub & LedgerCalls {
  return env.LEDGER.get(env.LEDGER.idFromName(teamId)) as unknown as DurableObjectStub & LedgerCalls
}
