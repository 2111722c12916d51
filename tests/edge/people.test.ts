// Facts and people, over the real Worker: what admins change is felt at once, stands in a receipt, and cannot be claimed by an agent.
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { d1Changes } from '../../src/adapters/edge/changes.ts'
import { d1Facts } from '../../src/adapters/edge/facts.ts'
import { d1People } from '../../src/adapters/edge/people.ts'
import { systemClock } from '../../src/adapters/clock/system.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import { newPerson, verifyReceipt, type Change, type JsonObject, type PersonRecord, type Receipt } from '../../src/engine/index.ts'
import worker from '../../src/worker.ts'
import { call, keys, makeKey } from './parts.ts'

const RUN = { workflow: 'agent_pr_workflow', user_email: 'agent@company.com', payload: { repo: 'myorg/app', branch: 'main' } }

async function receiptOf(key: string, runId: string): Promise<Receipt> {
  const answer = await call('GET', `/receipts/${runId}`, { key })
  expect(answer.status, answer.text).toBe(200)
  return answer.json as Receipt
}

describe('facts', () => {
  let admin = ''
  beforeAll(async () => {
    admin = await makeKey('facts', ['admin'])
  })
  const put = (name: string, value: unknown, key = admin) => call('PUT', `/facts/${name}`, { key, body: { value } })

  it('are set, read, listed and unset, and each change is an ordinary signed receipt in the ledger', async () => {
    const first = await put('release', { train: 7 })
    expect([first.status, first.json]).toEqual([
      200,
      { name: 'release', value: { train: 7 }, updated_at: expect.stringMatching(/Z$/), run_id: expect.any(String) }
    ])
    const second = await put('release', { train: 8 })
    const receipt = await receiptOf(admin, second.json.run_id)
    expect(receipt).toMatchObject({
      workflow: 'fact_changed:release',
      mode: 'mediated',
      decision: 'PASS',
      outcome: 'SUCCEEDED',
      payload: { name: 'release', before: { train: 7 }, after: { train: 8 } },
      actor: { api_key_id: expect.any(String) }
    })
    expect(receipt.ledger!.seq).toBe((await receiptOf(admin, first.json.run_id)).ledger!.seq + 1)
    const { ledger: _ledger, ...signed } = receipt
    expect((await verifyReceipt(signed, await keys.team('facts'), nodeHash)).problems).toEqual([])
    expect((await call('GET', '/facts/release', { key: admin })).json).toMatchObject({ name: 'release', value: { train: 8 } })
    expect((await call('GET', '/facts', { key: admin })).json.data.map(({ name }: { name: string }) => name)).toContain('release')
    expect((await call('DELETE', '/facts/release', { key: admin })).status).toBe(204)
    expect((await call('GET', '/facts/release', { key: admin })).status).toBe(404)
    const { data } = (await call('GET', '/receipts?workflow=fact_changed:release', { key: admin })).json
    expect(data.map(({ payload }: Receipt) => payload.after)).toEqual([null, { train: 8 }, { train: 7 }])
  })

  it('set to what they are already leave no receipt', async () => {
    await put('quiet', [1, 2])
    expect((await put('quiet', [1, 2])).json.run_id).toBeNull()
    expect((await call('GET', '/receipts?workflow=fact_changed:quiet', { key: admin })).json.data).toHaveLength(1)
  })

  it('that are switches or lists refuse every other form, so that a typing error does not look like a thrown switch', async () => {
    const wrong: [string, unknown][] = [
      ['kill_switch', 'x'.repeat(501)],
      ['kill_switch', 1],
      ['kill_switch', { actve: true }],
      ['kill_switch', []],
      ['code_freeze', { active: 'yes' }],
      ['protected_tables', 'customers'],
      ['protected_tables', [1]],
      ['anything', 'x'.repeat(20_000)]
    ]
    for (const [name, value] of wrong) {
      const answer = await put(name, value)
      expect([answer.status, answer.json.code, answer.json.errors[0].pointer], `${name} ${JSON.stringify(value).slice(0, 40)}`).toEqual([
        422,
        'invalid',
        expect.stringMatching(/^\/value/)
      ])
    }
    for (const name of ['has%20space', '.hidden', 'x'.repeat(129)]) expect((await put(name, 1)).status).toBe(404)
  })

  it('of two admins who write at once are both in the ledger, one on top of the other', async () => {
    const changes = await Promise.all(Array.from({ length: 8 }, (_, i) => put('counter', i)))
    expect(changes.every(({ status }) => status === 200)).toBe(true)
    const { data } = (await call('GET', '/receipts?workflow=fact_changed:counter', { key: admin })).json as { data: Receipt[] }
    const chain = new Map(data.map(({ payload }) => [JSON.stringify(payload.before), payload.after]))
    expect(chain.size).toBe(8)
    let value: unknown = null
    for (let i = 0; i < 8; i++) value = chain.get(JSON.stringify(value))
    expect((await call('GET', '/facts/counter', { key: admin })).json.value).toBe(value)
  })

  it('are felt everywhere within two seconds, at the price of one read a second', async () => {
    await put('felt', 1)
    let now = Date.now()
    let reads = 0
    const counted = { prepare: (text: string) => (reads++, env.DB.prepare(text)) } as unknown as D1Database
    const elsewhere = d1Facts(counted, { now: () => now })
    for (const name of ['felt', 'kill_switch', 'code_freeze', 'felt']) await elsewhere.read('facts', name)
    expect(reads).toBe(1)
    await put('felt', 2)
    now += 1_000
    expect([await elsewhere.read('facts', 'felt'), reads]).toEqual([2, 2])
  })

  it('are nobody else’s', async () => {
    await put('ours', 1)
    const stranger = await makeKey('facts-rival', ['admin'])
    expect((await call('GET', '/facts/ours', { key: stranger })).status).toBe(404)
    expect((await call('DELETE', '/facts/ours', { key: stranger })).status).toBe(404)
    expect((await put('ours', 2, stranger)).status).toBe(200)
    expect((await call('GET', '/facts/ours', { key: admin })).json.value).toBe(1)
  })

  it('whose receipt could not be written get it from the job, once', async () => {
    const facts = d1Facts(env.DB, systemClock)
    const change: Change = {
      run_id: uuidIds.runId(),
      team_id: 'facts',
      workflow: 'fact_changed:late',
      name: 'late',
      before: null,
      after: true,
      api_key_id: 'k',
      user_email: '',
      config_digest: 'sha256:0',
      at: Date.now()
    }
    const fact = { name: 'late', value: true, updated_at: new Date().toISOString() }
    expect(await facts.write('late', null, fact, change)).toBe('written')
    expect(await facts.write('late', null, fact, { ...change, run_id: uuidIds.runId() })).toBe('moved_on')
    expect((await call('GET', `/receipts/${change.run_id}`, { key: admin })).status).toBe(404)
    for (let i = 0; i < 2; i++)
      await worker.scheduled({ scheduledTime: Date.now(), cron: '*/5 * * * *', noRetry() {} } as ScheduledController, env)
    expect(await receiptOf(admin, change.run_id)).toMatchObject({ payload: { name: 'late', before: null, after: true }, revision: 0 })
    expect(await d1Changes(env.DB).waiting(10)).toEqual([])
  })
})

