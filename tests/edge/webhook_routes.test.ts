// The routes of webhooks over HTTP, with the rules of production: who may, what is shown, and where nothing is ever sent.
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { call, makeKey } from './parts.ts'

const NOTHING = '00000000-0000-7000-8000-000000000000'
const URL = 'https://hooks.acme-receiver.com/enact'
const RUN = { workflow: 'agent_pr_workflow', user_email: 'agent@company.com', payload: { repo: 'myorg/app', branch: 'main' } }
let admin = ''
let stranger = ''

beforeAll(async () => {
  admin = await makeKey('hooked', ['admin'])
  stranger = await makeKey('unhooked', ['admin'])
})

const make = async (body: object = { url: URL }, headers: Record<string, string> = {}) =>
  call('POST', '/webhooks', { key: admin, body, headers })

describe('POST /webhooks', () => {
  it('shows the secret once, and its public half always', async () => {
    const made = await make({ url: URL, types: ['run.blocked'], description: 'alerts' })
    expect(made.status).toBe(201)
    expect(made.json).toEqual({
      id: expect.any(String),
      url: URL,
      types: ['run.blocked'],
      description: 'alerts',
      status: 'PENDING',
      disabled_reason: null,
      public_key: expect.stringMatching(/^whpk_/),
      previous_until: null,
      verified_at: null,
      created_at: expect.stringMatching(/Z$/),
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/)
    })
    const { secret: _secret, ...shown } = made.json
    const read = await call('GET', `/webhooks/${made.json.id}`, { key: admin })
    expect(read.json).toEqual(shown)
    expect((await call('GET', '/webhooks?limit=200', { key: admin })).text).not.toMatch(/whsec|whsk|sealed/)
    const [ping] = (await call('GET', `/webhooks/${made.json.id}/deliveries`, { key: admin })).json.data
    expect(ping).toMatchObject({ type: 'webhook.ping', endpoint_id: made.json.id, status: 'PENDING', attempts: [] })
  })

  it('makes one endpoint under one Idempotency-Key, and refuses another request under it', async () => {
    const headers = { 'idempotency-key': 'hook-1' }
    const [first, second] = await Promise.all([make({ url: URL }, headers), make({ url: URL }, headers)])
    expect([first.status, second.json]).toEqual([201, first.json])
    expect((await make({ url: `${URL}/other` }, headers)).json).toMatchObject({ status: 422, code: 'idempotency_key_reused' })
    expect((await make()).json.id).not.toBe(first.json.id)
  })

  const refused = [
    'http://hooks.acme-receiver.com/',
    'https://127.0.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://[::1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://localhost/',
    'https://metadata.google.internal/',
    'https://printer.local/',
    'https://intranet/',
    'https://10.0.0.1.nip.io/',
    'https://user:password@hooks.acme-receiver.com/',
    'https://hooks.acme-receiver.com:22/',
    'ftp://hooks.acme-receiver.com/',
    'javascript:alert(1)'
  ]
  it.each(refused)('refuses `%s`, for endpoints, their changes, and callbacks, before anything is stored or run', async (url) => {
    const { id } = (await make()).json
    const before = (await call('GET', '/receipts?limit=200', { key: admin })).json.data.length
    for (const answer of [
      await make({ url }),
      await call('PATCH', `/webhooks/${id}`, { key: admin, body: { url } }),
      await call('POST', '/runs', { key: admin, body: { ...RUN, callback_url: url } })
    ]) {
      expect(answer.json, answer.text).toMatchObject({ status: 422, code: 'invalid' })
      expect(answer.json.errors[0].pointer).toMatch(/url$/)
    }
    expect((await call('GET', '/receipts?limit=200', { key: admin })).json.data).toHaveLength(before)
    await call('DELETE', `/webhooks/${id}`, { key: admin })
  })

  it('takes a team’s fifty endpoints and no more', async () => {
    const key = await makeKey('many-hooks', ['admin'])
    const answers = []
    for (let i = 0; i < 51; i++) answers.push(await call('POST', '/webhooks', { key, body: { url: `${URL}/${i}` } }))
    expect(answers.map(({ status }) => status)).toEqual([...Array(50).fill(201), 422])
  })
})

