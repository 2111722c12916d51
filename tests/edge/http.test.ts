// The HTTP door: every route through one suite, then what each promises.
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { digestOf, type Scope } from '../../src/engine/index.ts'
import { createApp } from '../../src/http/app.ts'
import type { Host } from '../../src/http/host.ts'
import { ROUTES } from '../../src/http/routes/index.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import { edgeRateLimit } from '../../src/adapters/edge/rate_limit.ts'
import { call, ledgerStub, makeKey, makeReceipt, type Answered } from './parts.ts'
import { entryOf } from '../../src/adapters/edge/ledger.ts'

const RUN = { workflow: 'agent_pr_workflow', user_email: 'agent@company.com', payload: { repo: 'myorg/app', branch: 'main' } }
const NOBODY = '00000000-0000-7000-8000-000000000000'
let admin = ''
let stranger = ''

beforeAll(async () => {
  admin = await makeKey('acme', ['admin'])
  stranger = await makeKey('rival', ['admin'])
})

function expectProblem(answer: Answered, status: number, code: string): void {
  expect(answer.json, answer.text).toMatchObject({
    status,
    code,
    type: `urn:enact:problem:${code}`,
    title: expect.any(String),
    detail: expect.any(String)
  })
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(answer.json.request_id).toBe(answer.headers.get('x-request-id'))
  expect(answer.text).not.toMatch(/\bat \w+ \(|\.ts:\d|node_modules/)
}

const pathOf = (path: string, id: string) =>
  path.replace(':run_id', id).replace(':export_id', id).replace(':id', id).replace(':name', id).replace(':rule', id)

describe.each(ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))('%s', (_name, route) => {
  const path = pathOf(route.path, NOBODY)
  const body = route.body === undefined ? {} : { body: {} }
  // Each from an address of its own: all their wrong keys together would be too many for one.
  const address = { 'cf-connecting-ip': `2001:db8::${ROUTES.indexOf(route)}` }
  const ask: typeof call = (method, to, given = {}) => call(method, to, { ...given, headers: { ...address, ...given.headers } })

  it('carries the security headers, is never cached unless it is public data, and has a request id', async () => {
    const { headers } = await ask(route.method, path, { ...body, key: admin })
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('cache-control')).toBe(['publicKeys', 'readBadge'].includes(route.id) ? 'public, max-age=60' : 'no-store')
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  if (route.access !== 'public') {
    it('answers 401 without a key, with an unknown one, with two, and to a key in the query', async () => {
      const wrong = [
        {},
        { key: `enact_live_${'0'.repeat(16)}_${'0'.repeat(64)}` },
        { key: 'x'.repeat(5000) },
        { key: admin, headers: { authorization: `Bearer ${stranger}` } }
      ]
      for (const given of wrong) {
        const answer = await ask(route.method, path, { ...body, ...given })
        expectProblem(answer, 401, 'unauthorized')
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
      }
      expectProblem(await ask(route.method, `${path}?api_key=${admin}`, body), 401, 'unauthorized')
    })

    it('answers 403 to keys of every scope that does not suffice', async () => {
      const implied: Record<Scope, Scope[]> = {
        run: ['run'],
        read: ['read'],
        approve: ['approve'],
        audit: ['audit', 'read'],
        admin: ['admin', 'run', 'read', 'audit']
      }
      for (const scope of Object.keys(implied) as Scope[]) {
        const suffices = implied[scope].some((one) => (route.access as Scope[]).includes(one))
        const answer = await ask(route.method, path, { ...body, key: await makeKey('acme', [scope]) })
        if (suffices) expect(answer.status).not.toBe(403)
        else expectProblem(answer, 403, 'forbidden')
      }
    })
  }

  if (route.body !== undefined) {
    const malformed: [string, string | Uint8Array, number, string][] = [
      ['no JSON', '{', 400, 'bad_json'],
      ['two values', '{}{}', 400, 'bad_json'],
      ['a key twice', '{"a":1,"a":2}', 400, 'bad_json'],
      ['__proto__', '{"__proto__":{}}', 400, 'bad_json'],
      ['a lone surrogate', '{"a":"\\ud800"}', 400, 'bad_json'],
      ['bytes that are not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 400, 'bad_json'],
      ['33 levels', `${'['.repeat(33)}${']'.repeat(33)}`, 400, 'bad_json'],
      ['more than 256 KB', `"${'x'.repeat(262_144)}"`, 413, 'payload_too_large'],
      ['an unknown field', '{"surprise":1}', 422, 'invalid'],
      ['an array', '[]', 422, 'invalid']
    ]
    // Where nothing has to be said, nothing may be sent.
    if (!route.body.safeParse({}).success) malformed.push(['nothing', '', 400, 'bad_json'])
    it.each(malformed)('refuses a body with %s', async (_what, text, status, code) => {
      const answer = await ask(route.method, path, { key: admin, body: text })
      // A rollback of nothing is a 404 before its body is read as one.
      expectProblem(answer, status, code)
    })

    it('takes application/json alone', async () => {
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
        expectProblem(
          await ask(route.method, path, { key: admin, body: '{}', headers: { 'content-type': type } }),
          415,
          'unsupported_media_type'
        )
      }
    })
  }

  // Setting a fact makes it; a badge of nothing is grey.
  if (route.path.includes(':') && !['setFact', 'readBadge'].includes(route.id)) {
    it('answers 404 to what is no id, and to an id of nothing', async () => {
      // What must be said is said, or the question would not get that far.
      const needed: Record<string, object> = {
        createOutcome: { success: true },
        approveMcpPin: { digest: `sha256:${'0'.repeat(64)}` },
        eraseReceipt: { reason: 'asked for' },
        shareReceipt: { expires_in_seconds: 60 }
      }
      const wellFormed = route.body === undefined ? {} : { body: needed[route.id] ?? {} }
      for (const id of ['nothing-here', '..%2f..%2fkeys', NOBODY])
        expectProblem(await ask(route.method, pathOf(route.path, id), { key: admin, ...wellFormed }), 404, 'not_found')
    })
  }

  it('answers 405 with Allow to other methods', async () => {
    const answer = await ask('OPTIONS', path, { key: admin })
    expectProblem(answer, 405, 'method_not_allowed')
    expect(answer.headers.get('allow')).toContain(route.method)
  })
})

describe('tenancy', () => {
  it('another team’s run, receipt, proof, rollback and key are 404, the same as ids of nothing', async () => {
    const made = (await call('POST', '/runs', { key: admin, body: RUN })).json
    const id = made.run_id as string
    const [key] = (await call('GET', '/keys', { key: admin })).json.data
    const attempts: [string, string, unknown?][] = [
      ['GET', `/runs/${id}`],
      ['GET', `/receipts/${id}`],
      ['GET', `/receipts/${id}/proof`],
      ['POST', `/runs/${id}/rollback`, {}],
      ['DELETE', `/keys/${key.id}`]
    ]
    for (const [method, path, body] of attempts) {
      const answer = await call(method, path, { key: stranger, body })
      expectProblem(answer, 404, 'not_found')
      const nothing = await call(method, path.replace(id, NOBODY).replace(key.id, 'f'.repeat(16)), { key: stranger, body })
      expect({ ...answer.json, request_id: 0, detail: 0 }).toEqual({ ...nothing.json, request_id: 0, detail: 0 })
    }
    expect((await call('GET', '/receipts', { key: stranger })).json.data).toEqual([])
    expect((await call('GET', `/receipts/${id}`, { key: admin })).status).toBe(200)
  })

  it('nobody makes keys for a team that is not theirs, but for one they made', async () => {
    const asked = { team_id: 'acme', scopes: ['read'] }
    expectProblem(await call('POST', '/keys', { key: stranger, body: asked }), 404, 'not_found')
    const made = await call('POST', '/teams', { key: admin, body: { team_id: 'acme-eu', name: 'Acme Europe' } })
    expect(made.status).toBe(201)
    expect(made.json).toEqual({
      team_id: 'acme-eu',
      name: 'Acme Europe',
      id: expect.any(String),
      key: expect.stringMatching(/^enact_live_[0-9a-f]{16}_[0-9a-f]{64}$/)
    })
    expect((await call('POST', '/keys', { key: admin, body: { team_id: 'acme-eu', scopes: ['read'] } })).status).toBe(201)
    expectProblem(await call('POST', '/keys', { key: stranger, body: { team_id: 'acme-eu', scopes: ['admin'] } }), 404, 'not_found')
    expectProblem(await call('POST', '/teams', { key: stranger, body: { team_id: 'acme-eu' } }), 409, 'already_exists')
    expect(
      (await call('GET', '/keys', { key: made.json.key })).json.data.every((one: { team_id: string }) => one.team_id === 'acme-eu')
    ).toBe(true)
  })
})

describe('keys', () => {
  it('are shown once and stored as a digest alone', async () => {
    const { json } = await call('POST', '/keys', { key: admin, body: { scopes: ['run', 'read'], label: 'ci' } })
    expect(Object.keys(json)).toEqual(['id', 'key'])
    const row = await env.DB.prepare('SELECT * FROM api_keys WHERE id = ?').bind(json.id).first()
    expect(JSON.stringify(row)).not.toContain(json.key.split('_')[3])
    expect((await call('GET', '/keys?limit=200', { key: admin })).text).not.toMatch(/hash|[0-9a-f]{64}/)
    expect((await call('POST', '/runs', { key: json.key, body: RUN })).status).toBe(200)
  })

  it('are made once under an Idempotency-Key, and the answer can be had again', async () => {
    const asked = (headers: Record<string, string>, body: object = { scopes: ['read'] }) =>
      call('POST', '/keys', { key: admin, body, headers })
    const [first, second] = await Promise.all([asked({ 'idempotency-key': 'k1' }), asked({ 'idempotency-key': 'k1' })])
    expect([first.status, second.json]).toEqual([201, first.json])
    expect((await asked({ 'idempotency-key': 'k1' })).json).toEqual(first.json)
    expect((await asked({ 'idempotency-key': 'k2' })).json.key).not.toBe(first.json.key)
    expectProblem(await asked({ 'idempotency-key': 'k1' }, { scopes: ['run'] }), 422, 'idempotency_key_reused')
    const team = (team_id: string) => call('POST', '/teams', { key: admin, body: { team_id }, headers: { 'idempotency-key': 't1' } })
    expect((await team('twice')).json).toEqual((await team('twice')).json)
    expectProblem(await team('thrice'), 422, 'idempotency_key_reused')
    expectProblem(await call('POST', '/teams', { key: admin, body: { team_id: 'twice' } }), 409, 'already_exists')
  })

  it('work as a bearer token too', async () => {
    expect((await call('GET', '/keys', { headers: { authorization: `Bearer ${admin}` } })).status).toBe(200)
  })

  it('never both run and approve', async () => {
    for (const scopes of [['run', 'approve'], ['admin', 'approve'], [], ['run', 'run'], ['root']])
      expectProblem(await call('POST', '/keys', { key: admin, body: { scopes } }), 422, 'invalid')
    expect((await call('POST', '/keys', { key: admin, body: { scopes: ['approve', 'read'] } })).status).toBe(201)
  })

  it('stop when they are revoked or expire', async () => {
    const { json } = await call('POST', '/keys', { key: admin, body: { scopes: ['read'] } })
    expect((await call('GET', '/receipts', { key: json.key })).status).toBe(200)
    expect((await call('DELETE', `/keys/${json.id}`, { key: admin })).status).toBe(204)
    expect((await call('DELETE', `/keys/${json.id}`, { key: admin })).status).toBe(204)
    expectProblem(await call('GET', '/receipts', { key: json.key }), 401, 'unauthorized')
    expectProblem(
      await call('GET', '/receipts', { key: await makeKey('acme', ['read'], { expires_at: '2026-01-01T00:00:00Z' }) }),
      401,
      'unauthorized'
    )
    expectProblem(
      await call('POST', '/keys', { key: admin, body: { scopes: ['read'], expires_at: '2020-01-01T00:00:00Z' } }),
      422,
      'invalid'
    )
  })

  it('of a user act only as that user, in runs, rollbacks and pushed receipts', async () => {
    const key = await makeKey('acme', ['run', 'read'], { user_email: 'ann@company.com' })
    expectProblem(await call('POST', '/runs', { key, body: RUN }), 403, 'forbidden')
    expect((await call('POST', '/runs', { key, body: { ...RUN, user_email: 'Ann@Company.com' } })).status).toBe(200)
    const receipt = { user_email: 'bob@company.com' }
    expectProblem(
      await call('POST', '/receipts', { key, body: { run_id: uuidIds.runId(), workflow: 'x', decision: 'PASS', receipt } }),
      403,
      'forbidden'
    )
  })

  it('the last admin key of a team stays', async () => {
    const only = await makeKey('lonely', ['admin'])
    const [{ id }] = (await call('GET', '/keys', { key: only })).json.data
    expectProblem(await call('DELETE', `/keys/${id}`, { key: only }), 409, 'last_admin_key')
    const { json: second } = await call('POST', '/keys', { key: only, body: { scopes: ['admin'] } })
    const both = await Promise.all([
      call('DELETE', `/keys/${id}`, { key: second.key }),
      call('DELETE', `/keys/${second.id}`, { key: only })
    ])
    expect(both.map(({ status }) => status).toSorted()).toEqual([204, 409])
  })

  it('are listed page by page', async () => {
    const key = await makeKey('pages', ['admin'])
    for (let i = 0; i < 6; i++) await makeKey('pages', ['read'])
    const ids: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const { json } = await call('GET', `/keys?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`, { key })
      ids.push(...json.data.map(({ id }: { id: string }) => id))
      cursor = json.next_cursor
      expect(json.has_more).toBe(cursor !== null)
    }
    expect(new Set(ids).size).toBe(7)
  })
})

