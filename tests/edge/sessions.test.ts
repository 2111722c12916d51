// Signing in to the UI: what the cookie may do, and what nobody can do with it, about it or through it.
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/adapters/clock/system.ts'
import { d1Sessions } from '../../src/adapters/edge/sessions.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import { sweepSessions } from '../../src/jobs/sweep_sessions.ts'
import { makeTeam } from './approval_parts.ts'
import { call, makeKey, type Answered } from './parts.ts'

const HERE = 'http://127.0.0.1'
const HOUR = 3_600_000
let admin = ''
let reader = ''

beforeAll(async () => {
  admin = await makeKey('desk', ['admin'])
  reader = await makeKey('desk', ['read'], { user_email: 'ann@desk.example' })
  await makeKey('rival', ['admin'])
})

/** Signs in and gives what a browser sends back. */
async function signIn(key: string, headers: Record<string, string> = { origin: HERE }): Promise<{ cookie: string; answer: Answered }> {
  const answer = await call('POST', '/session', { body: { key }, headers })
  expect(answer.status, answer.text).toBe(201)
  return { cookie: answer.headers.get('set-cookie')!.split(';')[0]!, answer }
}

const as = (cookie: string, origin: string | null = HERE): Record<string, string> => ({ cookie, ...(origin === null ? {} : { origin }) })
const problemOf = ({ status, json }: Answered) => [status, json?.code]

async function sha256(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

describe('signing in', () => {
  it('turns any key into a cookie that no script, no sub-domain and no other site can use', async () => {
    const { answer } = await signIn(reader)
    expect(answer.json).toEqual({
      team_id: 'desk',
      team_name: null,
      api_key_id: reader.split('_')[2],
      user_email: 'ann@desk.example',
      scopes: ['read'],
      via: 'key',
      expires_at: expect.stringMatching(/Z$/),
      features: expect.arrayContaining(['receipts', 'approvals']),
      is_dev: false
    })
    expect(answer.headers.get('set-cookie')).toMatch(
      /^__Host-enact=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=(43200|43199)$/
    )
    expect(Date.parse(answer.json.expires_at) - Date.now()).toBeGreaterThan(12 * HOUR - 60_000)
    for (const scope of ['run', 'approve', 'audit', 'admin'] as const) await signIn(await makeKey('desk', [scope]))
  })

  it('keeps neither the token nor the key, only their digests', async () => {
    const { cookie } = await signIn(admin)
    const token = cookie.split('=')[1]!
    const row = await env.DB.prepare('SELECT * FROM sessions WHERE token_hash = ?')
      .bind(await sha256(token))
      .first()
    expect(row).toMatchObject({ team_id: 'desk', key_hash: await sha256(admin) })
    const { results } = await env.DB.prepare('SELECT * FROM sessions').all()
    expect(JSON.stringify(results)).not.toContain(token)
    expect(JSON.stringify(results)).not.toContain(admin)
  })

  it('lets the session do exactly what its key may', async () => {
    const { cookie } = await signIn(reader)
    expect((await call('GET', '/receipts', { headers: as(cookie, null) })).status).toBe(200)
    expect(problemOf(await call('GET', '/keys', { headers: as(cookie) }))).toEqual([403, 'forbidden'])
    expect(problemOf(await call('POST', '/keys', { headers: as(cookie), body: { scopes: ['admin'] } }))).toEqual([403, 'forbidden'])
    const boss = await signIn(admin)
    expect((await call('POST', '/keys', { headers: as(boss.cookie), body: { scopes: ['read'] } })).status).toBe(201)
    expect((await call('GET', '/session', { headers: as(boss.cookie, null) })).json).toMatchObject({ scopes: ['admin'], via: 'key' })
  })

  it('is refused to unknown, revoked and expired keys, all alike, and to what is no JSON', async () => {
    const { json: made } = await call('POST', '/keys', { key: admin, body: { scopes: ['read'] } })
    await call('DELETE', `/keys/${made.id}`, { key: admin })
    const over = await makeKey('desk', ['read'], { expires_at: '2026-01-01T00:00:00Z' })
    const answers = []
    for (const key of [`enact_live_${'0'.repeat(16)}_${'0'.repeat(64)}`, 'x', 'x'.repeat(1_000), made.key, over]) {
      const answer = await call('POST', '/session', { body: { key }, headers: { origin: HERE } })
      expect(answer.headers.get('set-cookie')).toBeNull()
      answers.push({ ...answer.json, request_id: 0 })
    }
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1)
    expect(answers[0]).toMatchObject({ status: 401, code: 'unauthorized' })
    // A form of another site can send these; a page of ours never does.
    for (const type of ['text/plain', 'application/x-www-form-urlencoded'])
      expect((await call('POST', '/session', { body: JSON.stringify({ key: admin }), headers: { 'content-type': type } })).status).toBe(415)
  })

  it('from another site is refused: nobody is made to work in the account of somebody else', async () => {
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:8788', 'https://127.0.0.1']) {
      const answer = await call('POST', '/session', { body: { key: admin }, headers: { origin } })
      expect([...problemOf(answer), answer.headers.get('set-cookie')]).toEqual([403, 'foreign_origin', null])
    }
  })

  it('costs guessers what guesses of keys cost', async () => {
    const guess = () => call('POST', '/session', { body: { key: 'guess' }, headers: { 'cf-connecting-ip': '192.0.2.99' } })
    const statuses: number[] = []
    for (let i = 0; i < 300; i += 50) statuses.push(...(await Promise.all(Array.from({ length: 50 }, async () => (await guess()).status))))
    expect(statuses).toContain(429)
  })

  it('always makes a new token, and ends the session that was shown: none can be fixed beforehand', async () => {
    const planted = await signIn(reader)
    const { cookie } = await signIn(admin, as(planted.cookie))
    expect(cookie).not.toBe(planted.cookie)
    expect((await call('GET', '/session', { headers: as(cookie) })).json.scopes).toEqual(['admin'])
    expect(problemOf(await call('GET', '/session', { headers: as(planted.cookie) }))).toEqual([401, 'unauthorized'])
    const made = `__Host-enact=${'A'.repeat(43)}`
    expect((await signIn(admin, as(made))).cookie).not.toBe(made)
    expect(problemOf(await call('GET', '/session', { headers: as(made) }))).toEqual([401, 'unauthorized'])
  })

  it('keeps the newest fifty of a key', async () => {
    const key = await makeKey('many', ['read'])
    const cookies: string[] = []
    for (let i = 0; i < 52; i++) cookies.push((await signIn(key)).cookie)
    const { n } = (await env.DB.prepare("SELECT count(*) AS n FROM sessions WHERE team_id = 'many'").first<{ n: number }>())!
    expect(n).toBeLessThanOrEqual(51)
    expect((await call('GET', '/session', { headers: as(cookies.at(-1)!) })).status).toBe(200)
  })
})

