// Approvals through the real door: who may decide what, once, in time, on exactly what they saw, and what everybody else learns of it.
import { abortAllDurableObjects } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/adapters/clock/system.ts'
import { d1People } from '../../src/adapters/edge/people.ts'
import { edgeApprovals } from '../../src/adapters/edge/approvals.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import { requestDigest, verifyReceipt, type ApprovalAsk } from '../../src/engine/index.ts'
import { entryOf } from '../../src/adapters/edge/ledger.ts'
import worker from '../../src/worker.ts'
import { everything, failNext, linksTo, mailsTo, makeTeam, refusedRequests, submit } from './approval_parts.ts'
import { call, keys, ledgerStub, makeKey, makeReceipt } from './parts.ts'

const JSON_PLEASE = { accept: 'application/json' }
let house: Awaited<ReturnType<typeof makeTeam>>
let stranger = ''

beforeAll(async () => {
  house = await makeTeam('hitl')
  stranger = await makeKey('hitl-rival', ['admin'])
})

describe('a request', () => {
  it('goes to the registered person alone: no answer, list, receipt or log holds a token', async () => {
    const logged = vi.spyOn(console, 'log')
    const asked = await house.ask()
    expect(asked.json).toEqual({ hitl_id: expect.any(String), status: 'PENDING', expires_at: expect.stringMatching(/Z$/) })
    const id = asked.json.hitl_id as string
    const links = await linksTo(house.ann, id)
    const tokens = Object.values(links).map((link) => link.split('.').at(-1)!)
    expect(new Set(tokens).size).toBe(2)
    expect((await submit(links.approve, { reason: 'fine' })).status).toBe(200)
    const seen = await Promise.all([
      call('GET', `/hitl/${id}`, { key: house.agent }),
      call('GET', '/hitl', { key: house.agent }),
      call('GET', `/hitl/${id}/receipt`, { key: house.agent }),
      call('GET', '/receipts', { key: house.agent }),
      call('GET', `/hitl/${id}/approve`, { key: await makeKey('hitl', ['approve'], { user_email: house.ann }) })
    ])
    const texts = [asked, ...seen].map(({ text }) => text).concat(logged.mock.calls.flat().map(String))
    for (const token of tokens) for (const text of texts) expect(text).not.toContain(token)
    expect((await everything()).filter(({ body }) => body.text?.includes(tokens[0]))).toHaveLength(1)
  })

  const refusals: [string, Record<string, unknown>, number, string][] = [
    ['somebody who is not registered', { notify_email: 'mallory@elsewhere.example' }, 422, 'approver_unknown'],
    ['somebody registered who is no approver', { notify_email: 'eve@hitl.example' }, 422, 'approver_unknown'],
    ['four seconds', { expires_in_seconds: 4 }, 422, 'invalid'],
    ['more than 30 days', { expires_in_seconds: 2_592_001 }, 422, 'invalid'],
    ['more people than there are', { needed: 5 }, 422, 'approver_unknown'],
    ['a payload that does not fit a listed workflow', { workflow: 'agent_pr_workflow', payload: { repo: 7 } }, 422, 'invalid'],
    ['a callback to an internal address', { callback_url: 'https://169.254.169.254/latest' }, 422, 'invalid'],
    ['an unknown field', { approved: true }, 422, 'invalid']
  ]
  it.each(refusals)('with %s is refused', async (_what, more, status, code) => {
    const answer = await house.ask(more)
    expect([answer.status, answer.json.code]).toEqual([status, code])
  })

  it('is refused where the person asked is the one who asks, by whatever spelling of the address', async () => {
    for (const user_email of [house.ann, 'Ann+agent@HITL.example']) {
      const own = await makeKey('hitl', ['run'], { user_email })
      const answer = await house.ask({}, own)
      expect([answer.status, answer.json.code]).toEqual([403, 'own_request'])
    }
  })

  it('under one Idempotency-Key is asked once, with one mail; another body under it is a 422', async () => {
    const first = await house.ask({}, house.agent, { 'idempotency-key': 'once' })
    const again = await house.ask({}, house.agent, { 'idempotency-key': 'once' })
    expect(again.json).toEqual(first.json)
    expect(await mailsTo(house.ann, first.json.hitl_id)).toHaveLength(1)
    const other = await house.ask({ payload: { amount: 1 } }, house.agent, { 'idempotency-key': 'once' })
    expect([other.status, other.json.code]).toEqual([422, 'idempotency_key_reused'])
  })

  it('reaches the person though the provider fails at first, once', async () => {
    await failNext(1)
    const asked = await house.ask()
    await linksTo(house.ann, asked.json.hitl_id)
    expect(await mailsTo(house.ann, asked.json.hitl_id)).toHaveLength(1)
  })
})

