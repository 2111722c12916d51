// Alerts end to end: real receipts, tables and deliveries, vendors on this machine that check what they get.
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/adapters/clock/system.ts'
import { d1Directory } from '../../src/adapters/edge/directory.ts'
import { edgeLedger, entryOf } from '../../src/adapters/edge/ledger.ts'
import { d1Receipts } from '../../src/adapters/edge/receipts.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import { alertOn, type ReceiptBody, type Signal } from '../../src/engine/index.ts'
import { alertToApprovals } from '../../src/jobs/alert_approvals.ts'
import { reconcile } from '../../src/jobs/reconcile.ts'
import { sweepAlerts } from '../../src/jobs/sweep_alerts.ts'
import { deliver, sweepWebhooks } from '../../src/jobs/webhooks.ts'
import { answerWith, makeAlertWorld, refused, type AlertWorld, type Heard } from './alert_world.ts'
import { call, ledgerStub, makeKey, makeReceipt } from './parts.ts'
import { receiverUrl } from './webhook_world.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const ledger = edgeLedger(env.LEDGER, 'together')
const index = d1Receipts(env.DB, nodeHash, ledger.latest, systemClock)
const directory = d1Directory(env.DB, systemClock)
const DENIED = [{ policy: 'protect_tables', passed: false, effect: 'deny', reason: '`users` is protected' }] as const

async function append(team: string, more: Partial<ReceiptBody> = {}): Promise<string> {
  const receipt = await makeReceipt(team, more)
  await ledgerStub(team).appendMany(team, [entryOf(receipt)])
  return receipt.run_id
}
const blocked = (team: string, more: Partial<ReceiptBody> = {}) =>
  append(team, { decision: 'BLOCK', outcome: 'NONE', policy_results: [...DENIED], judged_at: new Date().toISOString(), ...more })

async function allChannels(world: AlertWorld): Promise<void> {
  for (const kind of ['slack', 'pagerduty', 'mail', 'sms'] as const) await world.add(kind)
  await world.listen()
}
const kinds = (heard: Heard[]) => heard.map(({ kind }) => kind).toSorted()
const tamper = (run_id = uuidIds.runId()): Signal => ({
  kind: 'tamper',
  finding: { run_id, kind: 'differs', repaired: true, at: Date.now() }
})

afterAll(async () => expect(await refused()).toEqual([]))