describe('a session ends', () => {
  it('with signing out, at once and everywhere: a kept cookie is worth nothing', async () => {
    const { cookie } = await signIn(admin)
    const other = await signIn(admin)
    const out = await call('DELETE', '/session', { headers: as(cookie) })
    expect([out.status, out.headers.get('set-cookie')]).toEqual([
      204,
      '__Host-enact=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0'
    ])
    expect(problemOf(await call('GET', '/session', { headers: as(cookie) }))).toEqual([401, 'unauthorized'])
    expect((await call('GET', '/session', { headers: as(other.cookie) })).status).toBe(200)
  })

  it('with its key, revoked or expired', async () => {
    const { json: made } = await call('POST', '/keys', { key: admin, body: { scopes: ['read'] } })
    const { cookie } = await signIn(made.key)
    expect((await call('DELETE', `/keys/${made.id}`, { key: admin })).status).toBe(204)
    expect(problemOf(await call('GET', '/receipts', { headers: as(cookie) }))).toEqual([401, 'unauthorized'])
    const soon = await makeKey('desk', ['read'], { expires_at: new Date(Date.now() + HOUR).toISOString() })
    const { answer } = await signIn(soon)
    expect(Date.parse(answer.json.expires_at) - Date.now()).toBeLessThanOrEqual(HOUR)
    expect(Number(/Max-Age=(\d+)/.exec(answer.headers.get('set-cookie')!)![1])).toBeLessThanOrEqual(3_600)
  })

  it('after twelve hours, whatever happens, and its row goes with the next sweep', async () => {
    const { cookie } = await signIn(admin)
    const hash = await sha256(cookie.split('=')[1]!)
    const sessions = d1Sessions(env.DB)
    const later = Date.now() + 12 * HOUR
    expect(await sessions.find(hash, later - 60_000)).not.toBeNull()
    expect(await sessions.find(hash, later + 1)).toBeNull()
    await sweepSessions({ sessions, clock: systemClock, log: () => expect.unreachable() })
    expect(await sessions.find(hash, Date.now())).not.toBeNull()
    await sweepSessions({ sessions, clock: { now: () => later + 1 }, log: () => expect.unreachable() })
    expect(await sessions.find(hash, Date.now())).toBeNull()
    expect(problemOf(await call('GET', '/session', { headers: as(cookie) }))).toEqual([401, 'unauthorized'])
  })

  it('and a sweep that fails is logged and stops nothing', async () => {
    const logged: unknown[] = []
    const sessions = { sweep: () => Promise.reject(new Error('D1 is away')) }
    await sweepSessions({ sessions, clock: systemClock, log: (entry) => void logged.push(entry) })
    expect(logged).toMatchObject([{ event: 'sessions_not_swept', error: 'D1 is away' }])
  })
})