describe('the page', () => {
  const NASTY = '<script>alert(1)</script>"\'\u202eevil\u200b'

  it('shows everything, escaped and with hidden characters marked, without a script and under a strict policy', async () => {
    const { links, id } = await house.open({ payload: { note: NASTY, amount: 7 }, workflow: 'refund_customer' })
    const { status, text, headers } = await call('GET', links.approve, { headers: { accept: 'text/html' } })
    expect(status).toBe(200)
    expect(text).not.toMatch(/<script|\son\w+=|javascript:|\u202e|\u200b/i)
    const marked = '&#60;script&#62;alert(1)&#60;/script&#62;\\&#34;&#39;⟨U+202E⟩evil⟨U+200B⟩'
    expect(text).toContain(marked)
    expect(text).toContain('\\u202eevil\\u200b&#34;')
    for (const shown of ['refund_customer', '&#34;amount&#34;: 7', 'cannot say whether it can be undone', 'API key'])
      expect(text).toContain(shown)
    expect(text).toContain('name="viewport" content="width=device-width')
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; base-uri 'none'/
    )
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toBe('no-store')
    const [mail] = await mailsTo(house.ann, id)
    expect(mail!.html).toContain(marked)
    expect(mail!.text).not.toMatch(/\u202e|\u200b/)
  })

  it('offers both choices on approve, and only deny on deny', async () => {
    const { links } = await house.open()
    const both = await call('GET', links.approve)
    const one = await call('GET', links.deny)
    expect([both.text.includes('>Approve<'), both.text.includes('>Deny<')]).toEqual([true, true])
    expect([one.text.includes('>Approve<'), one.text.includes('>Deny<')]).toEqual([false, true])
  })

  it('says of a listed workflow what its policies say and what can be undone', async () => {
    const { links } = await house.open({ workflow: 'agent_pr_workflow', payload: { repo: 'myorg/app', branch: 'main' } })
    const { text } = await call('GET', links.approve)
    for (const shown of ['A policy denies it', 'dont_push_to_main', 'create_branch can be undone']) expect(text).toContain(shown)
  })

  it('never decides by GET or HEAD, whoever fetches it and however often', async () => {
    const { id, links } = await house.open()
    for (const link of [links.approve, links.deny])
      for (const [method, headers] of [
        ['GET', {}],
        ['HEAD', {}],
        ['GET', { purpose: 'prefetch', 'sec-purpose': 'prefetch;prerender' }],
        ['GET', JSON_PLEASE]
      ] as [string, Record<string, string>][])
        expect((await call(method, link, { headers })).status).toBe(200)
    expect(await house.status(id)).toBe('PENDING')
    expect((await submit(links.approve)).status).toBe(200)
  })

  it('does not put a secret of the payload before anybody’s eyes', async () => {
    const { links } = await house.open({ payload: { api_key: 'sk_live_4eC39HqLyjWDarjtT1zdp7dc' } })
    expect((await call('GET', links.approve)).text).not.toContain('4eC39HqLyjWDarjtT1zdp7dc')
  })
})

