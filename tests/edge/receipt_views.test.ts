// Receipts as people see them over HTTP: searched, counted, tied together, shared; and what a stranger tries.
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { entryOf } from '../../src/adapters/edge/ledger.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { publicVerifier } from '../../src/adapters/keys/index.ts'
import { openCheckpoint, originOf, verifyProof, type Receipt, type ReceiptBody } from '../../src/engine/index.ts'
import { call, ledgerStub, makeKey, makeReceipt } from './parts.ts'

const NOBODY = '00000000-0000-7000-8000-000000000000'
let admin = ''
let rival = ''
beforeAll(async () => {
  admin = await makeKey('seen', ['admin'], { user_email: 'officer@company.com' })
  rival = await makeKey('rival-of-seen', ['admin'])
})

async function append(teamId: string, more: Partial<ReceiptBody> = {}): Promise<Receipt> {
  const receipt = await makeReceipt(teamId, more)
  await ledgerStub(teamId).appendMany(teamId, [entryOf(receipt)])
  return receipt
}
const search = (text: string) => `search=${encodeURIComponent(text)}`
const idsOf = (json: { data: { run_id: string }[] }) => json.data.map(({ run_id }) => run_id)

describe('a list with a search', () => {
  it('is what the search says, with a head from which the next look goes on', async () => {
    const key = await makeKey('searched', ['read'])
    const old = await append('searched', { user_email: 'dev@company.com', decision: 'BLOCK', outcome: 'NONE' })
    const other = await append('searched', { user_email: 'ops@company.com' })
    const first = await call('GET', `/receipts?${search('agent:dev decision:block -workflow:rollback:*')}`, { key })
    expect(idsOf(first.json)).toEqual([old.run_id])
    expect(first.json.head).toBe(2)
    const nothing = await call('GET', `/receipts?changed_after=${first.json.head}`, { key })
    expect(nothing.json).toMatchObject({ data: [], head: 2, has_more: false, next_cursor: null })
    await append('searched', { run_id: old.run_id, revision: 1, user_email: 'dev@company.com', decision: 'BLOCK', outcome: 'UNKNOWN' })
    const fresh = await append('searched')
    const news = await call('GET', `/receipts?changed_after=${first.json.head}`, { key })
    expect(idsOf(news.json)).toEqual([fresh.run_id, old.run_id])
    expect(news.json.head).toBe(4)
    expect(idsOf((await call('GET', `/receipts?changed_after=2&${search('outcome:unknown')}`, { key })).json)).toEqual([old.run_id])
    expect(idsOf((await call('GET', `/receipts?${search('since:1h -agent:dev')}&limit=200`, { key })).json)).not.toContain(old.run_id)
    expect(idsOf((await call('GET', `/receipts?${search(`key:k agent:ops@company.com`)}`, { key })).json)).toEqual([other.run_id])
  })

  it.each(['verdict:pass', 'agent:', '"open', 'since:soon', 'decision:yes', 'a '.repeat(30), 'x'.repeat(2000)])(
    'that is none (%.20s) is refused by its place',
    async (text) => {
      for (const path of ['/receipts', '/receipts/histogram']) {
        const { status, json } = await call('GET', `${path}?${search(text)}`, { key: admin })
        expect(status).toBe(422)
        expect(json).toMatchObject({ code: 'invalid', errors: [{ pointer: '/search' }] })
      }
      if (text.length < 20)
        expect((await call('GET', `/receipts?${search(text)}`, { key: admin })).json.errors[0].detail).toContain(`\`${text.trim()}\``)
    }
  )

  it.each(['-1', '1.5', '1e3', '9999999999999999', '', 'x'])('refuses `changed_after=%s`', async (text) => {
    expect((await call('GET', `/receipts?changed_after=${text}`, { key: admin })).json.errors[0].pointer).toBe('/changed_after')
  })

  it('leaves erased receipts out, and pages on behind them', async () => {
    const key = await makeKey('erased-in-lists', ['admin'])
    const made: Receipt[] = []
    for (let i = 0; i < 5; i++) made.push(await append('erased-in-lists'))
    await call('GET', '/receipts', { key })
    const erased = await call('DELETE', `/receipts/${made[3]!.run_id}`, { key, body: { reason: 'asked for' } })
    expect(erased.status).toBeLessThan(300)
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const { status, json } = await call(
        'GET',
        `/receipts?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}&${search('-workflow:receipt_erased:*')}`,
        { key }
      )
      expect(status).toBe(200)
      seen.push(...idsOf(json))
      cursor = json.next_cursor
    }
    expect(seen).toEqual([4, 2, 1, 0].map((n) => made[n]!.run_id))
    expect((await call('GET', `/receipts/${made[3]!.run_id}/related`, { key })).status).toBe(410)
  })
})