describe('the cookie', () => {
  it('counts only once, whole and under its exact name: planted and doubled ones are none', async () => {
    const { cookie } = await signIn(admin)
    const token = cookie.split('=')[1]!
    const none = [
      `${cookie}; ${cookie}`,
      `${cookie}; __Host-enact=${'B'.repeat(43)}`,
      `__Host-enact=${'B'.repeat(43)}; ${cookie}`,
      `__Host-enact=; ${cookie}`,
      `__host-enact=${token}`,
      `enact=${token}`,
      `__Secure-enact=${token}`,
      `=${cookie}`,
      `__Host-enact="${token}"`,
      `__Host-enact=${token}x`,
      `__Host-enact=${token.slice(1)}`,
      `__Host-enact=${await sha256(token)}`,
      `__Host-enact=' OR 1=1 --`
    ]
    for (const given of none) expect([given, (await call('GET', '/session', { headers: as(given) })).status]).toEqual([given, 401])
    expect((await call('GET', '/session', { headers: as(`a=b; ${cookie}; theme=dark`) })).status).toBe(200)
  })

  it('is not looked at where a key is in the request: that one counts alone, good or bad', async () => {
    const boss = await signIn(admin)
    const asReader = { ...as(boss.cookie), 'x-enact-api-key': reader }
    expect((await call('GET', '/session', { headers: asReader })).json.scopes).toEqual(['read'])
    expect(problemOf(await call('GET', '/keys', { headers: asReader }))).toEqual([403, 'forbidden'])
    const wrong: Record<string, string>[] = [
      { 'x-enact-api-key': 'nothing' },
      { authorization: 'Basic YTpi' },
      { authorization: 'Bearer x' },
      { 'x-enact-api-key': '' }
    ]
    for (const bad of wrong)
      expect(problemOf(await call('GET', '/keys', { headers: { ...as(boss.cookie), ...bad } }))).toEqual([401, 'unauthorized'])
    // A key needs no origin, and signs nobody out.
    expect((await call('DELETE', '/session', { headers: { cookie: boss.cookie, 'x-enact-api-key': admin } })).status).toBe(204)
    expect((await call('GET', '/session', { headers: as(boss.cookie) })).status).toBe(200)
  })

  it('leads to its own team alone', async () => {
    const rival = await signIn(await makeKey('rival', ['admin']))
    const run = await call('POST', '/runs', {
      key: admin,
      body: { workflow: 'agent_pr_workflow', user_email: 'a@b.example', payload: { repo: 'myorg/app', branch: 'main' } }
    })
    expect((await call('GET', `/receipts/${run.json.run_id}`, { headers: as(rival.cookie) })).status).toBe(404)
    expect(
      (await call('GET', `/keys`, { headers: as(rival.cookie) })).json.data.every((one: { team_id: string }) => one.team_id === 'rival')
    ).toBe(true)
  })
})