const BUILT_IN: [string, string, (world: AlertWorld) => Promise<unknown>][] = [
  [
    'first_block',
    'First block: protect_tables',
    async (world) => {
      await blocked(world.team)
      await world.pump()
      await blocked(world.team)
      await world.pump()
    }
  ],
  [
    'block_burst',
    'Burst of blocks: bursting@company.com',
    async (world) => {
      for (let i = 0; i < 30; i++) await blocked(world.team, { user_email: 'bursting@company.com', policy_results: [] })
      await world.pump()
    }
  ],
  [
    'kill_switch_thrown',
    'Kill switch thrown',
    async (world) => {
      const thrown = await call('PUT', '/facts/kill_switch', { key: world.admin, body: { value: 'the agent runs wild' } })
      expect(thrown.status).toBe(200)
      await world.pump()
    }
  ],
  [
    'tamper_found',
    'Tampering found: missing',
    async (world) => {
      await append(world.team)
      await ledger.project(world.team)
      await env.DB.prepare('DELETE FROM receipts WHERE team_id = ?').bind(world.team).run()
      await reconcile({ directory, ledger, index, alarm: world.alerts.report, clock: systemClock, log: () => undefined })
      await reconcile({ directory, ledger, index, alarm: world.alerts.report, clock: systemClock, log: () => undefined })
    }
  ],
  [
    'approval_waiting',
    'Approval waiting: refund_customer',
    async (world) => {
      const at = (ms: number) => new Date(Date.now() + ms).toISOString()
      await env.DB.prepare(
        `INSERT INTO approvals (team_id, hitl_id, workflow, status, user_email, created_at, expires_at) VALUES (?, ?, 'refund_customer', 'PENDING', 'a@b.c', ?, ?)`
      )
        .bind(world.team, uuidIds.runId(), at(-11 * MINUTE), at(60 * MINUTE))
        .run()
      for (let i = 0; i < 3; i++) await alertToApprovals({ alerts: world.alerts, clock: world.clock, log: () => undefined })
    }
  ],
  [
    'webhook_failing',
    'Webhook failing: 127.0.0.1',
    async (world) => {
      const id = await world.listen('ok', ['run.blocked'])
      await env.DB.prepare(`UPDATE webhook_endpoints SET url = ? WHERE id = ?`).bind(`${receiverUrl}/${world.team}-broken/broken`, id).run()
      await world.webhooks.outbox.publish(
        world.team,
        [await makeReceipt(world.team, { decision: 'BLOCK', judged_at: new Date().toISOString() })],
        []
      )
      for (const offset of [0, 10_000, 400_000]) {
        world.state.offsetMs = offset
        await world.work()
      }
    }
  ],
  [
    'anomaly_found',
    'Unusual activity: agent@company.com delete_row',
    async (world) => {
      const finding = {
        id: 'f1',
        agent: 'agent@company.com',
        action: 'delete_row',
        window: 'cap',
        at: Date.now(),
        count: 400,
        expected: null,
        sigma: null,
        limit: 400
      } as const
      const signal: Signal = { kind: 'anomaly', finding: { ...finding, message: '400 times in 60 seconds', run_id: uuidIds.runId() } }
      await world.alerts.consider(world.team, [signal])
      await world.alerts.consider(world.team, [signal])
    }
  ]
]

describe.each(BUILT_IN)('%s', (rule, words, happen) => {
  it('fires once, and reaches Slack, PagerDuty, mail, SMS and the webhook once each', async () => {
    const world = await makeAlertWorld(rule.replaceAll('_', '-'))
    await allChannels(world)
    await happen(world)
    await world.work()
    await world.work()
    expect(await world.listed(`?rule=${rule}`)).toMatchObject([{ rule, status: 'OPEN', notified_at: expect.any(String) }])
    const heard = (await world.heard()).filter(({ text }) => text.includes(words.split(':')[0]!))
    expect(kinds(heard)).toEqual(['mail', 'pagerduty', 'slack', 'sms', 'webhook'])
    for (const { kind, text, body } of heard)
      if (kind === 'webhook') expect(body).toMatchObject({ type: 'alert.fired', data: { rule, alert: words.split(':')[0] } })
      else expect(text, kind).toContain(words.replaceAll('127.0.0.1', '127[.]0[.]0[.]1'))
    const [alert] = await world.listed(`?rule=${rule}`)
    const shown = (await call('GET', `/alerts/${String(alert!.alert_id)}`, { key: world.admin })).json
    expect(shown.deliveries.map(({ status }: { status: string }) => status)).toEqual(Array(5).fill('DELIVERED'))
    expect(shown.deliveries.map(({ to }: { to: string }) => to).toSorted()).toEqual([
      `mail ${world.address}`,
      'pagerduty',
      `slack ${world.slackId}`,
      `sms ${world.phone}`,
      expect.stringMatching(/^webhook http:\/\/127\.0\.0\.1:\d+$/)
    ])
  })
})

it('tamper_found fires where a receipt that is to be taken back does not verify, however often that is tried', async () => {
  const world = await makeAlertWorld('forged')
  const receipt = await makeReceipt(world.team, { judged_at: new Date().toISOString() })
  const forged = receipt.signatures.map((one) => ({ ...one, sig: `${one.sig.startsWith('A') ? 'B' : 'A'}${one.sig.slice(1)}` }))
  await ledgerStub(world.team).appendMany(world.team, [entryOf({ ...receipt, signatures: forged })])
  for (let i = 0; i < 3; i++) {
    const answer = await call('POST', `/runs/${receipt.run_id}/rollback`, { key: world.admin, body: {} })
    expect(answer.json, answer.text).toMatchObject({ code: 'signature_invalid' })
  }
  expect(await world.listed()).toMatchObject([
    { rule: 'tamper_found', subject: 'signature_invalid', severity: 'critical', count: 1, run_ids: [receipt.run_id] }
  ])
})

