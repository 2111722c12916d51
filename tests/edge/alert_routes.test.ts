// The routes of alerts over HTTP: channels and their secrets, rules and their mutes, the test button; who may, and what is receipted.
import { env } from 'cloudflare:workers'
import { afterAll, describe, expect, it } from 'vitest'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import type { Receipt, Signal } from '../../src/engine/index.ts'
import { answerWith, makeAlertWorld, refused, type AlertWorld } from './alert_world.ts'
import { call, ledgerStub, makeKey } from './parts.ts'

const HOUR = 3_600_000
const tamper = (): Signal => ({ kind: 'tamper', finding: { run_id: uuidIds.runId(), kind: 'differs', repaired: true, at: Date.now() } })

afterAll(async () => expect(await refused()).toEqual([]))

async function receiptOf(world: AlertWorld, runId: string): Promise<Receipt> {
  await ledgerStub(world.team).project()
  const { json } = await call('GET', `/receipts/${runId}`, { key: world.admin })
  return json as Receipt
}

describe('a channel', () => {
  it.each(['slack', 'pagerduty', 'mail', 'sms'] as const)(
    'of %s is added, changed, tried and deleted, each change with its receipt',
    async (kind) => {
      const world = await makeAlertWorld(`route-${kind}`)
      const quiet_hours = { start: '22:00', end: '07:00', time_zone: 'Europe/Berlin', except: 'critical' }
      const made = await call('POST', '/alert-channels', {
        key: world.admin,
        body: { ...world.bodies[kind], name: 'On call', quiet_hours }
      })
      expect(made.status, made.text).toBe(201)
      const target = { slack: world.slackId, pagerduty: '', mail: world.address, sms: world.phone }[kind]
      const shown = {
        id: expect.any(String),
        kind,
        name: 'On call',
        target,
        min_severity: 'info',
        rules: [],
        quiet_hours,
        enabled: true,
        problem: null,
        last_delivery: null,
        created_at: expect.stringMatching(/Z$/)
      }
      expect(made.json).toEqual({ ...shown, run_id: expect.any(String) })
      const { id, run_id } = made.json as { id: string; run_id: string }
      expect(await receiptOf(world, run_id)).toMatchObject({
        workflow: 'alert_channel_changed',
        payload: { name: id, before: null, after: { kind, target } }
      })
      const tested = await call('POST', `/alert-channels/${id}/test`, { key: world.admin, body: {} })
      expect(tested.json).toMatchObject({
        channel_id: id,
        status: 'DELIVERED',
        type: 'alert.test',
        said: expect.stringMatching(/^taken \(20\d\)$/)
      })
      expect((await world.heard()).map(({ kind: by, text }) => [by, text.includes('Test: alerts of Enact arrive here')])).toEqual([
        [kind, true]
      ])
      const changed = await call('PATCH', `/alert-channels/${id}`, {
        key: world.admin,
        body: { min_severity: 'critical', rules: ['kill_switch_thrown'], quiet_hours: null, enabled: false, name: null }
      })
      const now = { min_severity: 'critical', rules: ['kill_switch_thrown'], quiet_hours: null, enabled: false, name: null }
      expect(changed.json).toMatchObject({ ...now, last_delivery: { status: 'DELIVERED', error: null } })
      expect((await receiptOf(world, changed.json.run_id)).payload).toMatchObject({ before: { enabled: true }, after: now })
      const same = await call('PATCH', `/alert-channels/${id}`, { key: world.admin, body: { ...now } })
      expect(same.json).toMatchObject({ run_id: null, enabled: false })
      expect((await call('GET', '/alert-channels', { key: world.admin })).json.data).toMatchObject([{ id, ...now }])
      expect((await call('DELETE', `/alert-channels/${id}`, { key: world.admin })).status).toBe(204)
      expect((await call('DELETE', `/alert-channels/${id}`, { key: world.admin })).status).toBe(404)
      expect((await call('GET', '/alert-channels', { key: world.admin })).json.data).toEqual([])
    }
  )

  it('never shows its routing key again, in no list, receipt, delivery, log nor row', async () => {
    const world = await makeAlertWorld('secret')
    const old = world.routing_key
    const id = await world.add('pagerduty')
    const key = `unknown${'s'.repeat(25)}`
    const changed = await call('PATCH', `/alert-channels/${id}`, { key: world.admin, body: { routing_key: key } })
    expect(changed.status).toBe(200)
    const receipt = await receiptOf(world, changed.json.run_id)
    expect(receipt.payload).toMatchObject({ after: { rotated: true } })
    const tested = await call('POST', `/alert-channels/${id}/test`, { key: world.admin, body: {} })
    // The vendor quotes it in its answer.
    expect(tested.json).toMatchObject({ status: 'DEAD', said: 'the answer quoted a credential, so it is not shown' })
    const tables = ['alert_channels', 'changes', 'webhook_events', 'webhook_deliveries', 'receipts', 'sealed']
    const rows = await Promise.all(
      tables.map(async (table) => (await env.DB.prepare(`SELECT * FROM ${table} WHERE team_id = ?`).bind(world.team).all()).results)
    )
    const lists = await Promise.all(
      ['/alert-channels', '/receipts?limit=200'].map(async (path) => (await call('GET', path, { key: world.admin })).text)
    )
    for (const text of [JSON.stringify(rows), JSON.stringify(world.logged), JSON.stringify(receipt), tested.text, ...lists])
      for (const secret of [old, key]) expect(text).not.toContain(secret)
    expect(await world.heard()).toEqual([])
  })

  const wrong: [string, object, string][] = [
    ['of no kind', { kind: 'pigeon', to: 'x' }, '/kind'],
    ['without an address', { kind: 'mail' }, '/to'],
    ['with another kind’s address', { kind: 'sms', to: 'a@b.example' }, '/to'],
    ['of Slack by a name', { kind: 'slack', channel: '#alerts' }, '/channel'],
    ['of Slack to a person', { kind: 'slack', channel: 'U0123ABCD' }, '/channel'],
    ['with a routing key that is none', { kind: 'pagerduty', routing_key: 'short' }, '/routing_key'],
    ['with a line break in its address', { kind: 'mail', to: 'a@b.example\r\nBcc: c@d.example' }, '/to'],
    [
      'with a zone that is none',
      { kind: 'mail', to: 'a@b.example', quiet_hours: { start: '22:00', end: '07:00', time_zone: 'Nowhere' } },
      '/quiet_hours/time_zone'
    ],
    ['for a rule that is none', { kind: 'mail', to: 'a@b.example', rules: ['first_blok'] }, '/rules/0'],
    ['with an unknown field', { kind: 'mail', to: 'a@b.example', url: 'https://x.example' }, '/url']
  ]
  it.each(wrong)('%s is refused, and the place is named', async (_what, body, pointer) => {
    const world = await makeAlertWorld('wrong')
    const answer = await call('POST', '/alert-channels', { key: world.admin, body })
    expect(answer.json, answer.text).toMatchObject({ status: 422, code: 'invalid' })
    expect(answer.json.errors.map(({ pointer: at }: { pointer: string }) => at)).toContain(pointer)
    expect((await call('GET', '/alert-channels', { key: world.admin })).json.data).toEqual([])
  })

  it('takes no address of another kind later either', async () => {
    const world = await makeAlertWorld('later')
    const id = await world.add('mail')
    for (const body of [{ to: '+15005550006' }, { channel: 'C0123ABCD' }, { routing_key: 'k'.repeat(32) }])
      expect((await call('PATCH', `/alert-channels/${id}`, { key: world.admin, body })).json).toMatchObject({
        status: 422,
        code: 'invalid'
      })
  })

  it.each(['mail', 'pagerduty'] as const)(
    'by %s that is added twice under one Idempotency-Key is one; another under it is refused',
    async (kind) => {
      const world = await makeAlertWorld(`again-${kind}`)
      const add = (more: object = {}, key = 'add-1') =>
        call('POST', '/alert-channels', {
          key: world.admin,
          body: { ...world.bodies[kind], quiet_hours: { time_zone: 'UTC', start: '22:00', end: '07:00', except: 'critical' }, ...more },
          headers: { 'idempotency-key': key }
        })
      const [first, ...again] = await Promise.all([add(), add(), add()])
      expect([first!.status, ...again.map(({ status }) => status)]).toEqual([201, 201, 201])
      expect(new Set([first!, ...again].map(({ json }) => json.id)).size).toBe(1)
      // What was made once has one receipt.
      expect([first!, ...again].filter(({ json }) => json.run_id !== null)).toHaveLength(1)
      const other = kind === 'mail' ? { to: 'somebody.else@acme.dev' } : { routing_key: 'f'.repeat(32) }
      for (const more of [other, { min_severity: 'critical' }, { name: 'another' }])
        expect(await add(more)).toMatchObject({ status: 422, json: { code: 'idempotency_key_reused' } })
      expect((await add({}, 'add-2')).json.id).not.toBe(first!.json.id)
      expect((await call('GET', '/alert-channels', { key: world.admin })).json.data).toHaveLength(2)
    }
  )

  it('is one of twenty at most, also where they are added at once', async () => {
    const world = await makeAlertWorld('many')
    const answers = await Promise.all(
      Array.from({ length: 25 }, () => call('POST', '/alert-channels', { key: world.admin, body: world.bodies.mail }))
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20)
    expect((await call('GET', '/alert-channels', { key: world.admin })).json.data).toHaveLength(20)
  })

  it('that is tried says what the vendor said, in quiet hours and switched off too', async () => {
    const world = await makeAlertWorld('tried')
    const id = await world.add('sms', { enabled: false, quiet_hours: { start: '00:00', end: '23:59', time_zone: 'UTC', except: null } })
    await answerWith(world.phone, 429, 1, '60')
    const busy = (await call('POST', `/alert-channels/${id}/test`, { key: world.admin, body: {} })).json
    expect(busy).toMatchObject({ status: 'PENDING', said: '20429: Too Many Requests', to: `sms ${world.phone}` })
    await answerWith(world.phone, 400)
    expect((await call('POST', `/alert-channels/${id}/test`, { key: world.admin, body: {} })).json).toMatchObject({ status: 'DEAD' })
    expect((await call('POST', `/alert-channels/${id}/test`, { key: world.admin, body: {} })).json).toMatchObject({ status: 'DELIVERED' })
    expect(await world.heard()).toHaveLength(1)
    // A test is no delivery of webhooks.
    expect((await call('GET', '/webhooks/deliveries', { key: world.admin })).json.data).toEqual([])
  })
})