describe('writes with the cookie', () => {
  const FOREIGN = [
    null,
    'null',
    '',
    'https://evil.example',
    'http://127.0.0.1.evil.example',
    'http://evil.127.0.0.1',
    'http://ui.127.0.0.1',
    'http://127.0.0.1:80',
    'http://127.0.0.1:8787',
    'https://127.0.0.1',
    'HTTP://127.0.0.1',
    'http://127.0.0.1/',
    'http://localhost',
    'http://127.0.0.1, https://evil.example',
    'https://UI.enact.example',
    'https://ui.enact.example:8443',
    'https://x.ui.enact.example'
  ]

  it.each(FOREIGN)('from `%s` are refused, and change nothing', async (origin) => {
    const { cookie } = await signIn(admin)
    const before = (await call('GET', '/keys?limit=200', { key: admin })).json.data.length
    const writes: [string, string, unknown?][] = [
      ['POST', '/keys', { scopes: ['admin'] }],
      ['PUT', '/facts/kill_switch', { value: true }],
      ['DELETE', '/session'],
      ['POST', '/people', { email: 'evil@evil.example', roles: ['approver'] }],
      ['POST', '/runs', { workflow: 'agent_pr_workflow', user_email: 'a@b.example', payload: {} }]
    ]
    for (const [method, path, body] of writes)
      expect([path, ...problemOf(await call(method, path, { headers: as(cookie, origin), body }))]).toEqual([path, 403, 'foreign_origin'])
    expect((await call('GET', '/keys?limit=200', { key: admin })).json.data).toHaveLength(before)
    expect((await call('GET', '/facts/kill_switch', { key: admin })).status).toBe(404)
    expect((await call('GET', '/session', { headers: as(cookie) })).status).toBe(200)
  })

  it('from a page of this installation, or of an origin that ENACT_UI_ORIGINS names, count', async () => {
    const { cookie } = await signIn(admin)
    for (const origin of [HERE, 'https://ui.enact.example', 'http://localhost:5173'])
      expect((await call('PUT', '/facts/colour', { headers: as(cookie, origin), body: { value: origin } })).status).toBe(200)
  })

  it('are not let through by a HEAD, a method in a header, or a body that says another', async () => {
    const { cookie } = await signIn(admin)
    const headers = { ...as(cookie, 'https://evil.example'), 'x-http-method-override': 'GET', 'x-method-override': 'GET' }
    expect(problemOf(await call('DELETE', '/session', { headers }))).toEqual([403, 'foreign_origin'])
    expect(problemOf(await call('POST', '/keys?_method=GET', { headers, body: { scopes: ['admin'] } }))).toEqual([403, 'foreign_origin'])
    expect((await call('HEAD', '/session', { headers: as(cookie, 'https://evil.example') })).status).toBe(200)
  })

  it('a GET of another site changes nothing and can be read by none: there are no CORS headers anywhere', async () => {
    const { cookie } = await signIn(admin)
    for (const [method, path] of [
      ['GET', '/session'],
      ['GET', '/keys'],
      ['OPTIONS', '/keys'],
      ['POST', '/session']
    ] as const) {
      const { headers } = await call(method, path, {
        headers: {
          ...as(cookie, 'https://ui.enact.example'),
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type'
        },
        ...(method === 'POST' ? { body: {} } : {})
      })
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    }
  })
})