describe('an alert', () => {
  it('counts what comes again and sends nothing, also where the pump tells the whole ledger once more', async () => {
    const world = await makeAlertWorld('again')
    await world.add('sms')
    for (let i = 0; i < 3; i++) await blocked(world.team)
    await world.pump()
    await runInDurableObject(
      ledgerStub(world.team),
      (_object, { storage }) => void storage.sql.exec(`UPDATE facts SET value = 0 WHERE name = 'watched'`)
    )
    await world.pump()
    await Promise.all([world.alerts.consider(world.team, [tamper()]), world.alerts.consider(world.team, [tamper()])])
    await world.work()
    expect((await world.listed()).map(({ rule, count }) => [rule, count])).toEqual([
      ['tamper_found', 2],
      ['first_block', 3]
    ])
    expect(kinds(await world.heard())).toEqual(['sms', 'sms'])
  })

  it('is acknowledged by a named person once, and resolved; PagerDuty hears of both, people of neither', async () => {
    const world = await makeAlertWorld('seen')
    await allChannels(world)
    const ann = await makeKey(world.team, ['admin'], { user_email: 'ann@company.com' })
    await world.alerts.consider(world.team, [tamper()])
    await world.work()
    const [{ alert_id }] = (await world.listed()) as [{ alert_id: string }]
    const acknowledged = await call('POST', `/alerts/${alert_id}/acknowledge`, { key: ann, body: { note: 'on it\u202E' } })
    expect(acknowledged.json).toMatchObject({ status: 'ACKNOWLEDGED', acknowledged_by: 'ann@company.com', note: 'on it⟨U+202E⟩' })
    expect((await call('POST', `/alerts/${alert_id}/acknowledge`, { key: world.admin, body: {} })).json).toEqual(acknowledged.json)
    const resolved = await call('POST', `/alerts/${alert_id}/resolve`, { key: ann, body: {} })
    expect(resolved.json).toMatchObject({ status: 'RESOLVED', resolved_at: expect.any(String) })
    expect((await call('POST', `/alerts/${alert_id}/resolve`, { key: ann, body: {} })).json).toEqual(resolved.json)
    await world.work()
    const heard = await world.heard()
    const incident = heard.filter(({ kind }) => kind === 'pagerduty').map(({ body }) => [body.event_action, body.dedup_key])
    expect(incident).toEqual(['trigger', 'acknowledge', 'resolve'].map((action) => [action, `enact/${alert_id}`]))
    expect(heard.filter(({ kind }) => kind === 'webhook').map(({ body }) => body.type)).toEqual([
      'alert.fired',
      'alert.acknowledged',
      'alert.resolved'
    ])
    expect(kinds(heard.filter(({ kind }) => !['pagerduty', 'webhook'].includes(kind)))).toEqual(['mail', 'slack', 'sms'])
  })

  it('of the kill switch ends when it goes off, and an incident that is over is not opened late', async () => {
    const world = await makeAlertWorld('off')
    await world.add('pagerduty')
    await answerWith(world.routing_key, 500)
    await call('PUT', '/facts/kill_switch', { key: world.admin, body: { value: true } })
    await world.pump()
    await world.work()
    await call('DELETE', '/facts/kill_switch', { key: world.admin })
    await world.pump()
    world.state.offsetMs = 10_000
    await world.work()
    const [alert] = await world.listed()
    expect(alert).toMatchObject({ status: 'RESOLVED', count: 1 })
    expect((await world.heard()).map(({ body }) => body.event_action)).toEqual(['resolve'])
    const { deliveries } = (await call('GET', `/alerts/${String(alert!.alert_id)}`, { key: world.admin })).json
    expect(deliveries.map(({ type, status }: { type: string; status: string }) => [type, status])).toEqual([
      ['alert.resolved', 'DELIVERED'],
      ['alert.fired', 'WITHDRAWN']
    ])
  })

  it('that nobody has seen again for a week ends, and one that is critical does not; months later what is over is forgotten', async () => {
    const world = await makeAlertWorld('idle')
    await blocked(world.team)
    await world.pump()
    await world.alerts.consider(world.team, [tamper()])
    world.state.offsetMs = 8 * DAY
    await sweepAlerts({ alerts: world.alerts, clock: { now: () => 0 }, log: () => undefined })
    expect((await world.listed()).map(({ rule, status }) => [rule, status])).toEqual([
      ['tamper_found', 'OPEN'],
      ['first_block', 'RESOLVED']
    ])
    world.state.offsetMs = 100 * DAY
    await world.alerts.sweep(true)
    expect((await world.listed()).map(({ rule }) => rule)).toEqual(['tamper_found'])
    const { results } = await env.DB.prepare('SELECT rule FROM alert_tracks WHERE team_id = ?').bind(world.team).all()
    expect(results).toEqual([{ rule: 'tamper_found' }])
  })

  it('of another team is nothing: not listed, not read, not acknowledged; nor are its channels', async () => {
    const world = await makeAlertWorld('mine')
    const other = await makeAlertWorld('theirs')
    const channel = await world.add('pagerduty')
    await world.alerts.consider(world.team, [tamper()])
    const [{ alert_id }] = (await world.listed()) as [{ alert_id: string }]
    const asked: [string, string, unknown?][] = [
      ['GET', `/alerts/${alert_id}`],
      ['POST', `/alerts/${alert_id}/acknowledge`, {}],
      ['POST', `/alerts/${alert_id}/resolve`, {}],
      ['PATCH', `/alert-channels/${channel}`, { enabled: false }],
      ['DELETE', `/alert-channels/${channel}`],
      ['POST', `/alert-channels/${channel}/test`, {}]
    ]
    for (const [method, path, body] of asked)
      expect((await call(method, path, { key: other.admin, body })).status, `${method} ${path}`).toBe(404)
    expect([await other.listed(), (await call('GET', '/alert-channels', { key: other.admin })).json.data]).toEqual([[], []])
    expect((await world.listed())[0]).toMatchObject({ status: 'OPEN' })
  })

  it('loses its words with the receipt that it was about, and so does what was sent of it', async () => {
    const world = await makeAlertWorld('erased')
    await world.add('mail')
    await world.listen()
    const run_id = await blocked(world.team, { user_email: 'secretive@company.com' })
    await world.pump()
    await world.work()
    expect((await world.listed())[0]).toMatchObject({ subject: 'protect_tables secretive@company.com', run_ids: [run_id] })
    expect((await call('DELETE', `/receipts/${run_id}`, { key: world.admin, body: { reason: 'asked for' } })).status).toBe(200)
    expect((await world.listed())[0]).toMatchObject({ subject: '', message: 'what this was about was erased', run_ids: [], count: 1 })
    const tables = ['alerts', 'alert_runs', 'alert_tracks', 'webhook_events', 'webhook_deliveries']
    const left = await Promise.all(
      tables.map(async (table) => (await env.DB.prepare(`SELECT * FROM ${table} WHERE team_id = ?`).bind(world.team).all()).results)
    )
    expect(JSON.stringify(left)).not.toContain('secretive')
  })
})