describe('an endpoint', () => {
  it('is changed, switched off and on, and deleted', async () => {
    const { id } = (await make()).json
    const change = (body: object) => call('PATCH', `/webhooks/${id}`, { key: admin, body })
    expect((await change({ types: ['run.completed'], description: 'x' })).json).toMatchObject({
      types: ['run.completed'],
      description: 'x',
      url: URL
    })
    expect((await change({ disabled: true })).json).toMatchObject({ status: 'DISABLED', disabled_reason: 'an admin switched it off' })
    expect((await change({ url: `${URL}/moved` })).json).toMatchObject({ status: 'DISABLED', url: `${URL}/moved` })
    expect((await change({ disabled: false })).json).toMatchObject({ status: 'PENDING', disabled_reason: null })
    expect((await change({})).json).toMatchObject({ status: 'PENDING', types: ['run.completed'] })
    expect((await change({ types: ['webhook.ping'] })).json).toMatchObject({ status: 422 })
    expect((await call('DELETE', `/webhooks/${id}`, { key: admin })).status).toBe(204)
    expect((await call('GET', `/webhooks/${id}`, { key: admin })).json).toMatchObject({ status: 404, code: 'not_found' })
  })

  it('gets a new secret; the answer says how long the one before signs along', async () => {
    const made = (await make()).json
    const fresh = await call('POST', `/webhooks/${made.id}/rotate`, { key: admin })
    expect(fresh.status).toBe(201)
    expect(fresh.json.secret).not.toBe(made.secret)
    expect(Date.parse(fresh.json.previous_until) - Date.now()).toBeGreaterThan(23 * 3_600_000)
    const read = (await call('GET', `/webhooks/${made.id}`, { key: admin })).json
    expect([read.public_key, read.previous_until]).toEqual([fresh.json.public_key, fresh.json.previous_until])
    expect((await call('POST', '/webhooks/secret', { key: admin })).json.secret).toMatch(/^whsec_/)
  })
})

describe('deliveries', () => {
  it('come in pages, newest first, each once', async () => {
    const key = await makeKey('paged-hooks', ['admin'])
    const { id } = (await call('POST', '/webhooks', { key, body: { url: URL } })).json
    for (let i = 0; i < 4; i++) expect((await call('POST', `/webhooks/${id}/ping`, { key })).status).toBe(202)
    const ids: string[] = []
    for (let cursor = ''; ;) {
      const { json } = await call('GET', `/webhooks/deliveries?limit=2${cursor}`, { key })
      ids.push(...json.data.map((one: { id: string }) => one.id))
      if (!json.has_more) break
      cursor = `&cursor=${json.next_cursor}`
    }
    expect(new Set(ids).size).toBe(5)
    expect((await call('POST', `/webhooks/deliveries/${ids[0]}/replay`, { key })).json).toMatchObject({ id: ids[0], status: 'PENDING' })
    expect((await call('POST', `/webhooks/${id}/replay`, { key, body: { since: '2026-01-01T00:00:00Z' } })).json).toEqual({ replayed: 0 })
  })
})

describe('tenancy', () => {
  it('another team’s endpoint and delivery are 404 everywhere, the same as ids of nothing', async () => {
    const { id } = (await make()).json
    const [{ id: delivery }] = (await call('GET', `/webhooks/${id}/deliveries`, { key: admin })).json.data
    const before = (await call('GET', `/webhooks/${id}`, { key: admin })).json
    const attempts: [string, string, unknown?][] = [
      ['GET', `/webhooks/${id}`],
      ['PATCH', `/webhooks/${id}`, { disabled: true }],
      ['POST', `/webhooks/${id}/rotate`],
      ['POST', `/webhooks/${id}/ping`],
      ['GET', `/webhooks/${id}/deliveries`],
      ['POST', `/webhooks/${id}/replay`, {}],
      ['POST', `/webhooks/deliveries/${delivery}/replay`],
      ['DELETE', `/webhooks/${id}`]
    ]
    for (const [method, path, body] of attempts) {
      const theirs = await call(method, path, { key: stranger, body })
      const nothing = await call(method, path.replace(id, NOTHING).replace(delivery, NOTHING), { key: stranger, body })
      expect([theirs.status, theirs.json.code], `${method} ${path}`).toEqual([404, 'not_found'])
      expect({ ...theirs.json, request_id: 0, detail: 0 }).toEqual({ ...nothing.json, request_id: 0, detail: 0 })
    }
    expect((await call('GET', '/webhooks', { key: stranger })).json.data).toEqual([])
    expect((await call('GET', '/webhooks/deliveries', { key: stranger })).json.data).toEqual([])
    expect((await call('GET', `/webhooks/${id}`, { key: admin })).json).toEqual(before)
  })
})

describe('a callback_url', () => {
  it('is taken down before the run begins, and the first that a run was given counts', async () => {
    const headers = { 'idempotency-key': 'called-back' }
    const ask = (callback_url: string) => call('POST', '/runs', { key: admin, body: { ...RUN, callback_url }, headers })
    const first = await ask(`${URL}/first`)
    expect(first.json).toMatchObject({ status: 'DONE', decision: 'BLOCK' })
    expect((await ask(`${URL}/second`)).json).toMatchObject({ code: 'idempotency_key_reused' })
    // The ledger makes a delivery of it a second later.
    const { results } = await env.DB.prepare(
      'SELECT url FROM webhook_callbacks WHERE team_id = ?1 UNION SELECT callback_url FROM webhook_deliveries WHERE team_id = ?1 AND callback_url IS NOT NULL'
    )
      .bind('hooked')
      .all()
    expect(results).toEqual([{ url: `${URL}/first` }])
    expect(first.text).not.toContain(URL)
  })
})