describe('the kill switch', () => {
  it('is felt by every request of the team and by no other team, with a receipt that says why, and lifted again', async () => {
    const admin = await makeKey('killed', ['admin'])
    const agent = await makeKey('killed', ['run', 'read'])
    const other = await makeKey('alive', ['run'])
    const thrown = { active: true, reason: 'the agents are loose' }
    expect((await call('PUT', '/facts/kill_switch', { key: admin, body: { value: thrown } })).status).toBe(200)
    const asked: [string, object][] = [
      ['agent', { ...RUN, payload: { repo: 'myorg/app', branch: 'agent/x' } }],
      ['agent, dry', { ...RUN, mode: 'dry_run' }],
      ['admin, shadow', { ...RUN, mode: 'shadow' }]
    ]
    for (const [who, body] of asked) {
      const { json } = await call('POST', '/runs', { key: who.startsWith('admin') ? admin : agent, body })
      expect(json, who).toMatchObject({ decision: 'BLOCK', outcome: 'NONE' })
      expect(json.receipt.policy_results[0]).toMatchObject({
        policy: 'kill_switch',
        effect: 'deny',
        code: 'kill_switch',
        reason: expect.stringContaining('the agents are loose')
      })
      expect(json.receipt.facts.kill_switch).toEqual(thrown)
      expect(json.receipt.actions_taken).toEqual([])
    }
    const results = (await call('POST', '/runs', { key: other, body: RUN })).json.receipt.policy_results
    expect(results.some(({ policy }: { policy: string }) => policy === 'kill_switch')).toBe(false)
    await call('PUT', '/facts/kill_switch', { key: admin, body: { value: false } })
    const after = (await call('POST', '/runs', { key: agent, body: RUN })).json.receipt
    expect(after.policy_results.some(({ policy }: { policy: string }) => policy === 'kill_switch')).toBe(false)
    expect(after.facts).not.toHaveProperty('kill_switch')
  })

  it('cannot be lifted by an agent', async () => {
    const agent = await makeKey('killed', ['run', 'read'])
    expect((await call('PUT', '/facts/kill_switch', { key: agent, body: { value: false } })).status).toBe(403)
    expect((await call('DELETE', '/facts/kill_switch', { key: agent })).status).toBe(403)
  })
})