describe('setup', () => {
  it('claims a fresh installation once, with ENACT_SECRET alone', async () => {
    expectProblem(await call('POST', '/setup', { body: { secret: 'wrong', team_id: 'first' } }), 401, 'unauthorized')
    expectProblem(await call('POST', '/setup', { body: { secret: env.ENACT_SECRET, team_id: 'first' } }), 409, 'already_exists')
    const kept = await env.DB.prepare('SELECT * FROM teams').all<Record<string, unknown>>()
    await env.DB.prepare('DELETE FROM teams').run()
    const both = await Promise.all([1, 2].map((n) => call('POST', '/setup', { body: { secret: env.ENACT_SECRET, team_id: `first-${n}` } })))
    expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409])
    const { json } = both.find(({ status }) => status === 201)!
    expect((await call('GET', '/keys', { key: json.key })).json.data).toHaveLength(1)
    for (const team of kept.results)
      await env.DB.prepare('INSERT INTO teams (team_id, created_by, created_at, parent) VALUES (?, ?, ?, ?)')
        .bind(team.team_id, team.created_by, team.created_at, team.parent)
        .run()
  })
})

describe('an installation that must not serve', () => {
  const refusing = createApp({
    refusal: 'ENACT_SECRET is not set: make one',
    version: '1',
    ports: { ids: uuidIds, hash: nodeHash }
  } as unknown as Host)
  it('answers every route with 503 misconfigured and what to do, as a page to browsers, and /healthz says so', async () => {
    for (const route of ROUTES.filter(({ always }) => always !== true)) {
      const response = await refusing.fetch(new Request(`http://x${pathOf(route.path, NOBODY)}`, { method: route.method }))
      expect([response.status, response.headers.get('content-type')]).toEqual([503, 'application/problem+json'])
      expect(await response.json()).toMatchObject({ code: 'misconfigured', detail: 'ENACT_SECRET is not set: make one' })
    }
    const page = await refusing.fetch(new Request('http://x/', { headers: { accept: 'text/html,*/*' } }))
    expect(page.status).toBe(503)
    expect(await page.text()).toContain('ENACT_SECRET is not set')
  })
})

