// Webhooks: real receivers on this machine, real tables, the real job. What arrives, how often, under which id and signature.
import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import { edgeLedger, entryOf } from '../../src/adapters/edge/ledger.ts'
import { WEBHOOK_DELAYS_MS, type DeliveryOrder } from '../../src/engine/index.ts'
import { deliver, sweepWebhooks } from '../../src/jobs/webhooks.ts'
import { ledgerStub, makeReceipt } from './parts.ts'
import { behave, consume, isSignedBy, makeWorld, receiverUrl, seen, verified, type World } from './webhook_world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Orders of all that waits, whatever the queue was told. */
async function waiting(team: string): Promise<DeliveryOrder[]> {
  const { results } = await env.DB.prepare(
    `SELECT team_id, id AS delivery_id, made + 1 AS number FROM webhook_deliveries WHERE team_id = ? AND status = 'PENDING'`
  )
    .bind(team)
    .all<DeliveryOrder & Record<string, string | number>>()
  return results
}

async function workAll(world: World): Promise<void> {
  for (const order of await waiting(world.team)) await deliver(world.parts, order)
}

describe('a receiver that', () => {
  const table = [
    ['answers 204', 'ok', { status: 'DELIVERED', answer: 204, error: null, dueIn: null }],
    [
      'answers 301 to the metadata service',
      'metadata',
      { status: 'PENDING', answer: 301, error: /redirects are not followed/, dueIn: [5, 6] }
    ],
    ['answers 307 to itself', 'elsewhere', { status: 'PENDING', answer: 307, error: /redirects are not followed/, dueIn: [5, 6] }],
    ['answers 410', 'gone', { status: 'ENDPOINT_GONE', answer: 410, error: null, dueIn: null }],
    ['answers 429 with Retry-After', 'busy', { status: 'PENDING', answer: 429, error: null, dueIn: [119, 121] }],
    ['answers 500', 'broken', { status: 'PENDING', answer: 500, error: null, dueIn: [5, 6] }],
    ['hangs', 'hang', { status: 'PENDING', answer: null, error: /no answer within/, dueIn: [5, 6] }],
    ['never ends its answer', 'endless', { status: 'DELIVERED', answer: 200, error: null, dueIn: null }],
    ['resets after reading', 'reset', { status: 'PENDING', answer: null, error: /./, dueIn: [5, 6] }]
  ] as const
  it.each(table)('%s gets one attempt with the right result', async (_name, behaviour, wanted) => {
    const world = makeWorld(`receiver-${behaviour}`)
    const name = `table-${behaviour}`
    const endpoint = await world.active(`${receiverUrl}/${name}/${behaviour}`)
    const event = await world.emit()
    await world.work()
    const [delivery] = await world.listed(endpoint.id)
    expect(delivery).toMatchObject({ status: wanted.status, type: 'run.pending', endpoint_id: endpoint.id })
    expect(delivery!.attempts).toHaveLength(1)
    expect(delivery!.attempts[0]).toMatchObject({ number: 1, status: wanted.answer })
    if (wanted.error === null) expect(delivery!.attempts[0]!.error).toBeNull()
    else expect(delivery!.attempts[0]!.error).toMatch(wanted.error)
    const dueIn = delivery!.next_attempt_at === null ? null : (Date.parse(delivery!.next_attempt_at) - world.clock.now()) / 1000
    if (wanted.dueIn === null) expect(dueIn).toBeNull()
    else expect(dueIn! >= wanted.dueIn[0] - 1 && dueIn! <= wanted.dueIn[1], `due in ${dueIn} s`).toBe(true)
    const got = await seen(name)
    expect(got).toHaveLength(1)
    expect(verified(got[0]!, endpoint.secret)).toEqual(event)
    expect(got[0]!.headers).toMatchObject({ 'webhook-id': delivery!.event_id, 'content-type': 'application/json' })
    expect(await isSignedBy(got[0]!, endpoint.public_key)).toBe(true)
    expect(await seen(`${name}-elsewhere`)).toEqual([])
    expect((await world.door.get(world.team, endpoint.id))!.status).toBe(behaviour === 'gone' ? 'DISABLED' : 'ACTIVE')
  })

  it('answered 410 gets nothing more, and what was on its way is given up', async () => {
    const world = makeWorld('switched-off')
    const endpoint = await world.active(`${receiverUrl}/off/gone`)
    await world.emit()
    await world.emit()
    await world.work()
    await world.emit()
    expect(world.take()).toEqual([])
    expect((await world.listed(endpoint.id)).map(({ status }) => status)).toEqual(['ENDPOINT_GONE', 'ENDPOINT_GONE'])
    expect(await seen('off')).toHaveLength(1)
  })
})

