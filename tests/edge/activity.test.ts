// Activity in the real runtime: decisions and runs, the ledger's pump, the team's object, a finding, an alert.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { edgeActivity } from '../../src/adapters/edge/activity.ts'
import { entryOf } from '../../src/adapters/edge/ledger.ts'
import type { ActionTaken, JsonObject, Receipt, ReceiptBody } from '../../src/engine/index.ts'
import { call, ledgerStub, makeKey, makeReceipt } from './parts.ts'

const logged: JsonObject[] = []
const activity = edgeActivity({ namespace: env.ACTIVITY, fullName: (_team, id) => id, log: (entry) => logged.push(entry) })
const object = (team: string) => env.ACTIVITY.get(env.ACTIVITY.idFromName(team))

const deleted = (at: string): ActionTaken => ({
  action: 'delete_row',
  system: 'postgres',
  success: true,
  status: 'DONE',
  output: {},
  rollback_data: 'irreversible',
  resources: [],
  started_at: at,
  finished_at: at,
  error: null
})

/** As the pump tells it: a receipt of one deletion with its place. */
async function deletion(team: string, seq: number, atMs: number, more: Partial<ReceiptBody> = {}): Promise<Receipt> {
  const timestamp = new Date(atMs).toISOString()
  const receipt = await makeReceipt(team, { judged_at: timestamp, timestamp, actions_taken: [deleted(timestamp)], ...more })
  return { ...receipt, ledger: { seq, leaf: '0'.repeat(64), prev: '0'.repeat(64) } }
}

async function burst(team: string, count: number, more: Partial<ReceiptBody> = {}): Promise<Receipt[]> {
  const start = Date.now() - 60_000
  return Promise.all(Array.from({ length: count }, (_, i) => deletion(team, i, start + Math.floor((i * 60_000) / count), more)))
}

async function findingsOf(team: string): Promise<number> {
  return runInDurableObject(
    object(team),
    (_object, state) => state.storage.sql.exec<{ count: number }>('SELECT count(*) AS count FROM findings').one().count
  )
}

