// Budgets over the real Worker: exactly ten of fifty take effect on a GitHub of this machine, and what is used is there to be seen.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import type { BudgetCalls } from '../../durable/budget.ts'
import { edgeBudgets } from '../../src/adapters/edge/budgets.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import { verifyReceipt, type BudgetRequest, type Receipt } from '../../src/engine/index.ts'
import { EnactEdge } from '../../src/client.ts'
import { call, keys, makeKey } from './parts.ts'

const BUDGET = 'limit_rate 3600s per key on create_issue'
let agent = ''
let other = ''
let stranger = ''

beforeAll(async () => {
  agent = await makeKey('budgets', ['run', 'read'])
  other = await makeKey('budgets', ['run'])
  stranger = await makeKey('other-budgets', ['run', 'read'])
})

const issue = (title: string, repo = 'myorg/app', user_email = 'agent@company.com') => ({
  workflow: 'create_issue',
  user_email,
  payload: { repo, title }
})
const run = (body: object, key = agent, headers: Record<string, string> = {}) => call('POST', '/runs', { key, body, headers })
const list = async (key = agent, query = '') => (await call('GET', `/budgets${query}`, { key })).json
const stub = (team: string) => env.BUDGETS.get(env.BUDGETS.idFromName(team)) as unknown as DurableObjectStub & BudgetCalls
/** The issues that are really there. */
const issues = async (titled: string): Promise<number> => {
  const token = inject('githubToken')
  let found = 0
  for (let page = 1; ; page++) {
    const response = await fetch(`${inject('githubUrl')}/repos/myorg/app/issues?state=all&per_page=100&page=${page}`, {
      headers: { authorization: `Bearer ${token}`, 'user-agent': 'enact/0' }
    })
    const some = (await response.json()) as { title: string }[]
    found += some.filter(({ title }) => title.startsWith(titled)).length
    if (some.length < 100) return found
  }
}

describe('fifty runs at once against a budget of ten', () => {
  it('exactly ten take effect; the others are told why and until when; nobody else is touched', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => run(issue(`fifty ${i}`))))
    const receipts = answers.map(({ json }) => json.receipt as Receipt)
    expect(receipts.filter(({ decision }) => decision === 'PASS')).toHaveLength(10)
    expect(await issues('fifty ')).toBe(10)
    for (const receipt of receipts.filter(({ decision }) => decision === 'BLOCK')) {
      expect(receipt).toMatchObject({ outcome: 'NONE', actions_taken: [] })
      expect(receipt.policy_results.find(({ effect }) => effect === 'deny')).toMatchObject({
        policy: 'limit_rate',
        code: 'budget_exhausted',
        reason: expect.stringMatching(/^10 of 10 `create_issue` in the last 60 m by key `[0-9a-f]+`.*; the next is free at .+Z$/)
      })
      expect(receipt.facts.budgets).toMatchObject([{ budget: BUDGET, max: 10, window_seconds: 3600 }])
    }
    expect(await verifyReceipt(receipts[0], await keys.team('budgets'), nodeHash)).toMatchObject({ valid: true })
    expect(await list()).toMatchObject({
      data: [
        {
          budget: BUDGET,
          policy: 'limit_rate',
          params: { max: 10, window: '1h', per: 'key' },
          on: ['create_issue'],
          mode: 'enforce',
          per: 'key',
          scope: expect.stringMatching(/^[0-9a-f]{16}$/),
          used: 10,
          in_flight: 0,
          max: 10,
          window_seconds: 3600,
          frees_at: expect.stringMatching(/Z$/)
        }
      ],
      next_cursor: null,
      has_more: false
    })
    expect((await list(stranger)).data).toEqual([])
    expect((await run(issue('another key'), other)).json.decision).toBe('PASS')
    expect((await run(issue('another team'), stranger)).json.decision).toBe('PASS')
    // The user that a request names is a claim, and no way around.
    expect((await run(issue('claims', 'myorg/app', 'somebody.else@company.com'))).json.decision).toBe('BLOCK')
  })

  it('pages what is used, refuses a cursor that it did not give, and asks for a key that may', async () => {
    const first = await list(agent, '?limit=1')
    expect([first.data.length, first.has_more]).toEqual([1, true])
    const second = await list(agent, `?limit=1&cursor=${encodeURIComponent(first.next_cursor)}`)
    expect([second.data.length, second.has_more, second.next_cursor]).toEqual([1, false, null])
    expect(new Set([first.data[0].scope, second.data[0].scope]).size).toBe(2)
    for (const cursor of ['x', '[]', '[1,2]', '{"a":1}', '["a"]'])
      expect((await call('GET', `/budgets?cursor=${encodeURIComponent(cursor)}`, { key: agent })).status).toBe(422)
    const client = new EnactEdge({
      url: 'http://127.0.0.1',
      apiKey: agent,
      fetch: (...given) => exports.default.fetch(new Request(...given))
    })
    const all = []
    for await (const one of client.budgets()) all.push(one)
    expect(all).toEqual([...first.data, ...second.data])
    const odd = await list(agent, `?cursor=${encodeURIComponent(JSON.stringify(['zzz', "' OR 1=1"]))}`)
    expect(odd.data).toEqual([])
    expect((await call('GET', '/budgets')).status).toBe(401)
    expect((await call('GET', '/budgets', { key: await makeKey('budgets', ['approve']) })).status).toBe(403)
  })
})