describe('quiet hours', () => {
  it('hold everything back until they end, and then it comes as one message; what is critical comes at once', async () => {
    const world = await makeAlertWorld('quiet')
    const pad = (at: number) => new Date(at).toISOString().slice(11, 16)
    const quiet_hours = { start: pad(Date.now() - 60 * MINUTE), end: pad(Date.now() + 60 * MINUTE), time_zone: 'UTC' }
    await world.add('mail', { quiet_hours })
    await world.add('sms', { quiet_hours: { ...quiet_hours, except: null } })
    for (const user_email of ['a@x.example', 'b@x.example', 'c@x.example']) await blocked(world.team, { user_email })
    await world.pump()
    await world.alerts.consider(world.team, [tamper()])
    await world.work()
    expect((await world.heard()).map(({ kind, text }) => [kind, text.includes('Tampering')])).toEqual([['mail', true]])
    const [, newest] = await world.listed()
    const waiting = (await call('GET', `/alerts/${String(newest!.alert_id)}`, { key: world.admin })).json.deliveries
    expect(waiting.map(({ status }: { status: string }) => status)).toEqual(['HELD', 'HELD'])
    world.state.offsetMs = 62 * MINUTE
    await sweepWebhooks(world.parts)
    await world.work()
    await world.work()
    const after = (await world.heard()).slice(1)
    expect(after.map(({ kind }) => kind).toSorted()).toEqual(['mail', 'sms'])
    expect(after.find(({ kind }) => kind === 'mail')!.text).toMatch(
      /3 alerts came during quiet hours[^]*a@x\.example[^]*b@x\.example[^]*c@x\.example/
    )
    expect(after.find(({ kind }) => kind === 'sms')!.text).toContain('4 alerts came during quiet hours')
    const told = (await call('GET', `/alerts/${String(newest!.alert_id)}`, { key: world.admin })).json.deliveries
    expect(told.map(({ status }: { status: string }) => status)).toEqual(['DELIVERED', 'DELIVERED'])
  })
})

