// The agent: nothing but `fetch` against the edge endpoint, with a key of its own.
import type { InclusionProof, JsonObject, Receipt } from '../../engine/index.ts'
import type { ExportEntry } from '../receipts/export_format.ts'

export const TEAM = 'demo'
export const EMAIL = 'agent@company.com'
const TIMEOUT_MS = 60_000

/** A run that is over, as `POST /runs` answers it. */
export interface Answer {
  readonly run_id: string
  readonly decision: Receipt['decision']
  readonly outcome: Receipt['outcome']
  readonly receipt: Receipt
}

export interface Agent {
  readonly key: string
  /** A POST that is a run: `/runs`, or a rollback. */
  post(path: string, body: JsonObject): Promise<Answer>
  /** The newest receipt of a run with the proof of its place. */
  entry(runId: string): Promise<ExportEntry>
  /** What is published: the team's public keys and its newest signed checkpoint. */
  published(): Promise<{ keys: JsonObject; checkpoint: string }>
}

/** Claims the fresh installation as its owner would, who then gives the agent a key that may run and read, and nothing else. */
export async function hireAgent(url: string, secret: string): Promise<Agent> {
  const owner = await ask<{ key: string }>(url, 'POST', '/setup', null, { secret, team_id: TEAM })
  const { key } = await ask<{ key: string }>(url, 'POST', '/keys', owner.key, {
    scopes: ['run', 'read'],
    label: 'demo agent',
    user_email: EMAIL
  })
  return {
    key,
    post: async (path, body) => finished(await ask(url, 'POST', path, key, body)),
    entry: async (runId) => ({
      receipt: await ask<Receipt>(url, 'GET', `/receipts/${runId}`, key),
      proof: await ask<InclusionProof>(url, 'GET', `/receipts/${runId}/proof`, key)
    }),
    published: async () => ({
      keys: await ask<JsonObject>(url, 'GET', `/.well-known/enact-keys.json?team=${TEAM}`, null),
      checkpoint: (await ask<{ note: string }>(url, 'GET', `/checkpoints/latest?team=${TEAM}`, null)).note
    })
  }
}

async function ask<T>(url: string, method: string, path: string, key: string | null, body?: JsonObject): Promise<T> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(key === null ? {} : { 'x-enact-api-key': key }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT_MS)
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
  return JSON.parse(text) as T
}

function finished(answer: Answer & { status: string }): Answer {
  if (answer.status !== 'DONE') throw new Error(`run ${answer.run_id} is not over yet: this machine is too busy for the demo`)
  return answer
}
