// Locks over HTTP: one holder, tokens that only grow, a fair queue, nobody else's; and what an admin breaks is receipted.
import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import { verifyReceipt, type LeaseEvent } from '../../src/engine/index.ts'
import { edgeLocks } from '../../src/adapters/edge/locks.ts'
import { linearizable } from '../engine/linearizable.ts'
import { seeded } from '../engine/seeded.ts'
import { LOCK_TABLE, playLocks, type LockTable } from '../engine/lock_histories.ts'
import type { LocksCalls } from '../../durable/locks.ts'
import { call, keys, makeKey } from './parts.ts'

let agent = ''
let other = ''
let admin = ''
let stranger = ''
const NOBODY = '00000000-0000-7000-8000-000000000000'

beforeAll(async () => {
  agent = await makeKey('locks', ['run'])
  other = await makeKey('locks', ['run'])
  admin = await makeKey('locks', ['admin'], { user_email: 'ops@company.com' })
  stranger = await makeKey('strangers', ['admin'])
})

const take = (resources: string[], more: object = {}, key = agent, headers: Record<string, string> = {}) =>
  call('POST', '/locks', { key, body: { resources, holder: 'agent-A', ...more }, headers })
const renew = (id: string, key = agent, ttl_seconds = 60) => call('PUT', `/locks/${id}`, { key, body: { ttl_seconds } })
const release = (id: string, key = agent) => call('DELETE', `/locks/${id}`, { key })
const list = async (key = agent) => (await call('GET', '/locks?limit=200', { key })).json.data as { lock_id: string; resources: string[] }[]
const stub = (team: string) => env.LOCKS.get(env.LOCKS.idFromName(team))

describe('the queue of locks', () => {
  it('shows the team who waits for what until when, and nobody else’s', async () => {
    const held = (await take(['line/a'])).json
    const waits = take(['line/a', 'line/b'], { wait_seconds: 30, holder: 'agent-B' }, other)
    const queue = async (key = agent) => (await call('GET', '/locks/queue', { key })).json
    await expect.poll(async () => (await queue()).data).toHaveLength(1)
    expect(await queue()).toEqual({
      data: [{ place: 1, holder: 'agent-B', run_id: null, resources: ['line/a', 'line/b'], waits_until: expect.stringMatching(/Z$/) }],
      next_cursor: null,
      has_more: false
    })
    expect((await queue(stranger)).data).toEqual([])
    await release(held.lock_id)
    expect((await waits).status).toBe(201)
    expect((await queue()).data).toEqual([])
  })
})