describe('the team’s activity', () => {
  it('finds 400 deletes in 60 s, and answers the same when it is told again, after an eviction too', async () => {
    const receipts = await burst('bursting', 400)
    const found = []
    for (let i = 0; i < 400; i += 100) found.push(...(await activity.observe('bursting', receipts.slice(i, i + 100))))
    expect(found).toMatchObject([
      { window: 'cap', agent: 'agent@company.com', action: 'postgres.delete_row', count: 200, run_id: receipts[199]!.run_id }
    ])
    await evictDurableObject(object('bursting'))
    expect(await activity.observe('bursting', receipts.slice(100, 200))).toEqual(found)
    expect(await activity.observe('bursting', receipts)).toEqual(found)
    expect(await findingsOf('bursting')).toBe(1)
    expect((await activity.profile('bursting')).toSorted((a, b) => (a.agent < b.agent ? -1 : 1))).toMatchObject([
      { agent: 'agent@company.com', action: 'postgres.delete_row', days: expect.any(Number), windows: { '1h': { limit: null } } },
      { agent: 'key:k' }
    ])
    expect(await activity.profile('bursting', 'nobody@x.com')).toEqual([])
    expect(logged).toEqual([])
  })

  it('of one team is nobody else’s', async () => {
    await activity.observe('one', await burst('one', 5))
    expect(await activity.profile('two')).toEqual([])
  })

  it('takes names that no header could carry, and one receipt with ten thousand acts', async () => {
    const user_email = `"агент\r\nx-evil: 1 \u0000\u007f😀"@x.com`
    const hostile = await deletion('hostile', 0, Date.now(), { user_email, actor: { api_key_id: 'k\u2028', session_id: null } })
    const start = Date.now() - 900_000
    const acts = Array.from({ length: 10_000 }, (_, i) => ({
      ...deleted(new Date(start + i * 90).toISOString()),
      action: `delete_${i % 20}`
    }))
    const long = await deletion('hostile', 1, Date.now(), { actions_taken: acts })
    logged.length = 0
    expect((await activity.observe('hostile', [hostile, long])).length).toBe(0)
    expect(logged).toEqual([])
    const known = await activity.profile('hostile')
    expect(known.map(({ agent }) => agent)).toContain(user_email.normalize('NFKC').trim().toLowerCase())
    expect(known.find(({ action, agent }) => action === 'postgres.delete_7' && agent === 'agent@company.com')?.windows['1h'].count).toBe(
      500
    )
  })

  it('counts nothing that was imported, a dry run, a shadow or an approval, and what was refused as refused', async () => {
    const [one] = await burst('choosy', 1)
    const others: Partial<Receipt>[] = [{ mode: 'imported' }, { run_mode: 'dry_run' }, { run_mode: 'shadow' }, { revision: 1 }]
    const nothing = others.map((more, i): Receipt => ({ ...one!, ...more, ledger: { ...one!.ledger!, seq: i } }))
    const { judged_at: _judged, ...unjudged } = one!
    await activity.observe('choosy', [...nothing, unjudged as Receipt])
    expect(await activity.profile('choosy')).toEqual([])
  })

  it('that cannot be told is logged, and stops nothing', async () => {
    const entries: JsonObject[] = []
    const broken = {
      idFromName: () => ({}),
      get: () => ({ fetch: () => Promise.reject(new Error('gone')) })
    } as unknown as DurableObjectNamespace
    const there = edgeActivity({ namespace: broken, fullName: (_team, id) => id, log: (entry) => entries.push(entry) })
    expect(await there.observe('x', await burst('x', 1))).toEqual([])
    expect(entries).toMatchObject([{ level: 'error', event: 'activity_not_observed', team_id: 'x', error: 'gone' }])
  })

  it('is forgotten by its alarm, and goes on', async () => {
    await activity.observe('quiet', await burst('quiet', 3))
    await evictDurableObject(object('quiet'))
    expect(await runDurableObjectAlarm(object('quiet'))).toBe(true)
    expect(await activity.profile('quiet')).toEqual([])
    expect(await activity.observe('quiet', await burst('quiet', 400))).toHaveLength(1)
  })
})

describe('through the ledger’s pump', () => {
  it('400 deletes in the ledger are a finding and an alert, once', async () => {
    const team = 'pumped'
    const admin = await makeKey(team, ['admin'])
    const receipts = await burst(team, 400)
    for (let i = 0; i < 400; i += 100)
      await ledgerStub(team).appendMany(
        team,
        receipts.slice(i, i + 100).map(({ ledger: _ledger, ...receipt }) => entryOf(receipt))
      )
    while (await runDurableObjectAlarm(ledgerStub(team))) if ((await findingsOf(team)) > 0) break
    expect(await findingsOf(team)).toBe(1)
    const { json } = await call('GET', '/alerts', { key: admin })
    const alerts = json.data.filter(({ rule }: { rule: string }) => rule === 'anomaly_found')
    expect(alerts).toMatchObject([{ status: 'OPEN', subject: expect.stringContaining('agent@company.com') }])
    expect(alerts[0].message).toContain('200 times in 60 seconds; the cap is 200')
  })

  it('decisions over HTTP count under the full name of their action, refused ones too', async () => {
    const team = 'deciding'
    const key = await makeKey(team, ['run', 'read'])
    const decide = (body: object) => call('POST', '/decisions', { key, body: { user_email: 'agent@company.com', ...body } })
    await decide({ action: 'create_issue', input: { repo: 'myorg/app', title: 'A bug' } })
    await decide({ action: 'rm_everything', input: {} })
    await decide({ action: 'agent.shell', input: { command: 'rm -rf ~' } })
    await runDurableObjectAlarm(ledgerStub(team))
    const known = (await activity.profile(team, 'agent@company.com')).map(({ action }) => action)
    expect(known.toSorted()).toEqual(['(not listed)', 'agent.shell', 'github.create_issue'])
  })
})