describe('the rate limit', () => {
  it('answers 429 with Retry-After to a key that asks too much, and lets the others through', async () => {
    let now = 0
    const limit = edgeRateLimit(undefined, { now: () => now }, 0.01)
    const taken = []
    for (let i = 0; i < 25; i++) taken.push(await limit.take('a'))
    expect(taken.filter((wait) => wait === null)).toHaveLength(20)
    expect(taken.at(-1)).toBe(1)
    expect(await limit.take('b')).toBeNull()
    now += 1000
    expect([await limit.take('a'), await limit.take('a'), await limit.take('a')]).toEqual([null, null, 1])
  })

  it('is shared with other isolates: when the platform says no, so does the Worker', async () => {
    let asked = 0
    const limit = edgeRateLimit({ limit: async () => ({ success: ++asked < 3 }) }, { now: () => 0 })
    const waits = []
    for (let i = 0; i < 60; i++) waits.push(await limit.take('a'))
    expect([asked, waits.findIndex((wait) => wait !== null), waits.at(-1)]).toEqual([3, 59, 10])
  })

  it('holds for addresses that try keys', async () => {
    const answers: Answered[] = []
    for (let i = 0; i < 400; i += 50)
      answers.push(
        ...(await Promise.all(
          Array.from({ length: 50 }, () => call('GET', '/receipts', { key: 'nobody', headers: { 'cf-connecting-ip': '192.0.2.7' } }))
        ))
      )
    const limited = answers.filter(({ status }) => status === 429)
    expect(limited.length).toBeGreaterThan(0)
    expectProblem(limited[0]!, 429, 'rate_limited')
    expect(Number(limited[0]!.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await call('GET', '/receipts', { key: admin })).status).toBe(200)
  })
})