describe('a lock', () => {
  it('is taken whole, told to the loser, renewed, listed and released', async () => {
    const mine = await take(['github/acme/app', 'github/acme/web'])
    expect([mine.status, mine.json]).toEqual([
      201,
      {
        lock_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        resources: ['github/acme/app', 'github/acme/web'],
        fencing_token: expect.any(Number),
        expires_at: expect.stringMatching(/Z$/)
      }
    ])
    const lost = await take(['github/acme/free', 'github/acme/app/branch/main'], { holder: 'agent-B' }, other)
    expect([lost.status, lost.headers.get('content-type')]).toEqual([409, 'application/problem+json'])
    expect(lost.json).toMatchObject({
      code: 'locked',
      resource: 'github/acme/app',
      holder: 'agent-A',
      run_id: null,
      expires_at: mine.json.expires_at,
      detail: `resource \`github/acme/app\` locked by agent-A until ${mine.json.expires_at}`
    })
    // All or nothing: what was free stays free.
    expect((await take(['github/acme/free'], {}, other)).status).toBe(201)
    const renewed = await renew(mine.json.lock_id, agent, 600)
    expect([renewed.status, renewed.json.fencing_token]).toEqual([200, mine.json.fencing_token])
    expect(Date.parse(renewed.json.expires_at)).toBeGreaterThan(Date.parse(mine.json.expires_at))
    expect(await list()).toContainEqual(expect.objectContaining({ ...renewed.json, holder: 'agent-A', run_id: null }))
    expect((await release(mine.json.lock_id)).status).toBe(204)
    expect((await release(mine.json.lock_id)).status).toBe(204)
    const late = await renew(mine.json.lock_id)
    expect([late.status, late.json.code]).toEqual([410, 'lock_lost'])
  })

  it('excludes its own key’s other agents, and shared ones share', async () => {
    expect((await take(['db/a'])).status).toBe(201)
    expect((await take(['db/a'])).status).toBe(409)
    expect((await take(['db/b'], { mode: 'shared' })).status).toBe(201)
    expect((await take(['db/b'], { mode: 'shared' }, other)).status).toBe(201)
    expect((await take(['db/b'])).status).toBe(409)
  })

  it('of another key is neither renewed nor released, and one of a run by no request at all', async () => {
    const { lock_id } = (await take(['keys/a'])).json
    for (const key of [other, admin])
      for (const answer of [await renew(lock_id, key), await release(lock_id, key)])
        expect([answer.status, answer.json.code]).toEqual([403, 'forbidden'])
    const [{ id: api_key_id }] = (await call('GET', '/keys', { key: stranger })).json.data
    const run: LeaseEvent = {
      type: 'acquire',
      lock_id: uuidIds.runId(),
      owner: { api_key_id, run_id: uuidIds.runId() },
      holder: 'a run',
      wants: [{ resource: 'keys/run', mode: 'exclusive' }],
      ttlMs: 60_000,
      waitMs: 0
    }
    expect((await edgeLocks(env.LOCKS).ask('strangers', run)).kind).toBe('granted')
    expect((await release(run.lock_id, stranger)).status).toBe(403)
    expect(await list()).toContainEqual(expect.objectContaining({ lock_id }))
  })

  it('of another team is 404 to everything, and its resources are free', async () => {
    const { lock_id } = (await take(['teams/a'])).json
    const attempts = [await renew(lock_id, stranger), await release(lock_id, stranger)]
    attempts.push(await call('POST', `/locks/${lock_id}/break`, { key: stranger, body: {} }))
    attempts.push(await renew(NOBODY), await release(NOBODY))
    for (const answer of attempts) expect([answer.status, answer.json.code]).toEqual([404, 'not_found'])
    expect((await take(['teams/a'], {}, stranger)).status).toBe(201)
    expect((await list(stranger)).map((one) => one.lock_id)).not.toContain(lock_id)
    expect((await renew(lock_id)).status).toBe(200)
  })

  it('is over when its time is, for good', async () => {
    const { lock_id } = (await take(['times/a'], { ttl_seconds: 1 })).json
    const next = await take(['times/a'], { wait_seconds: 5 }, other)
    expect(next.status).toBe(201)
    expect([(await renew(lock_id)).status, (await release(lock_id)).status]).toEqual([410, 204])
    expect((await renew(next.json.lock_id, other)).status).toBe(200)
  })

  it('is refused where the resource is none, or the times are out of bounds', async () => {
    const bad = [
      { resources: [] },
      { resources: ['a//b'] },
      { resources: ['../a'] },
      { resources: ['/a'] },
      { resources: Array.from({ length: 65 }, (_, i) => `a/${i}`) },
      { ttl_seconds: 601 },
      { ttl_seconds: 0 },
      { wait_seconds: 56 },
      { holder: '' },
      { run_id: NOBODY }
    ]
    for (const body of bad) {
      const answer = await take(['bounds/a'], body)
      expect([answer.status, answer.json.code], JSON.stringify(body)).toEqual([422, 'invalid'])
    }
  })

  it('under an Idempotency-Key is taken once, however often the answer is lost', async () => {
    const headers = { 'idempotency-key': 'lost-answer' }
    const asked = await Promise.all([1, 2, 3].map(() => take(['once/a'], {}, agent, headers)))
    expect(asked.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(asked[1]!.json).toEqual(asked[0]!.json)
    expect((await take(['once/b'], {}, agent, headers)).json.code).toBe('idempotency_key_reused')
    expect((await take(['once/a'], {}, other, headers)).json.code).toBe('locked')
  })
})

describe('who waits', () => {
  it('is served in the order of asking, and nobody who comes later passes', async () => {
    const { lock_id } = (await take(['queue/a', 'queue/b'])).json
    const served: string[] = []
    const waiting: Promise<unknown>[] = []
    for (let i = 0; i < 12; i++) {
      const holder = `waiter-${i}`
      const wish = take(i === 5 ? ['queue/a', 'queue/c'] : ['queue/a'], { holder, wait_seconds: 50 }, i % 2 ? agent : other)
      waiting.push(
        wish.then(async ({ status, json }) => {
          expect(status).toBe(201)
          served.push(holder)
          // Who barges in between gets nothing as long as somebody waits.
          expect((await take(['queue/a'])).status).toBe(409)
          expect((await release(json.lock_id, i % 2 ? agent : other)).status).toBe(204)
        })
      )
      await expect.poll(() => waitersOf('locks')).toBe(i + 1)
    }
    // Free as it is, it is promised to one who was here first.
    const barging = await take(['queue/c'])
    expect([barging.status, barging.json.holder]).toEqual([409, 'waiter-5'])
    await release(lock_id)
    await Promise.all(waiting)
    expect(served).toEqual(Array.from({ length: 12 }, (_, i) => `waiter-${i}`))
  })

  it('is told when the wait is over', async () => {
    const mine = await take(['queue/late'])
    const answer = await take(['queue/late'], { wait_seconds: 1 }, other)
    expect([answer.status, answer.json.code, answer.json.expires_at]).toEqual([409, 'locked', mine.json.expires_at])
  })
})

describe("a team's object", () => {
  it('never gives a token twice, also after it died between two grants, and keeps the locks', async () => {
    const tokens: number[] = []
    let held = ''
    for (let i = 0; i < 6; i++) {
      const { json } = await take([`tokens/${i % 2}`])
      tokens.push(json.fencing_token)
      if (i < 5) await release(json.lock_id)
      held = json.lock_id
      await abortAllDurableObjects()
    }
    // One after the other without a gap: only a number that was stored can be continued so.
    expect(tokens).toEqual(tokens.map((_, i) => tokens[0]! + i))
    expect((await take(['tokens/1'])).status).toBe(409)
    expect((await renew(held)).status).toBe(200)
    const later = await take(['tokens/new'])
    expect(later.json.fencing_token).toBe(tokens.at(-1)! + 1)
  })

  it('follows the machine in its storage: what ended is gone, and the alarm that says so cannot fail or come too early', async () => {
    const key = await makeKey('stored', ['run'])
    const kept = (await take(['stored/a'], { ttl_seconds: 600 }, key)).json
    await take(['stored/b'], { ttl_seconds: 1 }, key)
    await release((await take(['stored/c'], {}, key)).json.lock_id, key)
    const rows = () =>
      runInDurableObject(stub('stored'), (_object, state) =>
        state.storage.sql.exec<{ lock_id: string }>('SELECT lock_id FROM locks').toArray()
      )
    expect(await rows()).toHaveLength(2)
    await runDurableObjectAlarm(stub('stored'))
    await expect.poll(rows, { timeout: 5_000 }).toEqual([{ lock_id: kept.lock_id }])
    const alarm = await runInDurableObject(stub('stored'), (_object, state) => state.storage.getAlarm())
    expect(alarm).toBe(Date.parse(kept.expires_at))
    await release(kept.lock_id, key)
    await runDurableObjectAlarm(stub('stored'))
    expect(await runInDurableObject(stub('stored'), (_object, state) => state.storage.getAlarm())).toBeNull()
  })
})

describe('breaking a lock', () => {
  it('is an admin’s, ends it at once, and leaves a signed receipt in the ledger', async () => {
    const mine = (await take(['broken/a'])).json
    expect((await call('POST', `/locks/${mine.lock_id}/break`, { key: agent, body: {} })).status).toBe(403)
    const waiting = take(['broken/a'], { wait_seconds: 20 }, other)
    await expect.poll(() => waitersOf('locks')).toBe(1)
    const answer = await call('POST', `/locks/${mine.lock_id}/break`, { key: admin, body: { reason: 'it hangs' } })
    expect([answer.status, answer.json.lock_id]).toEqual([200, mine.lock_id])
    expect((await waiting).json.fencing_token).toBeGreaterThan(mine.fencing_token)
    expect((await renew(mine.lock_id)).status).toBe(410)
    const { receipt, run_id } = answer.json
    expect(receipt).toMatchObject({
      workflow: 'lock_broken',
      decision: 'PASS',
      outcome: 'SUCCEEDED',
      user_email: 'ops@company.com',
      payload: { lock_id: mine.lock_id, holder: 'agent-A', reason: 'it hangs', fencing_tokens: [mine.fencing_token] },
      actions_taken: [{ action: 'break_lock', resources: ['broken/a'], rollback_data: 'irreversible' }]
    })
    expect((await verifyReceipt(receipt, await keys.team('locks'), nodeHash)).problems).toEqual([])
    expect((await call('GET', `/receipts/${run_id}`, { key: admin })).json).toEqual(receipt)
    expect((await call('POST', `/locks/${mine.lock_id}/break`, { key: admin, body: {} })).status).toBe(404)
  })

  it('whose receipt was interrupted is receipted by the alarm, once', async () => {
    const key = await makeKey('interrupted', ['admin'])
    const { lock_id } = (await take(['broken/b'], {}, key)).json
    const { json } = await call('POST', `/locks/${lock_id}/break`, { key, body: {} })
    const { ledger, ...receipt } = json.receipt
    // As if the object had died between the break and its receipt.
    const order = {
      run_id: uuidIds.runId(),
      lock_id: NOBODY,
      team_id: 'interrupted',
      api_key_id: receipt.actor.api_key_id,
      user_email: '',
      reason: null,
      config_digest: receipt.config_digest
    }
    const lock = {
      lock_id: NOBODY,
      owner: { api_key_id: 'k', run_id: null },
      holder: 'h',
      holds: [{ resource: 'broken/c', mode: 'exclusive', fencing_token: 7 }],
      acquiredAtMs: 0,
      expiresAtMs: 1
    }
    await runInDurableObject(stub('interrupted'), async (_object, state) => {
      state.storage.sql.exec('INSERT INTO broken VALUES (?, ?)', order.run_id, JSON.stringify({ order, lock, atMs: 5 }))
      await state.storage.setAlarm(Date.now() + 60_000)
    })
    await abortAllDurableObjects()
    expect(await runDurableObjectAlarm(stub('interrupted'))).toBe(true)
    const made = (await call('GET', `/receipts/${order.run_id}`, { key })).json
    expect([made.workflow, made.ledger.seq]).toEqual(['lock_broken', ledger.seq + 1])
    expect(
      await runInDurableObject(stub('interrupted'), (_object, state) => state.storage.sql.exec('SELECT * FROM broken').toArray())
    ).toEqual([])
  })
})

it('concurrent histories recorded over HTTP are linearizable, in twelve teams with the same resources', async () => {
  const histories = await Promise.all(
    Array.from({ length: 12 }, async (_, seed) => {
      const key = await makeKey(`linear-${seed}`, ['run'])
      const table: LockTable = {
        take: async (resources, wait_seconds) => {
          const { status, json } = await take(resources, { wait_seconds }, key)
          return status === 201 ? { lock_id: json.lock_id, token: json.fencing_token } : null
        },
        renew: async (id) => (await renew(id, key)).status === 200,
        release: async (id) => (await release(id, key)).status === 204
      }
      return playLocks(seeded(seed), table, { callers: 5, turns: 5 })
    })
  )
  for (const [seed, history] of histories.entries()) {
    const verdict = linearizable(history, LOCK_TABLE)
    if (!verdict.ok) expect.fail(`seed ${seed} is not linearizable: ${JSON.stringify(history)}`)
  }
})

/** How many requests wait for locks of this team. */
function waitersOf(team: string): Promise<number> {
  return runInDurableObject(stub(team), (object) => (object as unknown as LocksCalls).waiters())
}