describe('a budget at the edge', () => {
  const fresh = (team = 'budgets') => makeKey(team, ['run', 'read'])
  const usedBy = async (key: string) => {
    const id = key.split('_')[2]
    return (await list(key)).data.find(({ scope }: { scope: string }) => scope === id) ?? null
  }

  it('counts a request and its retries under one Idempotency-Key once', async () => {
    const key = await fresh()
    const same = () => run(issue('retried'), key, { 'idempotency-key': 'one-and-the-same' })
    await Promise.all([same(), same(), same()])
    await same()
    expect(await usedBy(key)).toMatchObject({ used: 1, in_flight: 0 })
  })

  it('gives back what failed', async () => {
    const key = await fresh()
    for (let i = 0; i < 12; i++) expect((await run(issue('nowhere', 'myorg/not-there'), key)).json.outcome).toBe('FAILED')
    expect(await usedBy(key)).toBeNull()
    expect((await run(issue('after failures'), key)).json.decision).toBe('PASS')
  })

  it('is one for what Enact does and what it is asked about, and a failure that is reported frees', async () => {
    const key = await fresh()
    const decide = async () =>
      (
        await call('POST', '/decisions', {
          key,
          body: { action: 'create_issue', input: { repo: 'myorg/app', title: 'x' }, user_email: 'a@b.example' }
        })
      ).json
    const first = await decide()
    for (let i = 0; i < 8; i++) await decide()
    expect((await run(issue('the tenth'), key)).json.decision).toBe('PASS')
    expect(await usedBy(key)).toMatchObject({ used: 1, in_flight: 9 })
    expect((await decide()).decision).toBe('BLOCK')
    expect((await run(issue('the eleventh'), key)).json.decision).toBe('BLOCK')
    await call('POST', `/decisions/${first.run_id}/outcome`, { key, body: { success: false, error: 'it did not work' } })
    expect(await usedBy(key)).toMatchObject({ used: 1, in_flight: 8 })
    expect((await decide()).decision).toBe('PASS')
  })

  it('is neither counted nor in the way in a dry run', async () => {
    const key = await fresh()
    for (let i = 0; i < 15; i++) expect((await run({ ...issue('dry'), mode: 'dry_run' }, key)).json.decision).toBe('PASS')
    expect(await usedBy(key)).toBeNull()
  })
})

describe('the object of a team’s budgets', () => {
  const budgets = edgeBudgets(env.BUDGETS)
  const request = (run_id: string, max = 3): BudgetRequest => ({
    run_id,
    ordinal: -1,
    holdMs: 0,
    wants: [{ budget: 'b', scope: 's', amount: 1, max, windowMs: 60_000, isBinding: true }]
  })
  const reserve = async (team: string, run_id = uuidIds.runId()) => (await budgets.reserve(team, request(run_id))).granted

  it('forgets nothing when it is evicted, and takes a call that is asked for again for the same', async () => {
    const ids = [uuidIds.runId(), uuidIds.runId()]
    for (const id of ids) expect(await reserve('evicted', id)).toBe(true)
    await evictDurableObject(stub('evicted'))
    expect(await reserve('evicted', ids[0])).toBe(true)
    await budgets.settle('evicted', { run_id: ids[1]!, settled: [{ ordinal: -1, isKept: true, amounts: {} }] })
    await evictDurableObject(stub('evicted'))
    expect(await budgets.list('evicted', ['b'], null, 10)).toMatchObject([{ used: 1, inFlight: 1 }])
    expect([await reserve('evicted'), await reserve('evicted')]).toEqual([true, false])
    expect(await reserve('not-evicted')).toBe(true)
  })

  it('is exact when hundreds ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => reserve('crowd')))
    expect(answers.filter(Boolean)).toHaveLength(3)
  })

  it('does not let a clock that goes back make room, and clears away what is over', async () => {
    expect((await budgets.reserve('clock', request('r1', 1))).granted).toBe(true)
    await runInDurableObject(stub('clock'), (_, state) => {
      const [row] = state.storage.sql.exec<{ at_ms: number; until_ms: number }>('SELECT at_ms, until_ms FROM latest, entries').toArray()
      expect(row!.until_ms - row!.at_ms).toBe(60_000)
      // As if it had been asked an hour later, by a clock that was wrong, and then started again.
      state.storage.sql.exec('UPDATE latest SET at_ms = at_ms + 3600000')
      state.storage.sql.exec('UPDATE entries SET until_ms = until_ms + 3600000')
    })
    await evictDurableObject(stub('clock'))
    expect((await budgets.reserve('clock', request('r2', 1))).granted).toBe(false)
    await runInDurableObject(stub('clock'), (_, state) => void state.storage.sql.exec('UPDATE entries SET until_ms = 1'))
    expect(await runDurableObjectAlarm(stub('clock'))).toBe(true)
    await runInDurableObject(stub('clock'), async (_, state) => {
      expect(state.storage.sql.exec('SELECT * FROM entries').toArray()).toEqual([])
      expect(await state.storage.getAlarm()).toBeNull()
    })
  })
})