describe('counts', () => {
  it('over time are those of the search, with totals, in as many stretches as were asked for', async () => {
    const key = await makeKey('counted-here', ['read'])
    const at = (minute: number) => ({ timestamp: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString() })
    for (let i = 0; i < 6; i++)
      await append('counted-here', { ...at(i * 10), ...(i % 3 === 0 ? { decision: 'BLOCK' as const, workflow: 'other' } : {}) })
    const ask = (query: string) => call('GET', `/receipts/histogram?from=2026-01-01&to=2026-01-01T01:00:00Z&buckets=3${query}`, { key })
    const { json } = await ask('')
    expect(json).toMatchObject({
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-01T01:00:00.000Z',
      bucket_ms: 1_200_000,
      totals: { receipts: 6, pass: 4, block: 2, partial: 0 }
    })
    expect(json.buckets.map(({ block }: { block: number }) => block)).toEqual([1, 1, 0])
    expect((await ask(`&${search('workflow:other')}`)).json.totals).toEqual({ receipts: 2, pass: 0, block: 2, partial: 0 })
    expect((await call('GET', '/receipts/histogram', { key })).json.buckets).toHaveLength(48)
    const uneven = (await call('GET', `/receipts/histogram?from=2026-01-01&to=2026-01-01T00:50:00Z&buckets=7`, { key })).json
    expect(uneven.totals.receipts).toBe(5)
    expect(uneven.buckets).toHaveLength(7)
  })

  it.each([
    'buckets=0',
    'buckets=201',
    'from=2026-01-02&to=2026-01-01',
    'from=1900-01-01',
    'from=2026-01-01&to=2026-01-01',
    'limit=5',
    'from=x'
  ])('refuse %s', async (query) => {
    expect((await call('GET', `/receipts/histogram?${query}`, { key: admin })).status).toBe(422)
  })

  it('of agents are each key’s own, of the last day, and no other team’s', async () => {
    const key = await makeKey('agents-here', ['admin'])
    const id = key.split('_')[2]!
    const actor = { api_key_id: id, session_id: null }
    const old = new Date(Date.now() - 90_000_000).toISOString()
    await append('agents-here', { actor, timestamp: old })
    const newest = await append('agents-here', { actor, decision: 'BLOCK', outcome: 'NONE' })
    await append('agents-here', { actor: { api_key_id: 'another', session_id: null } })
    await append('rival-of-seen', { actor })
    await makeKey('agents-here', ['run'])
    const { json } = await call('GET', '/agents', { key })
    const own = json.data.find((one: { id: string }) => one.id === id)
    expect(own).toMatchObject({ team_id: 'agents-here', scopes: ['admin'], receipts_24h: 1, blocked_24h: 1, last_at: newest.timestamp })
    expect(json.data.find((one: { id: string }) => one.id !== id)).toMatchObject({ receipts_24h: 0, blocked_24h: 0, last_at: null })
    expect(JSON.stringify(json)).not.toContain('hash')
    const page = await call('GET', '/agents?limit=1', { key })
    expect((await call('GET', `/agents?limit=1&cursor=${page.json.next_cursor}`, { key })).json).toMatchObject({ has_more: false })
    expect((await call('GET', '/agents', { key: await makeKey('agents-here', ['audit']) })).status).toBe(403)
  })
})

describe('what belongs together', () => {
  it('is told from both ends, once each, and of this team alone', async () => {
    const session = { api_key_id: 'k', session_id: 's-1' }
    const approval = await append('seen', { workflow: 'approval:w' })
    const of = { hitl_id: approval.run_id, decision: 'APPROVED' as const, votes: [], request_digest: 'sha256:x' }
    const run = await append('seen', { actor: session, approval: of })
    const undo = await append('seen', { actor: session, workflow: 'rollback:w', links: { rollback_of: run.run_id } })
    await append('seen', { run_id: run.run_id, revision: 1, actor: session, approval: of, links: { rolled_back_by: undo.run_id } })
    const sibling = await append('seen', { actor: session })
    const retry = await append('seen')
    await append('seen', { run_id: sibling.run_id, revision: 1, actor: session, links: { retried_as: retry.run_id } })
    await append('rival-of-seen', { links: { rollback_of: run.run_id }, actor: session })
    const related = async (id: string) => {
      const { status, json } = await call('GET', `/receipts/${id}/related`, { key: admin })
      expect(status).toBe(200)
      return json.data.map(({ relation, run_id }: { relation: string; run_id: string }) => [relation, run_id])
    }
    expect(await related(run.run_id)).toEqual([
      ...[
        ['rolled_back_by', undo.run_id],
        ['approval', approval.run_id]
      ].toSorted((a, b) => (a[1]! < b[1]! ? -1 : 1)),
      ['same_session', sibling.run_id]
    ])
    expect(await related(undo.run_id)).toEqual([
      ['rollback_of', run.run_id],
      ['same_session', sibling.run_id]
    ])
    expect(await related(approval.run_id)).toEqual([['approval_of', run.run_id]])
    expect(await related(retry.run_id)).toEqual([['retry_of', sibling.run_id]])
    expect((await related(sibling.run_id))[0]).toEqual(['retried_as', retry.run_id])
    expect((await call('GET', `/receipts/${run.run_id}/related`, { key: rival })).status).toBe(404)
  })
})