describe('receipts that an SDK pushes', () => {
  const pushed = (run_id: string, more: object = {}) => ({
    run_id,
    workflow: 'send_email',
    decision: 'PASS',
    receipt: {
      run_id,
      workflow: 'send_email',
      decision: 'PASS',
      user_email: 'agent@company.com',
      payload: { to: 'x@y.co' },
      policy_results: [{ policy: 'no_mass_emails', passed: true, reason: 'one recipient' }],
      signature: 'abc123',
      ...more
    }
  })

  it('are stored once, whole, as imported, and signed by this installation', async () => {
    const run_id = uuidIds.runId()
    const body = pushed(run_id)
    const first = await call('POST', '/receipts', { key: admin, body })
    expect([first.status, first.json]).toEqual([201, { run_id, already_stored: false }])
    const twice = await call('POST', '/receipts', { key: admin, body })
    expect([twice.status, twice.json]).toEqual([201, { run_id, already_stored: true }])
    const { json } = await call('GET', `/receipts/${run_id}`, { key: admin })
    expect(json).toMatchObject({
      mode: 'imported',
      team_id: 'acme',
      workflow: 'send_email',
      decision: 'PASS',
      outcome: 'UNKNOWN',
      payload: { receipt: body.receipt },
      payload_digest: digestOf({ receipt: body.receipt }, nodeHash)
    })
    expect(json.policy_results).toEqual([{ policy: 'no_mass_emails', passed: true, effect: 'allow', reason: 'one recipient' }])
    expect((await call('GET', `/receipts?workflow=send_email&q=x@y.co`, { key: admin })).json.data).toHaveLength(1)
  })

  it('with other content under the same id are a conflict, also when both come at once', async () => {
    const run_id = uuidIds.runId()
    const both = await Promise.all(
      [pushed(run_id), pushed(run_id, { payload: { to: 'other' } })].map((body) => call('POST', '/receipts', { key: admin, body }))
    )
    expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409])
    expectProblem(
      both.find(({ status }) => status === 409)!,
      409,
      'receipt_conflict'
    )
  })

  it('never take the place of a run of this installation', async () => {
    const { json } = await call('POST', '/runs', { key: admin, body: RUN })
    const body = { run_id: json.run_id, workflow: json.receipt.workflow, decision: 'BLOCK', receipt: json.receipt }
    expectProblem(await call('POST', '/receipts', { key: admin, body }), 409, 'receipt_conflict')
    expect((await call('GET', `/receipts/${json.run_id}`, { key: admin })).json.mode).toBe('mediated')
  })

  it('that contradict themselves are refused by the place', async () => {
    for (const [key, value] of Object.entries({ run_id: NOBODY, workflow: 'other', decision: 'BLOCK', team_id: 'rival' })) {
      const answer = await call('POST', '/receipts', { key: admin, body: pushed(uuidIds.runId(), { [key]: value }) })
      expectProblem(answer, 422, 'invalid')
      expect(answer.json.errors[0].pointer).toBe(`/receipt/${key}`)
    }
  })

  it('cannot be rolled back, whatever rollback data they bring', async () => {
    const run_id = uuidIds.runId()
    const line = {
      action: 'create_issue',
      system: 'github',
      success: true,
      output: {},
      rollback_data: { action: 'close_issue', input: { repo: 'myorg/app', number: 1 }, expect: {} }
    }
    await call('POST', '/receipts', { key: admin, body: pushed(run_id, { mode: 'mediated', actions_taken: [line] }) })
    expectProblem(await call('POST', `/runs/${run_id}/rollback`, { key: admin, body: {} }), 409, 'nothing_to_undo')
  })

  it('lose their secrets before they are stored, and are still recognised', async () => {
    const run_id = uuidIds.runId()
    const body = pushed(run_id, { payload: { api_key: `ghp_${'a1B2c3D4e5'.repeat(4)}` } })
    expect((await call('POST', '/receipts', { key: admin, body })).json.already_stored).toBe(false)
    expect((await call('POST', '/receipts', { key: admin, body })).json.already_stored).toBe(true)
    expect((await call('GET', `/receipts/${run_id}`, { key: admin })).text).not.toContain('a1B2c3D4e5')
  })
})