describe('people', () => {
  let admin = ''
  beforeAll(async () => {
    admin = await makeKey('people', ['admin'])
  })
  const post = (body: object, headers: Record<string, string> = {}, key = admin) => call('POST', '/people', { key, body, headers })
  const people = d1People(env.DB, systemClock)

  it('are registered, read, listed, changed and removed, each change receipted', async () => {
    const made = await post({ person_id: 'ann', email: 'Ann@Company.com', roles: ['approver', 'lead'], clearance_level: 3 })
    expect([made.status, made.json]).toEqual([
      201,
      {
        person_id: 'ann',
        email: 'Ann@Company.com',
        name: null,
        channels: [{ kind: 'mail', address: 'Ann@Company.com' }],
        roles: ['approver', 'lead'],
        clearance_level: 3,
        attributes: {},
        escalation_order: 0,
        run_id: expect.any(String)
      }
    ])
    const slack = { kind: 'slack', address: 'U024BE7LH' }
    const changed = await call('PATCH', '/people/ann', { key: admin, body: { channels: [slack] } })
    expect(changed.json).toMatchObject({ email: 'Ann@Company.com', channels: [slack] })
    expect(await receiptOf(admin, changed.json.run_id)).toMatchObject({
      workflow: 'person_changed',
      payload: { name: 'ann', before: { channels: made.json.channels }, after: { channels: [slack] } }
    })
    expect((await call('PATCH', '/people/ann', { key: admin, body: { channels: [slack] } })).json.run_id).toBeNull()
    await post({ person_id: 'ben', email: 'ben@company.com' })
    expect((await call('GET', '/people/ben', { key: admin })).json).toMatchObject({ roles: [], email: 'ben@company.com' })
    expect((await call('DELETE', '/people/ben', { key: admin })).status).toBe(204)
    expect((await call('GET', '/people/ben', { key: admin })).status).toBe(404)
    const { data } = (await call('GET', '/people', { key: admin })).json
    expect(data.map(({ person_id }: PersonRecord) => person_id)).toEqual(['ann'])
    const receipts = (await call('GET', '/receipts?workflow=person_changed', { key: admin })).json.data as Receipt[]
    expect(receipts.map(({ payload }) => [payload.name, payload.before === null, payload.after === null])).toEqual([
      ['ben', false, true],
      ['ben', true, false],
      ['ann', false, false],
      ['ann', true, false]
    ])
  })

  it('are found by every address in every spelling, only approvers, and only in their team', async () => {
    await post({
      person_id: 'cleo',
      email: 'cleo@company.com',
      roles: ['approver'],
      channels: [
        { kind: 'slack', address: 'U0CLEO001' },
        { kind: 'mail', address: 'oncall@company.com' }
      ]
    })
    await post({ person_id: 'dan', email: 'dan@company.com', roles: ['lead'] })
    for (const address of ['cleo@company.com', 'CLEO@company.com', 'cleo+alerts@company.com', 'oncall@company.com', 'u0cleo001'])
      expect((await people.find('people', address))?.person_id, address).toBe('cleo')
    for (const address of ['dan@company.com', 'cleo', 'cleo@company.co', '', 'cleo@company.com@evil.example'])
      expect(await people.find('people', address), address).toBeNull()
    expect(await people.find('rival', 'cleo@company.com')).toBeNull()
  })

  it('never share an address, whichever way it is spelt and whoever asks at once', async () => {
    await post({ person_id: 'eve', email: 'eve@company.com' })
    for (const email of ['eve@company.com', 'EVE+2@company.com'])
      expect((await post({ person_id: 'eve2', email })).json.code).toBe('already_exists')
    const channels = [{ kind: 'mail', address: 'eve+x@company.com' }]
    expect((await post({ person_id: 'eve2', email: 'e2@company.com', channels })).json.code).toBe('already_exists')
    expect((await call('GET', '/people/eve2', { key: admin })).status).toBe(404)
    const both = await Promise.all(['f1', 'f2'].map((person_id) => post({ person_id, email: 'same@company.com' })))
    expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409])
    expect((await post({ person_id: 'eve', email: 'new@company.com' })).json.code).toBe('already_exists')
  })

  it('are registered once under an Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'p1' }
    const [a, b] = await Promise.all([post({ email: 'once@company.com' }, headers), post({ email: 'once@company.com' }, headers)])
    expect([a.status, b.status, b.json.person_id]).toEqual([201, 201, a.json.person_id])
    expect((await post({ email: 'twice@company.com' }, headers)).json.code).toBe('idempotency_key_reused')
  })

  it('the last approver stays, however many are removed at once', async () => {
    const key = await makeKey('approvers', ['admin'])
    const ids = ['a', 'b', 'c']
    for (const person_id of ids) await post({ person_id, email: `${person_id}@x.example`, roles: ['approver'] }, {}, key)
    const gone = await Promise.all(ids.map((id) => call('DELETE', `/people/${id}`, { key })))
    expect(gone.map(({ status }) => status).toSorted()).toEqual([204, 204, 409])
    const last = ids[gone.findIndex(({ status }) => status === 409)]!
    expect(gone.find(({ status }) => status === 409)!.json.code).toBe('last_approver')
    expect((await call('PATCH', `/people/${last}`, { key, body: { roles: [] } })).json.code).toBe('last_approver')
    expect((await call('PATCH', `/people/${last}`, { key, body: { name: 'Last' } })).status).toBe(200)
  })

  it('are asked in their order: the lowest first, the others when time runs out', async () => {
    const key = await makeKey('lines', ['admin'])
    for (const [person_id, escalation_order] of Object.entries({ z: 1, y: 1, boss: 5, chief: 3 }))
      await post({ person_id, email: `${person_id}@x.example`, roles: ['approver'], escalation_order }, {}, key)
    const { first, escalation } = await people.approvers('lines')
    expect([first, escalation].map((line) => line.map(({ person_id }) => person_id))).toEqual([
      ['y', 'z'],
      ['chief', 'boss']
    ])
    expect(await people.approvers('nobody')).toEqual({ first: [], escalation: [] })
  })

  it('refuse what is no person', async () => {
    const wrong: [string, object][] = [
      ['no address', { person_id: 'x' }],
      ['no e-mail address', { email: 'x' }],
      ['no way to reach them', { email: 'x@x.example', channels: [] }],
      ['a channel that is an address to post to', { email: 'x@x.example', channels: [{ kind: 'webhook', address: 'https://x.example' }] }],
      ['a Slack name', { email: 'x@x.example', channels: [{ kind: 'slack', address: '@ann' }] }],
      ['a clearance that is a text', { email: 'x@x.example', clearance_level: '5' }],
      ['another field', { email: 'x@x.example', admin: true }]
    ]
    for (const [what, body] of wrong) expect((await post(body)).json.code, what).toBe('invalid')
  })

  it('another team’s are 404', async () => {
    const stranger = await makeKey('people-rival', ['admin'])
    await post({ person_id: 'gus', email: 'gus@company.com' })
    for (const [method, body] of [['GET'], ['DELETE'], ['PATCH', { name: 'x' }]] as [string, object?][])
      expect((await call(method, '/people/gus', { key: stranger, body })).status).toBe(404)
    expect((await call('GET', '/people', { key: stranger })).json.data).toEqual([])
  })
})