describe('a share', () => {
  const address = { 'cf-connecting-ip': '2001:db8:5::1' }
  const open = (token: string, headers: Record<string, string> = address) => call('POST', '/shared', { body: { token }, headers })
  const make = (run_id: string, body: object = { expires_in_seconds: 3600 }, key = admin) =>
    call('POST', `/receipts/${run_id}/shares`, { key, body })

  it('shows the redacted receipt to whoever has the link, and what proves it can be checked without any key of ours', async () => {
    const receipt = await append('seen', { payload: { card: 'secret-of-payload' }, user_email: 'hidden@company.com' })
    const { status, json: made } = await make(receipt.run_id)
    expect(status).toBe(201)
    expect(made.url).toBe(`http://127.0.0.1/app/shared#${made.token}`)
    expect(made.token).toMatch(/^[\w-]{43}$/)
    const { json, text, status: seen } = await open(made.token)
    expect(seen).toBe(200)
    expect(text).not.toMatch(/secret-of-payload|hidden@company/)
    expect(json).toMatchObject({
      shared_by: 'officer@company.com',
      expires_at: made.expires_at,
      receipt: { run_id: receipt.run_id, decision: 'PASS' },
      verification: { valid: true }
    })
    expect(json.hidden).toEqual(expect.arrayContaining(['/payload', '/user_email', '/actor', '/payload_digest']))
    expect(json.verification.signatures).toHaveLength(2)
    const trusted = publicVerifier(json.keys)
    const opened = await openCheckpoint(
      json.proof.checkpoint,
      originOf('seen'),
      { verify: trusted.verify, publicKeys: json.keys },
      nodeHash
    )
    if (!opened.ok) throw new Error(opened.problem)
    expect(verifyProof(json.receipt.ledger, json.proof, opened.checkpoint, nodeHash)).toEqual([])
    expect(json.verification.leaf).toBe(json.proof.leaf)
    const more = (await make(receipt.run_id, { expires_in_seconds: 60, show: ['payload'] })).json
    expect((await open(more.token)).json.receipt.payload).toEqual({ card: 'secret-of-payload' })
    expect((await open(more.token)).text).not.toContain('hidden@company')
  })

  it('ends when it expires or is revoked, and then looks like one that never was', async () => {
    const receipt = await append('seen')
    const [expiring, revoked] = [(await make(receipt.run_id, { expires_in_seconds: 60 })).json, (await make(receipt.run_id)).json]
    expect((await call('DELETE', `/shares/${revoked.share_id}`, { key: admin })).status).toBe(204)
    expect((await call('DELETE', `/shares/${revoked.share_id}`, { key: admin })).status).toBe(204)
    await env.DB.prepare('UPDATE shares SET expires_at = ?1 WHERE share_id = ?2').bind(Date.now(), expiring.share_id).run()
    const answers = await Promise.all([open(expiring.token), open(revoked.token), open('x'.repeat(43))])
    const plain = answers.map(({ status, json: { request_id: _id, ...rest } }) => ({ status, ...rest }))
    expect(new Set(plain.map((one) => JSON.stringify(one))).size).toBe(1)
    expect(plain[0]).toMatchObject({ status: 404, code: 'not_found' })
    const { json } = await call('GET', `/receipts/${receipt.run_id}/shares`, { key: admin })
    expect(json.data).toHaveLength(2)
    expect(json.data.find((one: { share_id: string }) => one.share_id === revoked.share_id).revoked_at).not.toBeNull()
    for (const secret of [expiring.token, revoked.token]) expect(JSON.stringify(json)).not.toContain(secret)
  })

  it('is stored by the digest of its token alone, and both its ends are receipted without it', async () => {
    const receipt = await append('seen')
    const { token, share_id } = (await make(receipt.run_id)).json
    await call('DELETE', `/shares/${share_id}`, { key: admin })
    const { results } = await env.DB.prepare('SELECT * FROM shares WHERE share_id = ?').bind(share_id).all()
    expect(JSON.stringify(results)).not.toContain(token)
    const { json } = await call('GET', `/receipts?${search(`workflow:receipt_shared:${receipt.run_id},share_revoked:${receipt.run_id}`)}`, {
      key: admin
    })
    expect(json.data.map(({ workflow }: Receipt) => workflow.split(':')[0])).toEqual(['share_revoked', 'receipt_shared'])
    expect(json.data[1]).toMatchObject({
      payload: { name: share_id, before: null, after: { run_id: receipt.run_id, show: [] } },
      user_email: 'officer@company.com'
    })
    expect(JSON.stringify(json)).not.toContain(token)
  })

  it('is made by audit and admin keys of the receipt’s own team alone, so many at a time', async () => {
    const receipt = await append('seen')
    for (const scopes of [['read'], ['run'], ['approve']] as const)
      expect((await make(receipt.run_id, undefined, await makeKey('seen', scopes))).status).toBe(403)
    expect((await make(receipt.run_id, undefined, rival)).status).toBe(404)
    expect((await make(NOBODY)).status).toBe(404)
    const auditor = await makeKey('seen', ['audit'])
    const made = (await make(receipt.run_id, undefined, auditor)).json
    expect((await call('DELETE', `/shares/${made.share_id}`, { key: rival })).status).toBe(404)
    expect((await call('GET', `/receipts/${receipt.run_id}/shares`, { key: rival })).status).toBe(404)
    const raced = await Promise.all(Array.from({ length: 25 }, () => make(receipt.run_id)))
    expect(raced.filter(({ status }) => status === 201)).toHaveLength(19)
    expect(raced.find(({ status }) => status !== 201)!.json).toMatchObject({ status: 409, code: 'too_many_shares' })
    expect((await call('DELETE', `/shares/${made.share_id}`, { key: auditor })).status).toBe(204)
    expect((await make(receipt.run_id)).status).toBe(201)
  })

  it('is one link, however often it is asked for under one Idempotency-Key', async () => {
    const receipt = await append('seen')
    const ask = (body: object, key = admin) =>
      call('POST', `/receipts/${receipt.run_id}/shares`, { key, body, headers: { 'idempotency-key': 'once' } })
    const answers = await Promise.all([1, 2, 3].map(() => ask({ expires_in_seconds: 3600 })))
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect((await ask({ expires_in_seconds: 3600, show: ['payload'] })).json.code).toBe('idempotency_key_reused')
    expect((await ask({ expires_in_seconds: 3600 }, await makeKey('seen', ['audit']))).json.token).not.toBe(answers[0]!.json.token)
    expect((await call('GET', `/receipts/${receipt.run_id}/shares`, { key: admin })).json.data).toHaveLength(2)
    const receipts = await call('GET', `/receipts?${search(`workflow:receipt_shared:${receipt.run_id}`)}`, { key: admin })
    expect(receipts.json.data).toHaveLength(2)
  })

  it.each([
    { expires_in_seconds: 59 },
    { expires_in_seconds: 7_776_001 },
    { expires_in_seconds: 60, show: ['facts'] },
    { expires_in_seconds: 60, show: ['payload', 'payload'] },
    {}
  ])('of %j is refused', async (body) => expect((await make((await append('seen')).run_id, body)).status).toBe(422))

  it('cannot be guessed at for long: each wrong token costs what a wrong key costs', async () => {
    const statuses: number[] = []
    for (let i = 0; i < 400 && !statuses.includes(429); i++)
      statuses.push((await open(`guess-${i}`, { 'cf-connecting-ip': '2001:db8:6::1' })).status)
    expect(statuses.at(-1)).toBe(429)
    expect(statuses.slice(0, -1).every((status) => status === 404)).toBe(true)
  })

  it('shows the newest revision, and nothing once the receipt is erased', async () => {
    const receipt = await append('seen')
    const { token } = (await make(receipt.run_id)).json
    await append('seen', { run_id: receipt.run_id, revision: 1, links: { rolled_back_by: NOBODY } })
    expect((await open(token)).json.receipt).toMatchObject({ revision: 1, links: { rolled_back_by: NOBODY } })
    expect((await call('DELETE', `/receipts/${receipt.run_id}`, { key: admin, body: { reason: 'asked for' } })).status).toBeLessThan(300)
    expect((await open(token)).status).toBe(404)
  })
})