describe('a vendor that', () => {
  const trouble: [string, number, string, { status: string; dueIn: [number, number] | null; said: RegExp }][] = [
    ['asks to wait', 429, '120', { status: 'PENDING', dueIn: [119, 121], said: /Too Many Requests|told to fail/ }],
    ['is broken', 500, '', { status: 'PENDING', dueIn: [4, 6], said: /./ }],
    ['does not answer', 0, '', { status: 'PENDING', dueIn: [4, 6], said: /no answer within 0\.4 s/ }],
    ['refuses', 400, '', { status: 'DEAD', dueIn: null, said: /told to fail|Too Many/ }]
  ]
  it.each(trouble)('%s gets one attempt with the right end, and stops no other channel', async (what, status, retryAfter, wanted) => {
    const world = await makeAlertWorld(`vendor-${status}`)
    await allChannels(world)
    await answerWith(world.routing_key, status, 1, retryAfter)
    await answerWith(world.phone, status, 1, retryAfter)
    await world.alerts.consider(world.team, [tamper()])
    await world.work()
    expect(kinds(await world.heard()), what).toEqual(['mail', 'slack', 'webhook'])
    const [{ alert_id }] = (await world.listed()) as [{ alert_id: string }]
    const { deliveries } = (await call('GET', `/alerts/${alert_id}`, { key: world.admin })).json
    for (const one of deliveries.filter(({ to }: { to: string }) => /^(pagerduty|sms)/.test(to))) {
      expect(one).toMatchObject({
        status: wanted.status,
        attempts: [{ number: 1, status: status === 0 ? null : status, error: expect.stringMatching(wanted.said) }]
      })
      const dueIn = one.next_attempt_at === null ? null : (Date.parse(one.next_attempt_at) - Date.now()) / 1000
      if (wanted.dueIn === null) expect(dueIn).toBeNull()
      else expect(dueIn! >= wanted.dueIn[0] - 2 && dueIn! <= wanted.dueIn[1], `due in ${dueIn} s`).toBe(true)
    }
    const shown = (await call('GET', '/alert-channels', { key: world.admin })).json.data
    expect(shown.find(({ kind }: { kind: string }) => kind === 'sms').last_delivery).toMatchObject({
      status: wanted.status,
      error: expect.stringMatching(wanted.said)
    })
    world.state.offsetMs = 130_000
    await world.work()
    expect(kinds(await world.heard())).toEqual(
      wanted.status === 'DEAD' ? ['mail', 'slack', 'webhook'] : ['mail', 'pagerduty', 'slack', 'sms', 'webhook']
    )
    // What became of telling is no alert: or it would have no end.
    expect((await world.listed()).map(({ rule }) => rule)).toEqual(['tamper_found'])
  })

  it('cannot be reached, since the address does not open any more, ends with a reason and stops no other channel', async () => {
    const world = await makeAlertWorld('sealed')
    const id = await world.add('pagerduty')
    await world.add('mail')
    await env.DB.prepare(`UPDATE alert_channels SET sealed = 'v1.broken' WHERE id = ?`).bind(id).run()
    await world.alerts.consider(world.team, [tamper()])
    await world.work()
    expect(kinds(await world.heard())).toEqual(['mail'])
    const shown = (await call('GET', '/alert-channels', { key: world.admin })).json.data
    expect(shown.map(({ last_delivery }: { last_delivery: object }) => last_delivery)).toMatchObject([
      { status: 'DEAD', error: expect.stringContaining('cannot be opened') },
      { status: 'DELIVERED' }
    ])
  })

  it('has it, whose answer was lost with the Worker, gets it again under the same key', async () => {
    const world = await makeAlertWorld('dies')
    await world.add('pagerduty')
    await world.alerts.consider(world.team, [tamper()])
    const [order] = await world.due()
    const dying = { ...world.parts.deliveries, settle: () => Promise.reject(new Error('the Worker died')) }
    await expect(deliver({ ...world.parts, deliveries: dying }, order!)).rejects.toThrow('died')
    expect(await deliver(world.parts, order!)).toBeGreaterThan(0)
    world.state.offsetMs = 61_000
    expect(await deliver(world.parts, order!)).toBeNull()
    const keysSeen = (await world.heard()).map(({ body }) => body.dedup_key)
    expect([keysSeen.length, new Set(keysSeen).size]).toEqual([2, 1])
  })

  it('was never reached, since the Worker died after the alert was stored, is reached by the sweep', async () => {
    const world = await makeAlertWorld('swept')
    await world.add('sms')
    await world.alerts.consider(world.team, [tamper()])
    expect(await world.heard()).toEqual([])
    world.state.offsetMs = 130_000
    const ordered: unknown[] = []
    const orders = { ...world.parts, log: (entry: unknown) => void ordered.push(entry) }
    await sweepWebhooks(orders)
    await world.work()
    expect(kinds(await world.heard())).toEqual(['sms'])
  })

  it('fails as an endpoint does not raise alerts about the alerts that it did not take', async () => {
    const world = await makeAlertWorld('loop')
    await world.listen('broken')
    await world.alerts.consider(world.team, [tamper()])
    for (let i = 0; i < 12; i++) {
      world.state.offsetMs += 2 * DAY
      await world.work()
    }
    expect((await world.listed()).map(({ rule }) => rule)).toEqual(['tamper_found'])
  })
})