describe('retries', () => {
  it('come ten times at the published delays, with the same id and the same bytes, and then it is dead', async () => {
    const world = makeWorld('retries')
    const endpoint = await world.active(`${receiverUrl}/retries/broken`)
    await world.emit()
    for (const delay of WEBHOOK_DELAYS_MS) {
      const [order, ...others] = world.take()
      expect(others).toEqual([])
      expect(order!.delaySeconds >= Math.min(delay / 1000, 86_400) && order!.delaySeconds <= 86_400, `${order!.delaySeconds} s`).toBe(true)
      const next_attempt_at = (await world.listed(endpoint.id))[0]!.next_attempt_at!
      if (delay > 0) expect(await deliver(world.parts, order!.body)).toBeGreaterThan(0)
      world.state.offsetMs = Date.parse(next_attempt_at) - Date.now()
      expect(await deliver(world.parts, order!.body)).toBeNull()
    }
    expect(world.take()).toEqual([])
    const [delivery] = await world.listed(endpoint.id)
    expect(delivery).toMatchObject({ status: 'DEAD', next_attempt_at: null })
    expect(delivery!.attempts.map(({ number }) => number)).toEqual(WEBHOOK_DELAYS_MS.map((_, i) => i + 1))
    const got = await seen('retries')
    expect(got).toHaveLength(WEBHOOK_DELAYS_MS.length)
    expect(new Set(got.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([delivery!.event_id]))
    expect(new Set(got.map(({ body }) => body)).size).toBe(1)
    expect(new Set(got.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(got.length)
    for (const one of got) expect(await isSignedBy(one, endpoint.public_key, Number(one.headers['webhook-timestamp']) * 1000)).toBe(true)
  })

  it('are made once for a message that comes twice, and once for two that come at once', async () => {
    const world = makeWorld('twice')
    await world.active(`${receiverUrl}/twice/broken`)
    await world.emit()
    const [order] = world.take()
    const ends = await consume(world.parts, [order!.body, order!.body])
    expect(ends.toSorted()[0]).toBe('ack')
    expect(ends.toSorted()[1]).toMatch(/^ack|^retry \d+$/)
    expect(await consume(world.parts, [order!.body, { ...order!.body, number: 7 }])).toEqual(['ack', 'ack'])
    expect(await seen('twice')).toHaveLength(1)
  })
})

describe('nothing is lost', () => {
  it('when the consumer dies after the receiver has it: the message comes again, under the same id, and the others of its batch were not held up', async () => {
    const world = makeWorld('dies')
    await world.active(`${receiverUrl}/dies/ok`)
    for (let i = 0; i < 3; i++) await world.emit()
    const orders = world.take().map(({ body }) => body)
    const dying = {
      ...world.parts.deliveries,
      settle: async (...[parcel, after]: Parameters<typeof world.outbox.settle>) => {
        if (parcel.delivery_id === orders[1]!.delivery_id) throw new Error('the consumer died')
        return world.outbox.settle(parcel, after)
      }
    }
    expect(await consume({ ...world.parts, deliveries: dying }, orders)).toEqual(['ack', 'retry 30', 'ack'])
    expect(world.logged).toMatchObject([{ event: 'webhook_attempt_lost' }])
    // While the dead one's claim lasts nobody else sends; after it, whoever comes first does.
    expect((await consume(world.parts, [orders[1]]))[0]).toMatch(/^retry [1-6]\d?$/)
    world.state.offsetMs = 61_000
    expect(await consume(world.parts, [orders[1], orders[1]])).toContain('ack')
    expect((await world.listed()).map(({ status }) => status)).toEqual(['DELIVERED', 'DELIVERED', 'DELIVERED'])
    const ids = (await seen('dies')).map(({ headers }) => headers['webhook-id'])
    expect(ids).toHaveLength(4)
    expect(new Set(ids).size).toBe(3)
  })

  it('when message and consumer are both gone: the sweep orders again what was never acknowledged, and only that', async () => {
    const world = makeWorld('swept')
    await world.active(`${receiverUrl}/swept/ok`)
    for (let i = 0; i < 3; i++) await world.emit()
    const [first, second] = world.take().map(({ body }) => body)
    await deliver(world.parts, first!)
    await world.parts.deliveries.claim(second!)
    await sweepWebhooks(world.parts)
    expect(world.take()).toEqual([])
    world.state.offsetMs = 3 * MINUTE
    await sweepWebhooks(world.parts)
    expect(world.take().map(({ body }) => body.delivery_id)).not.toContain(first!.delivery_id)
    await sweepWebhooks(world.parts)
    expect(world.take()).toEqual([])
    await workAll(world)
    expect((await world.listed()).map(({ status }) => status)).toEqual(['DELIVERED', 'DELIVERED', 'DELIVERED'])
    expect(await seen('swept')).toHaveLength(3)
  })

  it('when the queue is down while the event happens', async () => {
    const world = makeWorld('queue-down')
    await world.active(`${receiverUrl}/queue-down/ok`)
    world.state.queueIsDown = true
    await world.emit()
    expect(world.logged).toMatchObject([{ event: 'webhook_queue_failed' }])
    world.state.queueIsDown = false
    world.state.offsetMs = 3 * MINUTE
    await sweepWebhooks(world.parts)
    await world.work()
    expect(await seen('queue-down')).toHaveLength(1)
  })

  it('and an event that is said twice is one event', async () => {
    const world = makeWorld('said-twice')
    await world.active(`${receiverUrl}/said-twice/ok`)
    const event = await world.emit()
    await world.outbox.emit(world.team, event, null)
    await workAll(world)
    expect(await world.listed()).toHaveLength(1)
    expect(await seen('said-twice')).toHaveLength(1)
  })

  it('nor is a message that is no order an obstacle', async () => {
    const world = makeWorld('nonsense')
    const strange = { team_id: 'nonsense', delivery_id: 'nothing', number: 1 }
    expect(await consume(world.parts, [null, 'x', { team_id: 1 }, strange])).toEqual(['ack', 'ack', 'ack', 'ack'])
  })
})

describe('an endpoint', () => {
  it('gets a signed ping first, and nothing else before it has answered with a 2xx', async () => {
    const world = makeWorld('ping-first')
    const made = (await world.door.create(world.team, { url: `${receiverUrl}/ping-first/broken`, types: [], description: null }, null))!
    expect(made.endpoint).toMatchObject({ status: 'PENDING', verified_at: null })
    await world.emit()
    await world.work()
    const pings = await seen('ping-first', true)
    expect(pings.map((got) => verified(got, made.secret.secret))).toMatchObject([
      { type: 'webhook.ping', data: { endpoint_id: made.endpoint.id } }
    ])
    expect((await world.door.get(world.team, made.endpoint.id))!.status).toBe('PENDING')
    await behave('ping-first', 'ok')
    await world.door.ping(world.team, made.endpoint.id)
    await world.work()
    expect((await world.door.get(world.team, made.endpoint.id))!.status).toBe('ACTIVE')
    expect(await seen('ping-first')).toEqual([])
    const event = await world.emit()
    await world.work()
    expect((await seen('ping-first')).map((got) => verified(got, made.secret.secret))).toEqual([event])
  })

  it('that moves answers a ping at its new address before events go there, and none is lost meanwhile', async () => {
    const world = makeWorld('moves')
    const { id } = await world.active(`${receiverUrl}/moves-old/ok`)
    const moved = await world.door.change(world.team, id, { url: `${receiverUrl}/moves-new/ok` })
    expect(moved).toMatchObject({ status: 'PENDING' })
    const [ping] = world.take()
    await world.emit()
    await world.work()
    expect([await seen('moves-old'), await seen('moves-new')]).toEqual([[], []])
    await deliver(world.parts, ping!.body)
    await world.work()
    expect([(await seen('moves-old')).length, (await seen('moves-new')).length]).toEqual([0, 1])
  })

  it('whose new address never answers gets nothing for three days, and then it is dead, to be sent again by hand', async () => {
    const world = makeWorld('never-answers')
    const { id } = await world.active(`${receiverUrl}/never-answers/ok`)
    await world.door.change(world.team, id, { url: `${receiverUrl}/never-answers/broken` })
    await behave('never-answers', 'broken')
    await world.emit()
    await workAll(world)
    expect((await world.listed(id))[0]).toMatchObject({ status: 'PENDING', attempts: [] })
    world.state.offsetMs = 73 * HOUR
    await workAll(world)
    expect((await world.listed(id))[0]).toMatchObject({ status: 'DEAD', attempts: [], next_attempt_at: null })
    expect(await seen('never-answers')).toEqual([])
  })

  it('hears that a run is pending where a person is asked for it, and its callback hears of the asking alone', async () => {
    const world = makeWorld('pending')
    const { secret } = await world.active(`${receiverUrl}/pending/ok`)
    const asked = { hitl_id: uuidIds.runId(), workflow: 'w', status: 'PENDING', expires_at: '2027-01-01T00:00:00Z' }
    const run_id = uuidIds.runId()
    await world.emit(`${receiverUrl}/pending-callback/ok`, { type: 'hitl.requested', data: { ...asked, run_id } } as never)
    await world.emit(null, { type: 'hitl.requested', data: { ...asked, hitl_id: uuidIds.runId() } } as never)
    await world.work()
    const events = (await seen('pending')).map((got) => verified(got, secret))
    expect(events.map(({ type }) => type).toSorted()).toEqual(['hitl.requested', 'hitl.requested', 'run.pending'])
    expect(events.find(({ type }) => type === 'run.pending')!.data).toEqual({
      run_id,
      workflow: 'w',
      hitl_id: asked.hitl_id,
      expires_at: asked.expires_at
    })
    expect((await seen('pending-callback')).map(({ body }) => JSON.parse(body).data)).toEqual([
      { hitl_id: asked.hitl_id, status: 'PENDING', run_id }
    ])
  })

  it('is not switched on by the answer of an address that it no longer has', async () => {
    const world = makeWorld('stale-ping')
    const made = (await world.door.create(world.team, { url: `${receiverUrl}/stale-ping/ok`, types: [], description: null }, null))!
    const [order] = world.take()
    const claim = await world.outbox.claim(order!.body)
    if (claim.kind !== 'claimed') throw new Error(claim.kind)
    await world.door.change(world.team, made.endpoint.id, { url: `${receiverUrl}/never-asked/ok` })
    await world.outbox.settle(claim.parcel, { ...claim.parcel.delivery, status: 'DELIVERED', made: 1, dueAtMs: null })
    expect((await world.door.get(world.team, made.endpoint.id))!.status).toBe('PENDING')
  })

  it('gets the types that it chose and no others', async () => {
    const world = makeWorld('types')
    await world.active(`${receiverUrl}/types/ok`, ['run.blocked'])
    await world.emit()
    await world.emit(null, { type: 'alert.fired', data: { alert: 'x', message: 'y' } } as never)
    expect(world.take()).toEqual([])
    await world.outbox.publish(world.team, [await makeReceipt(world.team, { decision: 'BLOCK', judged_at: new Date().toISOString() })], [])
    await world.work()
    expect((await seen('types')).map(({ body }) => JSON.parse(body).type)).toEqual(['run.blocked'])
  })

  it('is signed for with both secrets for a day after a rotation, and with the new one alone after that', async () => {
    const world = makeWorld('rotates')
    const old = await world.active(`${receiverUrl}/rotates/ok`)
    const fresh = (await world.door.rotate(world.team, old.id))!
    expect(fresh.secret).not.toBe(old.secret)
    const event = await world.emit()
    await world.work()
    const [first] = await seen('rotates')
    expect([verified(first!, old.secret), verified(first!, fresh.secret)]).toEqual([event, event])
    expect([await isSignedBy(first!, old.public_key), await isSignedBy(first!, fresh.public_key)]).toEqual([true, true])
    world.state.offsetMs = 24 * HOUR + MINUTE
    await world.emit()
    await world.work()
    const [, second] = await seen('rotates')
    const at = world.clock.now()
    expect([await isSignedBy(second!, old.public_key, at), await isSignedBy(second!, fresh.public_key, at)]).toEqual([false, true])
    expect(second!.headers['webhook-signature']!.split(' ')).toHaveLength(2)
  })

  it('has its secrets at rest sealed, each under its own id', async () => {
    const world = makeWorld('sealed')
    const { id, secret } = await world.active(`${receiverUrl}/sealed/ok`)
    const other = await world.active(`${receiverUrl}/sealed/ok`)
    const rows = await env.DB.prepare('SELECT * FROM webhook_endpoints WHERE team_id = ?').bind(world.team).all()
    expect(JSON.stringify(rows.results)).not.toMatch(/whsec_|whsk_/)
    expect(JSON.stringify(rows.results)).not.toContain(secret.slice('whsec_'.length))
    expect(JSON.stringify(await world.door.list(world.team, null, 50))).not.toContain('whsec_')
    // Whoever may write to the table cannot have one endpoint's events signed with another's secret.
    await env.DB.prepare(
      'UPDATE webhook_endpoints SET sealed = (SELECT sealed FROM webhook_endpoints WHERE team_id = ?1 AND id = ?2) WHERE team_id = ?1 AND id = ?3'
    )
      .bind(world.team, id, other.id)
      .run()
    await world.emit()
    const ends = await consume(
      world.parts,
      world.take().map(({ body }) => body)
    )
    expect(ends.toSorted()).toEqual(['ack', 'retry 30'])
    expect(await seen('sealed')).toHaveLength(1)
  })

  it('whose address the rules no longer allow gets nothing, though it is registered', async () => {
    const world = makeWorld('stricter')
    const { id } = await world.active(`${receiverUrl}/stricter/ok`)
    await world.emit()
    for (const { body } of world.take()) await deliver({ ...world.parts, isDev: false }, body)
    const [delivery] = await world.listed(id)
    expect(delivery!.attempts).toMatchObject([{ status: null, error: 'the address must begin with https://' }])
    expect(await seen('stricter')).toEqual([])
  })
})

describe('what ended', () => {
  it('is forgotten after thirty days, and what is still on its way is not', async () => {
    const world = makeWorld('forgotten')
    await world.active(`${receiverUrl}/forgotten/ok`)
    await world.emit()
    await world.work()
    await world.emit()
    world.state.offsetMs = 31 * 24 * HOUR
    await sweepWebhooks(world.parts)
    expect((await world.listed()).map(({ status }) => status)).toEqual(['PENDING'])
  })
})

describe('replay', () => {
  it('sends one event again under the same id, and its attempts go on counting', async () => {
    const world = makeWorld('replay-one')
    await world.active(`${receiverUrl}/replay-one/ok`)
    await world.emit()
    await world.work()
    const [delivery] = await world.listed()
    const again = await world.door.replay(world.team, delivery!.id)
    expect(again).toMatchObject({ id: delivery!.id, status: 'PENDING' })
    await world.work()
    const [after] = await world.listed()
    expect(after).toMatchObject({ status: 'DELIVERED', attempts: [{ number: 1 }, { number: 2 }] })
    expect(new Set((await seen('replay-one')).map(({ headers }) => headers['webhook-id']))).toEqual(new Set([delivery!.event_id]))
  })

  it('sends all that failed since again, and nothing that arrived', async () => {
    const world = makeWorld('replay-all')
    const { id } = await world.active(`${receiverUrl}/replay-all/ok`)
    await world.emit()
    await world.work()
    await behave('replay-all', 'gone')
    for (let i = 0; i < 3; i++) await world.emit()
    await world.work()
    await expect(world.door.replayFailed(world.team, id, 0)).rejects.toMatchObject({ code: 'endpoint_disabled' })
    await behave('replay-all', 'ok')
    await world.door.change(world.team, id, { disabled: false })
    await world.work()
    expect(await world.door.replayFailed(world.team, id, Date.now() + HOUR)).toBe(0)
    expect(await world.door.replayFailed(world.team, id, 0)).toBe(3)
    await world.work()
    expect((await world.listed(id)).map(({ status }) => status)).toEqual(Array(4).fill('DELIVERED'))
    expect(new Set((await seen('replay-all')).map(({ headers }) => headers['webhook-id'])).size).toBe(4)
  })
})

describe('the ledger', () => {
  const ledger = edgeLedger(env.LEDGER, 'alone')
  const judged_at = new Date().toISOString()

  it('tells of every run once, by what it was, and of checkpoints; not of approvals, changes, imports, dry runs or later revisions', async () => {
    const world = makeWorld('told')
    const { id, secret } = await world.active(`${receiverUrl}/told/ok`)
    const original = await makeReceipt(world.team, { judged_at })
    const receipts = [
      original,
      await makeReceipt(world.team, { judged_at, decision: 'BLOCK', outcome: 'NONE' }),
      await makeReceipt(world.team, { judged_at, workflow: 'rollback:agent_pr_workflow', links: { rollback_of: original.run_id } }),
      await makeReceipt(world.team, { workflow: 'approval:agent_pr_workflow' }),
      await makeReceipt(world.team, { workflow: 'fact_changed:code_freeze' }),
      await makeReceipt(world.team, { judged_at, mode: 'imported' }),
      await makeReceipt(world.team, { judged_at, run_mode: 'dry_run' }),
      await makeReceipt(world.team, { judged_at, run_mode: 'shadow' }),
      await makeReceipt(world.team, { judged_at, run_id: original.run_id, revision: 1 })
    ]
    for (const receipt of receipts) await ledger.append(world.team, receipt)
    await ledger.proof(world.team, original.run_id)
    await runDurableObjectAlarm(ledgerStub(world.team))
    await ledger.append(world.team, await makeReceipt(world.team, { judged_at, decision: 'BLOCK' }))
    await runDurableObjectAlarm(ledgerStub(world.team))
    await workAll(world)
    const events = (await seen('told')).map((got) => verified(got, secret))
    const runs = events.filter(({ type }) => type !== 'checkpoint.created')
    expect(runs.map(({ type }) => type).toSorted()).toEqual(['rollback.completed', 'run.blocked', 'run.blocked', 'run.completed'])
    expect(runs.find(({ type }) => type === 'run.completed')).toEqual({
      type: 'run.completed',
      timestamp: original.timestamp,
      data: { run_id: original.run_id, workflow: 'agent_pr_workflow', decision: 'PASS', outcome: 'SUCCEEDED' }
    })
    expect(runs.find(({ type }) => type === 'rollback.completed')!.data).toMatchObject({ original_run_id: original.run_id })
    expect(events.some(({ type }) => type === 'checkpoint.created')).toBe(true)
    expect(await world.listed(id)).toHaveLength(events.length)
  })

  it('tells again what it could not take down, and what it had told already stays one event', async () => {
    const world = makeWorld('told-again')
    await world.active(`${receiverUrl}/told-again/ok`)
    await env.DB.prepare('ALTER TABLE webhook_deliveries RENAME TO away').run()
    const receipts = [await makeReceipt(world.team, { judged_at }), await makeReceipt(world.team, { judged_at })]
    await ledgerStub(world.team).appendMany(world.team, receipts.map(entryOf))
    await runDurableObjectAlarm(ledgerStub(world.team))
    await env.DB.prepare('ALTER TABLE away RENAME TO webhook_deliveries').run()
    expect(await world.listed()).toEqual([])
    await runDurableObjectAlarm(ledgerStub(world.team))
    await world.outbox.publish(world.team, receipts, [])
    expect(await world.listed()).toHaveLength(2)
  })

  it('tells an endpoint nothing from before it was there', async () => {
    const world = makeWorld('latecomer')
    await ledger.append(world.team, await makeReceipt(world.team, { judged_at, timestamp: '2026-01-01T00:00:00Z' }))
    await world.active(`${receiverUrl}/latecomer/ok`)
    await runDurableObjectAlarm(ledgerStub(world.team))
    expect(await world.listed()).toEqual([])
  })

  it('tells a run’s callback_url its id and statuses alone, signed with the team’s secret, whatever mode it ran in', async () => {
    const world = makeWorld('called-back')
    const { secret } = await world.door.rotateCallbackSecret(world.team)
    const receipt = await makeReceipt(world.team, { judged_at, run_mode: 'dry_run', user_email: 'ann@company.com' })
    await world.door.expectCallback(world.team, receipt.run_id, `${receiverUrl}/called-back/ok`)
    await world.door.expectCallback(world.team, receipt.run_id, `${receiverUrl}/called-back-instead/ok`)
    await ledger.append(world.team, receipt)
    await runDurableObjectAlarm(ledgerStub(world.team))
    await workAll(world)
    const [got] = await seen('called-back')
    expect(verified(got!, secret)).toEqual({
      type: 'run.completed',
      timestamp: receipt.timestamp,
      data: { run_id: receipt.run_id, decision: 'PASS', outcome: 'SUCCEEDED' }
    })
    expect(await seen('called-back-instead')).toEqual([])
    expect(await env.DB.prepare('SELECT * FROM webhook_callbacks WHERE team_id = ?').bind(world.team).first()).toBeNull()
    await world.outbox.publish(world.team, [receipt], [])
    expect(await world.listed()).toMatchObject([{ endpoint_id: null, callback_url: `${receiverUrl}/called-back/ok`, status: 'DELIVERED' }])
  })
})
