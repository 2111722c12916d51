// What happens to approvals while nobody looks: reminders, escalation, the end without an alarm, and what others are told.
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ApprovalCalls } from '../../durable/approval.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import { callbackOf, type ApprovalOpening, type Person, type WebhookEvent } from '../../src/engine/index.ts'
import worker from '../../src/worker.ts'
import { linksTo, mailsTo, makeTeam, submit } from './approval_parts.ts'
import { call } from './parts.ts'

const MINUTE = 60_000
let house: Awaited<ReturnType<typeof makeTeam>>

beforeAll(async () => {
  house = await makeTeam('hours')
})

const person = (name: string): Person => {
  const email = `${name}@hours.example`
  return { person_id: name, email, channels: [{ kind: 'mail', address: email }] }
}
const stub = (id: string) => env.APPROVALS.get(env.APPROVALS.idFromName(`hours/${id}`)) as unknown as DurableObjectStub & ApprovalCalls

/** An approval that was asked for so many minutes ago and waits for an hour. */
async function askedAgo(minutes: number): Promise<string> {
  const hitl_id = uuidIds.runId()
  const createdAtMs = Date.now() - minutes * MINUTE
  const opening: ApprovalOpening = {
    request: {
      hitl_id,
      team_id: 'hours',
      workflow: 'refund_customer',
      run_id: null,
      requester: { api_key_id: 'agent-key', user_email: 'agent@company.com', key_email: null, person_id: null },
      needed: 1,
      escalation: [person('bob')],
      createdAtMs,
      expiresAtMs: createdAtMs + 60 * MINUTE,
      validMs: 60 * MINUTE,
      callback_url: null,
      config_digest: 'sha256:0'
    },
    subject: { payload: { amount: 1 }, preview: {}, policy_results: [] },
    approvers: [person('ann')]
  }
  expect(await stub(hitl_id).open(opening, '', 'http://127.0.0.1')).toMatchObject({ ok: true })
  return hitl_id
}

describe('before the deadline', () => {
  it('the person is reminded, with links that decide as well as the first ones', async () => {
    const id = await askedAgo(31)
    const first = await linksTo(house.ann, id)
    await runDurableObjectAlarm(stub(id))
    const second = await linksTo(house.ann, id, 2)
    expect((await mailsTo(house.ann, id)).map(({ subject }) => subject.split(':')[0])).toEqual(['Please decide', 'Still waiting for you'])
    expect(await mailsTo(house.bob, id)).toEqual([])
    expect((await call('GET', first.approve)).status).toBe(200)
    expect((await submit(second.approve)).status).toBe(200)
    expect((await submit(first.deny)).status).toBe(409)
  })

  it('somebody else is asked as well, once, however often the alarm comes', async () => {
    const id = await askedAgo(50)
    for (let times = 0; times < 3; times++) await runDurableObjectAlarm(stub(id))
    const links = await linksTo(house.bob, id)
    expect((await mailsTo(house.bob, id)).map(({ subject }) => subject.split(':')[0])).toEqual(['Nobody has decided yet'])
    expect((await submit(links.deny)).status).toBe(200)
    expect(await house.status(id)).toBe('DENIED')
  })
})

describe('after it', () => {
  it('the cron sees to the receipt where the alarm was lost', async () => {
    const id = await askedAgo(62)
    await runInDurableObject(stub(id), (_object, state) => state.storage.deleteAlarm())
    const receipt = () => call('GET', `/receipts/${id}`, { key: house.agent })
    expect((await receipt()).status).toBe(404)
    await worker.scheduled({} as never, env as never)
    expect((await receipt()).json).toMatchObject({ workflow: 'approval:refund_customer', approval: { decision: 'EXPIRED' } })
    expect((await call('GET', '/hitl?status=EXPIRED', { key: house.agent })).json.data).toContainEqual(
      expect.objectContaining({ hitl_id: id })
    )
    expect((await call('GET', '/hitl?status=PENDING', { key: house.agent })).json.data).not.toContainEqual(
      expect.objectContaining({ hitl_id: id })
    )
  })

  it('nobody is written to about it any more', async () => {
    const id = await askedAgo(61)
    await runDurableObjectAlarm(stub(id))
    expect(await mailsTo(house.ann, id)).toEqual([])
  })
})

describe('at rest', () => {
  it('nothing of an approval can be read: no payload, no address, no token', async () => {
    const { id, links } = await house.open({ payload: { customer: 'Marlene Readable' } })
    const rows = await runInDurableObject(stub(id), (_object, state) =>
      JSON.stringify(state.storage.sql.exec('SELECT * FROM texts').toArray())
    )
    expect(rows.length).toBeGreaterThan(500)
    for (const plain of ['Marlene', house.ann, links.approve.split('.').at(-1)!, 'refund_customer']) expect(rows).not.toContain(plain)
  })
})

describe('others', () => {
  it('are told at the callback, with ids and statuses alone', async () => {
    const callback_url = 'https://hooks.company.com/decided'
    const { id, links } = await house.open({ callback_url })
    await submit(links.approve, { reason: 'private words' })
    const { results } = await env.DB.prepare(
      'SELECT e.body FROM webhook_deliveries d JOIN webhook_events e ON e.team_id = d.team_id AND e.id = d.event_id WHERE d.team_id = ? AND d.callback_url = ? ORDER BY d.position'
    )
      .bind('hours', callback_url)
      .all<{ body: string }>()
    const told = results.map(({ body }) => callbackOf(JSON.parse(body) as WebhookEvent))
    expect(told.map(({ type, data }) => [type, data])).toEqual([
      ['hitl.requested', { hitl_id: id, status: 'PENDING' }],
      ['hitl.approved', { hitl_id: id, status: 'APPROVED' }]
    ])
  })

  it('see the list page by page, each once', async () => {
    const seen: string[] = []
    let path = '/hitl?limit=2'
    for (let pages = 0; pages < 20; pages++) {
      const { json } = await call('GET', path, { key: house.agent })
      seen.push(...json.data.map(({ hitl_id }: { hitl_id: string }) => hitl_id))
      if (!json.has_more) break
      path = `/hitl?limit=2&cursor=${encodeURIComponent(json.next_cursor)}`
    }
    const { json } = await call('GET', '/hitl?limit=200', { key: house.agent })
    expect(seen).toEqual(json.data.map(({ hitl_id }: { hitl_id: string }) => hitl_id))
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.length).toBeGreaterThan(4)
  })
})
