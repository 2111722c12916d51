// Locks under load, over HTTP against workerd: what many callers saw at once could have happened one after the other.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEdge, type LocalEdge } from '../../src/cli/local/edge.ts'
import { verifyReceipt } from '../../src/engine/index.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { webcryptoKeys } from '../../src/adapters/keys/index.ts'
import { enact } from '../cli/receipts_cli.ts'
import { LOCK_TABLE, playLocks, type LockTable } from '../engine/lock_histories.ts'
import { linearizable } from '../engine/linearizable.ts'
import { seeded } from '../engine/seeded.ts'

const HISTORIES = 1_000
const AT_ONCE = 8
const SECRET = 'uYw3tQpZk81LxVb6RcNd0MsHaE5fGj2o'
const state = mkdtempSync(join(tmpdir(), 'enact-locks-'))
const keyOf = (team: string) => `enact_live_${team}`
const teams = JSON.stringify(
  Array.from({ length: HISTORIES }, (_, i) => ({
    team: `team-${i}`,
    hash: createHash('sha256')
      .update(keyOf(`team-${i}`))
      .digest('hex')
  }))
)
const seed = [
  `INSERT INTO teams (team_id, created_by, created_at) SELECT value ->> 'team', 'test', '2026-01-01T00:00:00Z' FROM json_each(?1)`,
  `INSERT INTO api_keys (id, team_id, hash, scopes, attributes, created_at)
   SELECT value ->> 'team', value ->> 'team', value ->> 'hash', '["admin"]', '{}', '2026-01-01T00:00:00Z' FROM json_each(?1)`
].map((sql) => ({ sql, values: [teams] }))

let edge: LocalEdge
const start = (statements: typeof seed) =>
  startEdge({
    port: 0,
    state,
    variables: { ENACT_SECRET: SECRET, ENACT_RATE_SCALE: '1000', ENACT_DEV: '1' },
    devVars: false,
    seed: statements,
    watch: false,
    onLog: () => undefined
  })
beforeAll(async () => {
  edge = await start(seed)
}, 240_000)
afterAll(async () => {
  await edge.stop()
  rmSync(state, { recursive: true, force: true })
})

interface Told {
  readonly lock_id: string
  readonly fencing_token: number
}

async function call(team: string, method: string, path: string, body?: object) {
  const headers = { 'x-enact-api-key': keyOf(team), ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
  const response = await fetch(`${edge.url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  const text = await response.text()
  return { status: response.status, json: text === '' ? null : (JSON.parse(text) as Told) }
}

/** Any other answer than the ones the table knows is a failure of the test. */
function expectOneOf(status: number, known: readonly number[], json: unknown): void {
  if (!known.includes(status)) expect.fail(`unexpected ${status}: ${JSON.stringify(json)}`)
}

function tableOf(team: string): LockTable {
  return {
    async take(resources, wait_seconds) {
      const { status, json } = await call(team, 'POST', '/locks', { resources, holder: 'caller', wait_seconds })
      expectOneOf(status, [201, 409], json)
      return status === 201 ? { lock_id: json!.lock_id, token: json!.fencing_token } : null
    },
    async renew(id) {
      const { status, json } = await call(team, 'PUT', `/locks/${id}`, {})
      expectOneOf(status, [200, 410], json)
      return status === 200
    },
    async release(id) {
      const { status, json } = await call(team, 'DELETE', `/locks/${id}`)
      expectOneOf(status, [204], json)
      return true
    }
  }
}

describe('locks over HTTP', () => {
  it('1,000 concurrent histories, each in a team of its own with the same resources, are linearizable, tokens included', async () => {
    const seeds = Array.from({ length: HISTORIES }, (_, i) => i)
    let operations = 0
    let granted = 0
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let next = seeds.shift(); next !== undefined; next = seeds.shift()) {
          const history = await playLocks(seeded(next), tableOf(`team-${next}`), { callers: 4, turns: 3 })
          operations += history.length
          granted += history.filter(({ output }) => typeof output === 'object').length
          const verdict = linearizable(history, LOCK_TABLE)
          if (!verdict.ok) expect.fail(`seed ${next} is not linearizable: ${JSON.stringify(history)}`)
        }
      })
    )
    // Nothing would be proven by callers who never met, or who never got anything.
    expect(operations).toBeGreaterThan(HISTORIES * 12)
    expect(granted).toBeGreaterThan(HISTORIES * 3)
  }, 900_000)

  it('what the command line shows and breaks is what is held, and its receipt verifies', async () => {
    const { json } = await call('team-1', 'POST', '/locks', { resources: ['cli/a'], holder: 'agent-A' })
    const env = { ENACT_URL: edge.url, ENACT_API_KEY: keyOf('team-1') }
    const listed = await enact(['locks', 'list'], env)
    expect([listed.code, listed.out]).toEqual([0, expect.stringContaining(`${json!.lock_id}  agent-A`)])
    const broken = await enact(['locks', 'break', json!.lock_id, '--reason', 'test', '--json'], env)
    expect(broken.code).toBe(0)
    const { receipt } = JSON.parse(broken.out) as { receipt: unknown }
    expect((await verifyReceipt(receipt, await webcryptoKeys({ secret: SECRET }).team('team-1'), nodeHash)).problems).toEqual([])
    expect((await enact(['locks', 'list'], env)).out).toBe('nothing is locked\n')
    expect((await enact(['locks', 'list'], { ...env, ENACT_API_KEY: keyOf('team-2') })).out).toBe('nothing is locked\n')
  })

  it('tokens go on from where they were when the whole Worker was stopped and started again, and so do the locks', async () => {
    const before = (await call('team-3', 'POST', '/locks', { resources: ['kept/a'], holder: 'a', ttl_seconds: 600 })).json!
    await edge.stop()
    edge = await start([])
    expect((await call('team-3', 'POST', '/locks', { resources: ['kept'], holder: 'b' })).status).toBe(409)
    expect((await call('team-3', 'PUT', `/locks/${before.lock_id}`, {})).status).toBe(200)
    const after = (await call('team-3', 'POST', '/locks', { resources: ['new/a'], holder: 'b' })).json!
    expect(after.fencing_token).toBe(before.fencing_token + 1)
  })
})