describe('lists of receipts', () => {
  it('read their own writes, filter by everything, and page without repeating or skipping while others write', async () => {
    const key = await makeKey('lists', ['admin'])
    const denied = { policy: 'dont_push_to_main', passed: false, effect: 'deny', reason: 'branch `main` is protected' } as const
    const made = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        makeReceipt('lists', {
          workflow: i % 2 ? 'agent_pr_workflow' : 'db_safe_insert',
          decision: i % 4 === 0 ? 'BLOCK' : 'PASS',
          outcome: i % 4 === 0 ? 'NONE' : 'SUCCEEDED',
          user_email: i % 5 ? 'a@company.com' : 'b@company.com',
          policy_results: i % 4 === 0 ? [denied] : [],
          payload: { note: `number-${i}` },
          timestamp: new Date(Date.UTC(2026, 0, 1 + i)).toISOString()
        })
      )
    )
    await ledgerStub('lists').appendMany('lists', made.map(entryOf))
    const counts: [string, number][] = [
      ['', 40],
      ['workflow=db_safe_insert', 20],
      ['decision=BLOCK', 10],
      ['outcome=SUCCEEDED', 30],
      ['user_email=b@company.com', 8],
      ['policy=dont_push_to_main', 10],
      ['policy=block_ddl', 0],
      ['system=github', 0],
      ['q=NUMBER-7', 1],
      ['q=protected%20main', 10],
      ['q=%25', 0],
      ['from=2026-01-11&to=2026-01-21T00:00:00Z', 10],
      ['decision=BLOCK&workflow=db_safe_insert&policy=dont_push_to_main&user_email=b@company.com&q=branch', 2]
    ]
    for (const [query, count] of counts)
      expect([query, (await call('GET', `/receipts?limit=200&${query}`, { key })).json.data.length]).toEqual([query, count])
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const { json } = await call('GET', `/receipts?limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`, { key })
      seen.push(...json.data.map(({ run_id }: { run_id: string }) => run_id))
      cursor = json.next_cursor
      const amended = await makeReceipt('lists', { run_id: made[20]!.run_id, revision: seen.length, links: { rolled_back_by: NOBODY } })
      await ledgerStub('lists').appendMany('lists', [entryOf(await makeReceipt('lists')), entryOf(amended)])
    }
    expect(seen).toEqual(made.map(({ run_id }) => run_id).toReversed())
  })

  it('refuse filters that are unknown, doubled or out of range, by name', async () => {
    for (const query of [
      'limit=0',
      'limit=201',
      'limit=x',
      'cursor=hello',
      'decision=MAYBE',
      'from=yesterday',
      'colour=red',
      'workflow=a&workflow=b'
    ]) {
      const answer = await call('GET', `/receipts?${query}`, { key: admin })
      expectProblem(answer, 422, 'invalid')
      expect(answer.json.errors[0].pointer).toBe(`/${query.split('=')[0]}`)
    }
  })
})