describe('a rule', () => {
  it('is listed with what it did, muted for a time, and as grave as an admin says; both receipted', async () => {
    const world = await makeAlertWorld('rules')
    await world.add('sms')
    const { data } = (await call('GET', '/alert-rules', { key: world.admin })).json
    expect(data.map(({ rule }: { rule: string }) => rule)).toEqual([
      'kill_switch_thrown',
      'tamper_found',
      'block_burst',
      'first_block',
      'anomaly_found',
      'approval_waiting',
      'webhook_failing'
    ])
    expect(data[1]).toEqual({
      rule: 'tamper_found',
      title: 'Tampering found',
      description: expect.stringMatching(/\.$/),
      severity: 'critical',
      default_severity: 'critical',
      muted_until: null,
      fired_24h: 0,
      last_at: null
    })
    const muted_until = new Date(Date.now() + HOUR).toISOString()
    const patch = (body: object) => call('PATCH', '/alert-rules/tamper_found', { key: world.admin, body })
    const muted = await patch({ muted_until, severity: 'warning' })
    expect(muted.json).toMatchObject({ muted_until, severity: 'warning', default_severity: 'critical', run_id: expect.any(String) })
    expect((await receiptOf(world, muted.json.run_id)).payload).toEqual({
      name: 'tamper_found',
      before: { muted_until: null, severity: null },
      after: { muted_until, severity: 'warning' }
    })
    expect((await patch({ muted_until })).json).toMatchObject({ run_id: null })
    await world.alerts.consider(world.team, [tamper()])
    await world.work()
    expect(await world.heard()).toEqual([])
    expect((await world.listed())[0]).toMatchObject({ rule: 'tamper_found', severity: 'warning', notified_at: null })
    expect((await patch({ muted_until: null, severity: null })).json).toMatchObject({
      muted_until: null,
      severity: 'critical',
      fired_24h: 1
    })
    await world.alerts.consider(world.team, [tamper()])
    await world.work()
    expect((await world.heard()).map(({ text }) => text)).toEqual([expect.stringContaining('Critical: Tampering found')])
    expect((await call('PATCH', '/alert-rules/no_such_rule', { key: world.admin, body: {} })).status).toBe(404)
    expect((await patch({ muted_until: 'tomorrow' })).json).toMatchObject({ status: 422 })
  })
})