describe('a decision', () => {
  it('by form is made once; the second click is a 409 page that says so, and the receipt carries the vote', async () => {
    const { id, links } = await house.open()
    const [path, t] = links.approve.split('?t=') as [string, string]
    const first = await submit(path, { t, reason: 'known customer' })
    expect([first.status, first.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    const second = await submit(path, { t })
    expect(second.status).toBe(409)
    expect(second.text).toContain(`APPROVED by ${house.ann}`)
    expect((await submit(links.deny)).status).toBe(409)
    const { json: receipt } = await call('GET', `/hitl/${id}/receipt`, { key: house.agent })
    expect(await verifyReceipt(receipt, await keys.team('hitl'), nodeHash)).toMatchObject({ valid: true })
    expect(receipt).toMatchObject({
      run_id: id,
      workflow: 'approval:refund_customer',
      decision: 'PASS',
      approval: { hitl_id: id, decision: 'APPROVED', votes: [{ by: house.ann, via: 'mail', assurance: 'link', reason: 'known customer' }] }
    })
    expect((await call('GET', '/hitl?status=APPROVED', { key: house.agent })).json.data[0]).toMatchObject({
      hitl_id: id,
      decided_by: house.ann
    })
  })

  it('made twice at the same moment counts once', async () => {
    const { id, links } = await house.open()
    const answers = await Promise.all([links.approve, links.deny, links.approve, links.deny].map((link) => submit(link, {}, JSON_PLEASE)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(3)
    const { json } = await call('GET', `/hitl/${id}/receipt`, { key: house.agent })
    expect(json.approval.votes).toHaveLength(1)
  })

  it('to deny is terminal, and wakes whoever waits', async () => {
    const { id, links } = await house.open()
    const waiting = call('GET', `/hitl/${id}?wait=20`, { key: house.agent })
    expect((await submit(links.deny, { reason: 'no' })).status).toBe(200)
    expect((await waiting).json).toMatchObject({ hitl_id: id, status: 'DENIED', workflow: 'refund_customer', decided_by: house.ann })
    expect((await submit(links.approve)).status).toBe(409)
    expect((await call('GET', `/hitl/${id}/receipt`, { key: house.agent })).json).toMatchObject({
      decision: 'BLOCK',
      approval: { decision: 'DENIED' }
    })
  })

  it('cannot be made with a deny token to approve, a token of another approval or team, a cut or a changed one', async () => {
    const one = await house.open()
    const other = await house.open()
    const rival = await makeTeam('hitl-other')
    const theirs = await rival.open()
    const t = (link: string) => link.split('?t=')[1]!
    const forged = [
      t(one.links.deny),
      t(other.links.approve),
      t(theirs.links.approve),
      t(theirs.links.approve).replace('hitl-other.', 'hitl.'),
      t(one.links.approve).slice(0, -1),
      `${t(one.links.approve)}A`,
      t(one.links.approve).toUpperCase(),
      'hitl.',
      '.',
      ''
    ]
    for (const token of forged) {
      const answer = await call('POST', `/hitl/${one.id}/approve?t=${encodeURIComponent(token)}`, { headers: JSON_PLEASE })
      expect([token, answer.status, answer.json.code]).toEqual([token, 403, 'token_invalid'])
      expect((await call('GET', `/hitl/${one.id}/approve?t=${encodeURIComponent(token)}`)).status).toBe(403)
    }
    expect(await house.status(one.id)).toBe('PENDING')
    expect((await submit(`/hitl/${one.id}/approve`)).status).toBe(403)
  })

  it('after the time is over is too late, and the end has a receipt', { timeout: 20_000 }, async () => {
    const { id, links } = await house.open({ expires_in_seconds: 5 })
    const { json } = await call('GET', `/hitl/${id}?wait=10`, { key: house.agent })
    expect(json).toMatchObject({ status: 'EXPIRED', decided_by: null })
    const late = await submit(links.approve)
    expect([late.status, late.text.includes('EXPIRED')]).toEqual([409, true])
    expect((await call('GET', links.approve)).status).toBe(409)
    const { json: receipt } = await call('GET', `/hitl/${id}/receipt`, { key: house.agent })
    expect(receipt).toMatchObject({ decision: 'BLOCK', approval: { decision: 'EXPIRED', votes: [] } })
    expect(await verifyReceipt(receipt, await keys.team('hitl'), nodeHash)).toMatchObject({ valid: true })
  })

  it('of two people needs two people: one who clicks twice, or by two ways, is one', async () => {
    const { id, links } = await house.open({ needed: 2 })
    const key = await makeKey('hitl', ['approve'], { user_email: house.ann })
    expect((await submit(links.approve, {}, JSON_PLEASE)).json).toMatchObject({ status: 'PENDING', missing: 1 })
    await submit(links.approve, {}, JSON_PLEASE)
    await call('POST', `/hitl/${id}/approve`, { key, body: {} })
    expect(await house.status(id)).toBe('PENDING')
    expect((await submit((await linksTo(house.bob, id)).approve, {}, JSON_PLEASE)).json).toMatchObject({ status: 'APPROVED', missing: 0 })
    const { json } = await call('GET', `/hitl/${id}/receipt`, { key: house.agent })
    expect(json.approval.votes.map(({ by }: { by: string }) => by)).toEqual([house.ann, house.bob])
  })

  it('survives the loss of every object between asking and deciding', async () => {
    const { id, links } = await house.open()
    await abortAllDurableObjects()
    expect((await submit(links.approve)).status).toBe(200)
    await abortAllDurableObjects()
    expect((await call('GET', `/hitl/${id}/receipt`, { key: house.agent })).json.approval.decision).toBe('APPROVED')
  })

  it('has its receipt, though an agent pushed another under its id before', async () => {
    const { id, links } = await house.open()
    const squatter = await makeReceipt('hitl', { run_id: id, workflow: 'approval:refund_customer', mode: 'imported' })
    await ledgerStub('hitl').appendMany('hitl', [entryOf(squatter)])
    expect((await submit(links.deny)).status).toBe(200)
    const { json } = await call('GET', `/hitl/${id}/receipt`, { key: house.agent })
    expect(json).toMatchObject({ revision: 1, mode: 'mediated', approval: { hitl_id: id, decision: 'DENIED' } })
  })
})

describe('a key', () => {
  it('of a registered approver decides, and the receipt says that it was a key', async () => {
    const { id } = await house.open()
    const key = await makeKey('hitl', ['approve'], { user_email: house.ann })
    expect((await call('GET', `/hitl/${id}/approve`, { key })).json).toMatchObject({ payload: { amount: 120 }, status: 'PENDING' })
    expect((await call('POST', `/hitl/${id}/approve`, { key, body: { reason: 'by hand' } })).json).toMatchObject({ status: 'APPROVED' })
    const { json } = await call('GET', `/hitl/${id}/receipt`, { key })
    expect(json.approval.votes).toMatchObject([{ by: house.ann, via: 'api', assurance: 'key', reason: 'by hand' }])
    expect((await call('POST', `/hitl/${id}/deny`, { key, body: {} })).json.code).toBe('already_decided')
  })

  const unfit: [string, () => Promise<string>][] = [
    ['of the agent', async () => house.agent],
    ['of an admin', async () => house.admin],
    ['of nobody', () => makeKey('hitl', ['approve'])],
    ['of somebody who is no approver', () => makeKey('hitl', ['approve'], { user_email: 'eve@hitl.example' })],
    ['of an approver who was not asked', () => makeKey('hitl', ['approve'], { user_email: 'bob@hitl.example' })],
    ['that may both run and approve', () => makeKey('hitl', ['run', 'approve'], { user_email: 'ann@hitl.example' })]
  ]
  it.each(unfit)('%s does not decide', async (_whose, make) => {
    const { id } = await house.open()
    const key = await make()
    for (const path of ['approve', 'deny', 'edit', 'delegate']) {
      const answer = await call('POST', `/hitl/${id}/${path}`, { key, body: { payload: { amount: 1 }, to: house.bob } })
      expect([path, answer.status, answer.json.code]).toEqual([path, 403, 'forbidden'])
    }
    expect(await house.status(id)).toBe('PENDING')
  })

  it('of another team finds nothing, under every address', async () => {
    const { id } = await house.open()
    const theirs = await makeKey('hitl-rival', ['approve'], { user_email: house.ann })
    const attempts = ['', '/receipt', '/approve', '/deny'].map((path) => ['GET', path] as const)
    for (const [method, path] of [...attempts, ...['approve', 'deny', 'edit', 'delegate'].map((one) => ['POST', `/${one}`] as const)])
      for (const key of [stranger, theirs]) {
        const needs = path === '' || path === '/receipt' ? key : theirs
        const answer = await call(method, `/hitl/${id}${path}`, { key: needs, ...(method === 'POST' ? { body: {} } : {}) })
        expect([path, answer.status]).toEqual([path, 404])
      }
    expect((await call('GET', '/hitl', { key: stranger })).json.data).toEqual([])
  })
})

describe('an edit', () => {
  const PR = { workflow: 'agent_pr_workflow', payload: { repo: 'myorg/app', branch: 'agent/one' } }

  it('is judged by all policies again, voids the links before it, and asks anew for exactly what it made', async () => {
    const { id, links } = await house.open(PR)
    const [path, t] = links.approve.split('?t=') as [string, string]
    const payload = JSON.stringify({ repo: 'myorg/app', branch: 'agent/two' })
    const edited = await submit(path.replace('/approve', '/edit'), { t, payload })
    expect([edited.status, edited.text.includes('the change is accepted')], edited.text).toEqual([200, true])
    const old = await submit(links.approve, {}, JSON_PLEASE)
    expect([old.status, old.json.code]).toEqual([409, 'request_changed'])
    const newer = await linksTo(house.ann, id, 2)
    expect((await call('GET', newer.approve)).text).toContain('agent/two')
    const key = await makeKey('hitl', ['approve'], { user_email: house.ann })
    expect((await call('POST', `/hitl/${id}/approve`, { key, body: {} })).json.code).toBe('request_changed')
    expect((await submit(newer.approve)).status).toBe(200)
    expect((await call('GET', `/hitl/${id}`, { key: house.agent })).json).toMatchObject({
      status: 'APPROVED',
      edited_payload: { branch: 'agent/two' }
    })
  })

  it('that a policy denies is dropped: the request stands as it was, and its links are new', async () => {
    const { id, links } = await house.open(PR)
    const answer = await call('POST', links.approve.replace('/approve', '/edit'), {
      body: { payload: { repo: 'myorg/app', branch: 'main' } },
      headers: JSON_PLEASE
    })
    expect(answer.json).toMatchObject({ status: 'PENDING', is_edited: false, payload: { branch: 'agent/one' } })
    expect((await submit(links.approve)).status).toBe(409)
    expect((await submit((await linksTo(house.ann, id, 2)).approve)).status).toBe(200)
  })

  it('of what no policy can judge, or of what does not fit, is dropped', async () => {
    const unlisted = await house.open()
    expect((await submit(unlisted.links.approve.replace('/approve', '/edit'), { payload: '{"amount":1}' })).text).toContain(
      'a policy denies'
    )
    const { links } = await house.open(PR)
    expect((await submit(links.approve.replace('/approve', '/edit'), { payload: '{"repo":7}' })).text).toContain('a policy denies')
    expect((await submit(links.approve.replace('/approve', '/edit'), { payload: '[]' })).status).toBe(422)
  })

  it('is not for a deny link', async () => {
    const { links } = await house.open(PR)
    const answer = await submit(links.deny.replace('/deny', '/edit'), { payload: '{"repo":"a/b","branch":"agent/x"}' })
    expect(answer.status).toBe(403)
  })
})

describe('handing on', () => {
  it('takes the one who does out, and asks a registered approver alone', async () => {
    const { id, links } = await house.open()
    const path = links.approve.replace('/approve', '/delegate')
    expect((await submit(path, { to: 'mallory@elsewhere.example' })).status).toBe(422)
    expect((await submit(links.deny.replace('/deny', '/delegate'), { to: house.bob })).status).toBe(403)
    expect((await submit(path, { to: house.bob })).status).toBe(200)
    expect((await submit(links.approve)).status).toBe(403)
    expect((await submit((await linksTo(house.bob, id)).approve)).status).toBe(200)
    expect((await call('GET', `/hitl/${id}/receipt`, { key: house.agent })).json.approval.votes[0].by).toBe(house.bob)
  })

  it('tells nobody without a good link who is registered', async () => {
    const { id } = await house.open()
    const known = await submit(`/hitl/${id}/delegate`, { t: 'hitl.forged', to: house.bob }, JSON_PLEASE)
    const unknown = await submit(`/hitl/${id}/delegate`, { t: 'hitl.forged', to: 'x@y.example' }, JSON_PLEASE)
    expect([known.status, known.json.detail]).toEqual([unknown.status, unknown.json.detail])
  })
})

describe('for a run', () => {
  const door = () =>
    edgeApprovals({
      namespace: env.APPROVALS,
      people: d1People(env.DB, systemClock),
      keys,
      hash: nodeHash,
      clock: systemClock,
      keyEmail: () => Promise.resolve(null),
      origin: () => 'http://127.0.0.1',
      stranger: () => null
    })
  const question = (run_id: string): ApprovalAsk => ({
    team_id: 'hitl',
    run_id,
    ordinal: 2,
    workflow: 'delete_rows',
    user_email: 'agent@company.com',
    api_key_id: 'agent-key',
    payload: { table: 'orders' },
    preview: { count: 5 },
    policy_results: [{ policy: 'ask_before_deletes', passed: false, effect: 'ask', reason: 'five rows' }],
    needed: 1,
    notify_email: house.ann,
    expires_in_seconds: 600,
    callback_url: null,
    config_digest: 'sha256:0'
  })

  it('the same question is asked once, shows what it touches, and is used up by that run for exactly that', async () => {
    const run_id = uuidIds.runId()
    const ask = question(run_id)
    const [first, again] = [await door().request(ask), await door().request(ask)]
    expect(again).toEqual(first)
    expect(first.request_digest).toBe(requestDigest(ask, nodeHash))
    const { hitl_id } = first
    const links = await linksTo(house.ann, hitl_id)
    expect(await mailsTo(house.ann, hitl_id)).toHaveLength(1)
    const { text } = await call('GET', links.approve)
    for (const shown of ['&#34;count&#34;: 5', 'ask_before_deletes: five rows']) expect(text).toContain(shown)
    const use = (run = run_id, digest = first.request_digest) => door().consume('hitl', hitl_id, run, digest)
    expect(await use()).toMatchObject({ kind: 'pending' })
    await submit(links.approve)
    expect(await use(uuidIds.runId())).toMatchObject({ kind: 'ended', code: 'approval_used', approval: null })
    expect(await use(run_id, `sha256:${'0'.repeat(64)}`)).toMatchObject({
      kind: 'ended',
      code: 'approval_stale',
      approval: { decision: 'STALE' }
    })
    const used = await use()
    expect(used).toMatchObject({ kind: 'consumed', approval: { hitl_id, decision: 'APPROVED', votes: [{ by: house.ann }] } })
    expect(await use()).toEqual(used)
  })

  it('a person who is not registered cannot be asked, and nobody but the team’s approvers is asked where none is named', async () => {
    await expect(door().request({ ...question(uuidIds.runId()), notify_email: 'x@y.example' })).rejects.toMatchObject({
      code: 'approver_unknown'
    })
    await expect(door().request({ ...question(uuidIds.runId()), notify_email: null, team_id: 'hitl-empty' })).rejects.toMatchObject({
      code: 'approver_unknown'
    })
    const { hitl_id } = await door().request({ ...question(uuidIds.runId()), notify_email: null })
    await linksTo(house.ann, hitl_id)
    await linksTo(house.bob, hitl_id)
  })
})

describe('the outbox of development', () => {
  it('is nowhere else', async () => {
    expect((await call('GET', '/dev/outbox', { key: house.admin })).status).toBe(404)
    const dev = await worker.fetch(new Request('http://127.0.0.1/dev/outbox') as never, { ...env, ENACT_DEV: '1' } as never)
    expect([dev.status, await dev.json()]).toEqual([200, { data: [] }])
    const elsewhere = await worker.fetch(new Request('http://enact.example/dev/outbox') as never, { ...env, ENACT_DEV: '1' } as never)
    expect(elsewhere.status).toBe(503)
  })
})

it('no request to a vendor was one that the vendor would refuse', async () => {
  expect(await refusedRequests()).toEqual([])
})