describe('approvals, signed in', () => {
  const post = (path: string, headers: Record<string, string>, body: unknown = {}) =>
    call('POST', path, { headers: { accept: 'application/json', ...headers }, body })

  it('a registered approver decides as that person, and the receipt says how', async () => {
    const team = await makeTeam('signed')
    const { id } = await team.open()
    const { cookie } = await signIn(await makeKey('signed', ['approve', 'read'], { user_email: team.ann }))
    const seen = await call('GET', `/hitl/${id}/approve`, { headers: { ...as(cookie, null), accept: 'application/json' } })
    expect(seen.json).toMatchObject({
      hitl_id: id,
      status: 'PENDING',
      workflow: 'refund_customer',
      payload: { customer: 'c-7', amount: 120 },
      preview: {},
      policy_results: [],
      votes: [],
      history: [],
      needed: 1,
      missing: 1,
      approvers: [team.ann],
      is_redacted: false,
      is_judging: false,
      can_decide: true,
      request_digest: expect.stringMatching(/^sha256:/),
      expires_at: expect.any(String)
    })
    const done = await post(`/hitl/${id}/approve`, as(cookie), { reason: 'fine', request_digest: seen.json.request_digest })
    expect(done.json).toMatchObject({ status: 'APPROVED', decided_by: team.ann })
    const receipt = await call('GET', `/hitl/${id}/receipt`, { key: team.agent })
    expect(receipt.json.approval.votes).toMatchObject([{ by: team.ann, via: 'ui', assurance: 'signed_in', reason: 'fine' }])
    expect(problemOf(await post(`/hitl/${id}/deny`, as(cookie)))).toEqual([409, 'already_decided'])
  })

  it('whoever may read sees all of it and decides nothing; agents see nothing', async () => {
    const team = await makeTeam('looking')
    const { id } = await team.open()
    const look = (headers: Record<string, string>) =>
      call('GET', `/hitl/${id}/approve`, { headers: { accept: 'application/json', ...headers } })
    const eyes = await makeKey('looking', ['read'])
    const boss = await signIn(team.admin)
    for (const headers of [{ 'x-enact-api-key': eyes }, as((await signIn(eyes)).cookie), as(boss.cookie)]) {
      expect((await look(headers)).json).toMatchObject({ hitl_id: id, payload: { amount: 120 }, can_decide: false })
      expect(problemOf(await post(`/hitl/${id}/approve`, headers))).toEqual([403, 'forbidden'])
      expect(problemOf(await post(`/hitl/${id}/deny`, headers))).toEqual([403, 'forbidden'])
    }
    const bare = await makeKey('looking', ['run'])
    expect(problemOf(await look({ 'x-enact-api-key': bare }))).toEqual([403, 'forbidden'])
    const other = await signIn(await makeKey('rival', ['read', 'approve'], { user_email: team.ann }))
    expect(problemOf(await look(as(other.cookie)))).toEqual([404, 'not_found'])
    expect(problemOf(await post(`/hitl/${id}/approve`, as(other.cookie)))).toEqual([404, 'not_found'])
    // A browser gets the page, without buttons.
    const page = await call('GET', `/hitl/${id}/approve`, { headers: { ...as(boss.cookie, null), accept: 'text/html' } })
    expect([page.status, page.text.includes('<form')]).toEqual([200, false])
    expect(await team.status(id)).toBe('PENDING')
  })

  it('nobody decides through the session of a key that asks, or for somebody who was not asked', async () => {
    const team = await makeTeam('four-eyes')
    const { id } = await team.open()
    const own = await signIn(await makeKey('four-eyes', ['run', 'read'], { user_email: team.ann }))
    expect(problemOf(await post(`/hitl/${id}/approve`, as(own.cookie)))).toEqual([403, 'forbidden'])
    const eve = await signIn(await makeKey('four-eyes', ['approve'], { user_email: 'eve@four-eyes.example' }))
    expect(problemOf(await post(`/hitl/${id}/approve`, as(eve.cookie)))).toEqual([403, 'forbidden'])
    const bob = await signIn(await makeKey('four-eyes', ['approve'], { user_email: team.bob }))
    expect(problemOf(await post(`/hitl/${id}/approve`, as(bob.cookie)))).toEqual([403, 'forbidden'])
    // Written into the table by whoever can write there: the machine does not believe it either.
    const both = await signIn(await makeKey('four-eyes', ['approve', 'admin'], { user_email: team.ann }))
    expect(problemOf(await post(`/hitl/${id}/approve`, as(both.cookie)))).toEqual([403, 'forbidden'])
    expect(await team.status(id)).toBe('PENDING')
  })

  it('after an edit they name what they saw', async () => {
    const team = await makeTeam('edited')
    const { id } = await team.open()
    const { cookie } = await signIn(await makeKey('edited', ['approve'], { user_email: team.ann }))
    const edited = await post(`/hitl/${id}/edit`, as(cookie), { payload: { customer: 'c-7', amount: 10 } })
    expect(edited.status, edited.text).toBe(200)
    expect(problemOf(await post(`/hitl/${id}/approve`, as(cookie)))).toEqual([409, 'request_changed'])
    const { request_digest } = (await call('GET', `/hitl/${id}/approve`, { headers: { ...as(cookie), accept: 'application/json' } })).json
    expect((await post(`/hitl/${id}/approve`, as(cookie), { request_digest })).json).toMatchObject({ status: 'APPROVED' })
  })

  it.each([null, 'null', 'https://evil.example', 'http://127.0.0.1:9'])(
    'a form of another page (`%s`) decides nothing with the cookie that a browser adds, and everything with a link',
    async (origin) => {
      const team = await makeTeam(`forms-${uuidIds.runId()}`)
      const { id, links } = await team.open()
      const { cookie } = await signIn(await makeKey(team.team, ['approve'], { user_email: team.ann }))
      const form = (path: string, body: string) =>
        call('POST', path, {
          body,
          headers: { ...as(cookie, origin), 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' }
        })
      for (const verb of ['approve', 'deny', 'edit', 'delegate'])
        expect((await form(`/hitl/${id}/${verb}`, `reason=x&payload=%7B%7D&to=${team.bob}`)).status).toBe(403)
      // An empty link is no link, and no reason to look at the cookie.
      expect((await form(`/hitl/${id}/approve?t=`, 't=')).status).toBe(403)
      expect(await team.status(id)).toBe('PENDING')
      const t = new URL(links.approve, HERE).searchParams.get('t')!
      expect((await form(`/hitl/${id}/approve`, `t=${encodeURIComponent(t)}`)).status).toBe(200)
      expect(await team.status(id)).toBe('APPROVED')
      const receipt = await call('GET', `/hitl/${id}/receipt`, { key: team.agent })
      expect(receipt.json.approval.votes).toMatchObject([{ via: 'mail', assurance: 'link' }])
    }
  )
})
