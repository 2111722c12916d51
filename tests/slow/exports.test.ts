// From the command line to an installation and back: an export is ordered, made by real alarms, fetched, and verified with what the installation publishes.
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEdge, type LocalEdge } from '../../src/cli/local/edge.ts'
import { enact } from '../cli/receipts_cli.ts'

const KEY = 'enact_live_auditor'
const RECEIPTS = 2_500
const state = mkdtempSync(join(tmpdir(), 'enact-exports-'))
const hash = createHash('sha256').update(KEY).digest('hex')
const seed = [
  { sql: `INSERT INTO teams (team_id, created_by, created_at) VALUES ('acme', 'test', '2026-01-01T00:00:00Z')`, values: [] },
  {
    sql: `INSERT INTO api_keys (id, team_id, hash, scopes, attributes, created_at) VALUES ('k', 'acme', ?1, '["admin"]', '{}', '2026-01-01T00:00:00Z')`,
    values: [hash]
  }
]

let edge: LocalEdge
beforeAll(async () => {
  edge = await startEdge({
    port: 0,
    state,
    variables: { ENACT_SECRET: 'uYw3tQpZk81LxVb6RcNd0MsHaE5fGj2o', ENACT_RATE_SCALE: '1000', ENACT_DEV: '1' },
    devVars: false,
    seed,
    watch: false,
    onLog: () => undefined
  })
}, 240_000)
afterAll(async () => {
  await edge.stop()
  rmSync(state, { recursive: true, force: true })
})

const call = (method: string, path: string, body?: object) =>
  fetch(`${edge.url}${path}`, {
    method,
    headers: { 'x-enact-api-key': KEY, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
const runId = (n: number) => `0198c0de-0000-7000-8000-${String(n).padStart(12, '0')}`

describe('a compliance export', () => {
  it('of thousands of receipts, one of them erased, verifies with the published keys, and not with a byte turned', async () => {
    for (let at = 0; at < RECEIPTS; at += 50)
      await Promise.all(
        Array.from({ length: 50 }, async (_, i) => {
          const run_id = runId(at + i)
          const receipt = {
            run_id,
            workflow: 'send_email',
            decision: 'PASS',
            user_email: 'agent@company.com',
            payload: { note: `=${at + i}` }
          }
          expect((await call('POST', '/receipts', { run_id, workflow: 'send_email', decision: 'PASS', receipt })).status).toBe(201)
        })
      )
    expect((await call('DELETE', `/receipts/${runId(7)}`, { reason: 'asked for' })).status).toBe(200)
    const zip = join(state, 'export.zip')
    const env = { ENACT_URL: edge.url, ENACT_API_KEY: KEY }
    const made = await enact(['receipts', 'export', '--format', 'zip', '--out', zip, '--json'], env)
    // The erasure's receipt is an entry, too; the export's own came after the period that was asked for.
    expect([made.code, JSON.parse(made.out)]).toEqual([
      0,
      expect.objectContaining({ entries: RECEIPTS + 1, size_bytes: readFileSync(zip).length })
    ])
    const keys = `${edge.url}/.well-known/enact-keys.json?team=acme`
    const verified = await enact(['receipts', 'verify', zip, '--keys', keys])
    expect(verified).toMatchObject({ code: 0, out: expect.stringContaining(`${RECEIPTS} receipts verified`) })
    const bytes = readFileSync(zip)
    bytes[Math.floor(bytes.length / 2)]! ^= 1
    writeFileSync(zip, bytes)
    expect((await enact(['receipts', 'verify', zip, '--keys', keys])).code).toBe(5)
  })
})