describe('the ledger’s pump', () => {
  it('alerts to nothing of a ledger that was filled before anybody watched, and to everything that comes then', async () => {
    const world = await makeAlertWorld('old')
    await blocked(world.team, { user_email: 'old@x.example' })
    await world.pump()
    await env.DB.batch(
      ['alerts', 'alert_tracks', 'alert_heads'].map((table) => env.DB.prepare(`DELETE FROM ${table} WHERE team_id = ?`).bind(world.team))
    )
    await runInDurableObject(
      ledgerStub(world.team),
      (_object, { storage }) => void storage.sql.exec(`DELETE FROM facts WHERE name = 'watched'`)
    )
    await evictDurableObject(ledgerStub(world.team))
    await blocked(world.team, { user_email: 'new@x.example' })
    await world.pump()
    expect((await world.listed()).map(({ subject }) => subject)).toEqual(['protect_tables new@x.example'])
  })

  it('of a new ledger watches its first entry, though its object is evicted before the alarm', async () => {
    const world = await makeAlertWorld('new')
    await blocked(world.team)
    await evictDurableObject(ledgerStub(world.team))
    await world.pump()
    expect(await world.listed()).toHaveLength(1)
  })

  it('goes on with webhooks where alerts fail, and with alerts where webhooks fail, and tells both in the end', async () => {
    const world = await makeAlertWorld('apart')
    await world.listen('ok', ['run.blocked', 'alert.fired'])
    const events = async () =>
      (
        await env.DB.prepare('SELECT type FROM webhook_events WHERE team_id = ? ORDER BY type').bind(world.team).all<{ type: string }>()
      ).results.map(({ type }) => type)
    await env.DB.prepare('ALTER TABLE alert_tracks RENAME TO alert_tracks_away').run()
    await blocked(world.team)
    await world.pump()
    expect(await events()).toEqual(['run.blocked', 'webhook.ping'])
    await env.DB.prepare('ALTER TABLE alert_tracks_away RENAME TO alert_tracks').run()
    await world.pump()
    expect(await events()).toEqual(['alert.fired', 'run.blocked', 'webhook.ping'])
    await env.DB.prepare('ALTER TABLE webhook_callbacks RENAME TO webhook_callbacks_away').run()
    await blocked(world.team, { user_email: 'other@x.example' })
    await world.pump()
    expect(await events()).toEqual(['alert.fired', 'alert.fired', 'run.blocked', 'webhook.ping'])
    await env.DB.prepare('ALTER TABLE webhook_callbacks_away RENAME TO webhook_callbacks').run()
    await world.pump()
    expect(await events()).toEqual(['alert.fired', 'alert.fired', 'run.blocked', 'run.blocked', 'webhook.ping'])
  })
})