describe('what policies believe of a user', () => {
  let admin = ''
  const attributes = async (key: string, user_email: string, payload: JsonObject = RUN.payload) =>
    ((await call('POST', '/runs', { key, body: { ...RUN, user_email, payload } })).json.receipt as Receipt).user_attributes
  beforeAll(async () => {
    admin = await makeKey('believe', ['admin'])
    const record = newPerson('ida', {
      email: 'ida@company.com',
      roles: ['approver', 'engineer'],
      clearance_level: 4,
      attributes: { site: 'north', actor_role: 'engineer' },
      channels: [{ kind: 'mail', address: 'shared@company.com' }]
    })
    expect((await call('POST', '/people', { key: admin, body: record })).status).toBe(201)
  })

  it('comes from the registered people by the user’s e-mail address, and stands in the receipt', async () => {
    const believed = { role: 'engineer', roles: ['approver', 'engineer'], clearance_level: 4, site: 'north', actor_role: 'engineer' }
    const key = await makeKey('believe', ['run'])
    for (const email of ['ida@company.com', 'IDA@Company.com', 'ida+agent@company.com'])
      expect(await attributes(key, email)).toEqual(believed)
    expect(await attributes(key, 'stranger@company.com')).toEqual({})
    expect(await attributes(key, 'shared@company.com'), 'a mailbox that only reaches her').toEqual({})
  })

  it('is the key’s first: what it says of the role, it says whole', async () => {
    const key = await makeKey('believe', ['run'], { attributes: { role: 'intern', site: 'south' } })
    expect(await attributes(key, 'ida@company.com')).toEqual({ role: 'intern', site: 'south', clearance_level: 4 })
  })

  it('is never what the payload says, nor a user that the key may not act as', async () => {
    const key = await makeKey('believe', ['run'], { user_email: 'bot@company.com' })
    const claims = { ...RUN.payload, user_attributes: { role: 'admin' } }
    expect((await call('POST', '/runs', { key, body: { ...RUN, user_email: 'ida@company.com' } })).status).toBe(403)
    const answer = await call('POST', '/runs', { key, body: { ...RUN, user_email: 'bot@company.com', payload: claims } })
    expect(answer.json.receipt?.user_attributes ?? {}).toEqual({})
    expect((await call('POST', '/runs', { key, body: { ...RUN, user_attributes: { role: 'admin' } } })).status).toBe(422)
  })

  it('changes with the people, within two seconds', async () => {
    const key = await makeKey('believe', ['run'])
    expect(await attributes(key, 'ida@company.com')).toMatchObject({ clearance_level: 4 })
    await call('PATCH', '/people/ida', { key: admin, body: { clearance_level: 0 } })
    expect(await attributes(key, 'ida@company.com')).toMatchObject({ clearance_level: 0 })
    let now = Date.now()
    const elsewhere = d1People(env.DB, { now: () => now })
    expect(await elsewhere.attributes('believe', 'ida@company.com')).toMatchObject({ clearance_level: 0 })
    await call('PATCH', '/people/ida', { key: admin, body: { clearance_level: 2 } })
    now += 2_000
    expect(await elsewhere.attributes('believe', 'ida@company.com')).toMatchObject({ clearance_level: 2 })
  })
})