describe('what third parties need', () => {
  it('is public: keys that verify a receipt’s signature, and the newest checkpoint', async () => {
    const { json: run } = await call('POST', '/runs', { key: admin, body: RUN })
    const { json: proof } = await call('GET', `/receipts/${run.run_id}/proof`, { key: admin })
    const { json: jwks } = await call('GET', '/.well-known/enact-keys.json')
    const ed25519 = run.receipt.signatures.find(({ alg }: { alg: string }) => alg === 'Ed25519')
    expect(jwks.keys.map(({ kid }: { kid: string }) => kid)).toContain(ed25519.keyid)
    expect(JSON.stringify(jwks)).not.toMatch(/acme|"d":/)
    expect((await call('GET', '/.well-known/enact-keys.json?team=acme')).json.keys).toHaveLength(1)
    const latest = await call('GET', '/checkpoints/latest?team=acme')
    expect(latest.json).toMatchObject({ tree_size: proof.tree_size, note: proof.checkpoint })
    const note = await call('GET', '/checkpoints/latest?team=acme', { headers: { accept: 'text/plain' } })
    expect(note.text).toBe(proof.checkpoint)
    expect((await call('GET', '/checkpoints', { key: admin })).json.data[0]).toEqual(latest.json)
  })

  it('tells nothing of teams that have none', async () => {
    expectProblem(await call('GET', '/checkpoints/latest?team=nobody'), 404, 'not_found')
    expectProblem(await call('GET', '/checkpoints/latest?team=empty'), 404, 'not_found')
    expectProblem(await call('GET', '/checkpoints/latest'), 422, 'invalid')
    expectProblem(await call('GET', '/checkpoints/latest?team=../acme'), 422, 'invalid')
    expect((await call('GET', '/.well-known/enact-keys.json?team=nobody')).json).toEqual({ keys: [] })
  })
})

it('an address that does not exist is a 404 problem, whatever the method', async () => {
  for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS']) expectProblem(await call(method, '/nothing/here'), 404, 'not_found')
})

it('the bare address leads to the reference', async () => {
  const { status, headers } = await call('GET', '/', { redirect: 'manual' })
  expect([status, headers.get('location')]).toEqual([302, '/docs'])
})

it('HEAD answers like GET without a body', async () => {
  const head = await call('HEAD', '/healthz')
  expect([head.status, head.text]).toEqual([200, ''])
})