describe('what an agent writes', () => {
  it('is neither markup, mention, link, second line nor hidden, by whichever channel', async () => {
    const world = await makeAlertWorld('evil', [alertOn({ id: 'evil', title: 'Evil', search: 'decision:block', severity: 'critical' })])
    await allChannels(world)
    const user_email = '<!channel> <@U123> *x*\r\nBcc: all@x.example\u202E https://evil.example/x <script>alert(1)</script>'
    const workflow = `sk-ant-api03-${'x'.repeat(80)}`
    const signal: Signal = { kind: 'receipt', receipt: { ...(await makeReceipt(world.team, { decision: 'BLOCK', user_email, workflow })) } }
    await world.alerts.consider(world.team, [signal])
    await world.work()
    const heard = await world.heard()
    expect(kinds(heard)).toEqual(['mail', 'pagerduty', 'slack', 'sms', 'webhook'])
    for (const { kind, text } of heard) {
      expect(text, kind).not.toMatch(/sk-ant-api03|\u202E/)
      if (kind !== 'webhook') expect(text, kind).not.toContain('https://evil')
    }
    const slack = heard.find(({ kind }) => kind === 'slack')!.body
    expect(slack.text).toContain('&lt;!channel&gt; &lt;@U123&gt;')
    expect(JSON.stringify(slack.blocks)).not.toContain('mrkdwn')
    const mail = heard.find(({ kind }) => kind === 'mail')!.body
    expect(mail.subject).not.toMatch(/[\r\n]/)
    expect(mail.html).not.toMatch(/<script>|<!channel>/)
    const sms = heard.find(({ kind }) => kind === 'sms')!.body.Body
    expect([sms.length <= 320, /[\r\n]/.test(sms)]).toEqual([true, false])
  })
})