describe('one alert', () => {
  it('tells an admin where it went and what was said, and a key that only reads neither', async () => {
    const world = await makeAlertWorld('whose')
    const reader = await makeKey(world.team, ['read'])
    await world.add('sms')
    await answerWith(world.phone, 400)
    await world.alerts.consider(world.team, [tamper()])
    await world.work()
    const [{ alert_id }] = (await world.listed()) as [{ alert_id: string }]
    const of = async (key: string) => (await call('GET', `/alerts/${alert_id}`, { key })).json.deliveries
    expect(await of(world.admin)).toMatchObject([{ to: `sms ${world.phone}`, attempts: [{ error: '20429: Too Many Requests' }] }])
    expect(await of(reader)).toMatchObject([{ to: 'sms', status: 'DEAD', attempts: [{ error: 'it failed', status: 400 }] }])
  })
})

describe('the list', () => {
  it('is in pages, newest first, by status, severity and rule; a key that reads may look and nothing else', async () => {
    const world = await makeAlertWorld('list')
    const reader = await makeKey(world.team, ['read'])
    for (const kind of ['differs', 'surplus', 'ledger_damaged', 'missing'] as const)
      await world.alerts.consider(world.team, [
        { kind: 'tamper', finding: { run_id: uuidIds.runId(), kind, repaired: true, at: Date.now() } }
      ])
    const get = async (query: string) => (await call('GET', `/alerts?${query}`, { key: reader })).json
    const first = await get('limit=3')
    expect([first.data.map(({ subject }: { subject: string }) => subject), first.has_more]).toEqual([
      ['missing', 'ledger_damaged', 'surplus'],
      true
    ])
    const second = await get(`limit=3&cursor=${first.next_cursor}`)
    expect([second.data.map(({ subject }: { subject: string }) => subject), second.has_more, second.next_cursor]).toEqual([
      ['differs'],
      false,
      null
    ])
    expect((await get('severity=warning')).data).toHaveLength(1)
    expect((await get('rule=first_block')).data).toEqual([])
    const id = first.data[0].alert_id as string
    expect((await call('POST', `/alerts/${id}/acknowledge`, { key: reader, body: {} })).status).toBe(403)
    await call('POST', `/alerts/${id}/acknowledge`, { key: world.admin, body: {} })
    expect((await get('status=ACKNOWLEDGED')).data.map(({ alert_id }: { alert_id: string }) => alert_id)).toEqual([id])
    expect((await get('status=OPEN')).data).toHaveLength(3)
    expect((await call('GET', '/alerts?status=open', { key: reader })).json).toMatchObject({ status: 422 })
    expect((await call('GET', '/session', { key: reader })).json.features).toContain('alerts')
  })
})
