// Compliance exports over HTTP: made in the background, whatever stops them; receipted; downloaded whole; gone when their time is over.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ExportCalls } from '../../durable/export.ts'
import { systemClock } from '../../src/adapters/clock/system.ts'
import { edgeExports } from '../../src/adapters/edge/exports.ts'
import { entryOf } from '../../src/adapters/edge/ledger.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { checkChain, openEnvelope, readZip, RECEIPT_TYPE, type JsonObject, type LedgerPlace, type Receipt } from '../../src/engine/index.ts'
import { sweepExports } from '../../src/jobs/sweep_exports.ts'
import { call, ledgerStub, makeKey, makeReceipt } from './parts.ts'

const PERIOD = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' }
const list = edgeExports(env.DB, env.EXPORTS)
let auditor = ''

beforeAll(async () => {
  auditor = await makeKey('audited', ['audit'])
  await fill('audited', 12)
})

async function fill(team: string, count: number, more: Partial<Receipt> = {}): Promise<Receipt[]> {
  const made = await Promise.all(Array.from({ length: count }, () => makeReceipt(team, more)))
  await ledgerStub(team).appendMany(team, made.map(entryOf))
  return made
}

/** The ledger as if it had noted that it was so far at these times. */
const hours = (team: string, notes: readonly (readonly [number, number])[]) =>
  runInDurableObject(ledgerStub(team), (_object, state) => {
    state.storage.sql.exec('DELETE FROM hours')
    for (const [seq, at] of notes) state.storage.sql.exec('INSERT INTO hours VALUES (?, ?)', seq, at)
  })

const stub = (team: string, id: string) =>
  env.EXPORTS.get(env.EXPORTS.idFromName(`${team}/${id}`)) as unknown as DurableObjectStub & ExportCalls

async function order(key: string, body: object = PERIOD, headers: Record<string, string> = {}): Promise<string> {
  const made = await call('POST', '/exports', { key, body, headers })
  expect([made.status, made.json.status]).toEqual([202, 'RUNNING'])
  return made.json.export_id as string
}

async function finish(key: string, team: string, id: string): Promise<JsonObject> {
  for (let i = 0; i < 50; i++) {
    await runDurableObjectAlarm(stub(team, id))
    const { json } = await call('GET', `/exports/${id}`, { key })
    if (json.status !== 'RUNNING') return json as JsonObject
  }
  throw new Error('it never ended')
}

async function download(key: string, id: string): Promise<Map<string, string>> {
  const { exports } = await import('cloudflare:workers')
  const response = await exports.default.fetch(new Request(`http://127.0.0.1/exports/${id}/file`, { headers: { 'x-enact-api-key': key } }))
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/zip'])
  const bytes = new Uint8Array(await response.arrayBuffer())
  const found = await readZip(bytes.length, (at, length) => Promise.resolve(bytes.slice(at, at + length)), nodeHash)
  if (typeof found === 'string') throw new Error(found)
  return new Map(found.map(({ name, offset, size }) => [name, nodeHash.text(bytes.slice(offset, offset + size))]))
}

/** The places that are in it, from receipts and erased ones. */
function placesIn(files: Map<string, string>): LedgerPlace[] {
  const lines = (name: string) =>
    files
      .get(name)!
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as JsonObject)
  const receipts = [...files.keys()].filter((name) => name.startsWith('receipts/')).flatMap(lines)
  for (const line of receipts) expect(typeof openEnvelope(line, RECEIPT_TYPE, nodeHash)).toBe('object')
  const places = [...receipts.map(({ ledger }) => ledger), ...lines('erased.ndjson')] as unknown as LedgerPlace[]
  return places.map(({ seq, leaf, prev }) => ({ seq, leaf, prev })).sort((a, b) => a.seq - b.seq)
}

describe('an export', () => {
  it('is ordered, receipted, made, listed and downloaded by auditors', async () => {
    const id = await order(auditor)
    const early = await call('GET', `/exports/${id}/file`, { key: auditor })
    expect([early.status, early.json.code]).toEqual([409, 'export_not_ready'])
    const done = await finish(auditor, 'audited', id)
    expect(done).toEqual({
      export_id: id,
      status: 'DONE',
      done: 13,
      total: 13,
      size_bytes: expect.any(Number),
      detail: null,
      from: '2020-01-01T00:00:00.000Z',
      to: '2100-01-01T00:00:00.000Z',
      created_at: expect.stringMatching(/Z$/),
      expires_at: expect.stringMatching(/Z$/)
    })
    expect((await call('GET', '/exports', { key: auditor })).json.data).toContainEqual(done)
    const { json } = await call('GET', `/receipts?workflow=export_created:${id}`, { key: auditor })
    expect(json.data).toEqual([
      expect.objectContaining({
        payload: { name: id, before: null, after: { from: '2020-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' } }
      })
    ])
    const files = await download(auditor, id)
    // Its own receipt is in it.
    expect(checkChain(placesIn(files), nodeHash)).toMatchObject({ whole: true, to: 12 })
    const names = [
      'MANIFEST.json',
      'MANIFEST.dsse.json',
      'README.md',
      'gaps.json',
      'keys.json',
      'proofs.ndjson',
      'summary.csv',
      'checkpoints.ndjson'
    ]
    expect([...files.keys()]).toEqual(expect.arrayContaining([...names, 'mappings/soc2.md', 'mappings/hipaa_164_312_b.md']))
  })

  it('has what of a period the ledger took in then, and nothing of before or after', async () => {
    const key = await makeKey('period', ['audit'])
    const days = Array.from({ length: 9 }, (_, i) => new Date(Date.UTC(2026, 2, 1 + i)).toISOString())
    for (const timestamp of days) await fill('period', 2, { timestamp })
    // With the hours that the ledger notes, as if it had been there; and of a ledger from before it noted them.
    for (const noted of [true, false]) {
      await hours('period', noted ? days.map((day, i) => [i * 2, Date.parse(day)] as const) : [])
      const id = await order(key, { from: days[2], to: days[5] })
      await finish(key, 'period', id)
      const files = await download(key, id)
      expect(placesIn(files).map(({ seq }) => seq)).toEqual([4, 5, 6, 7, 8, 9])
      expect(JSON.parse(files.get('gaps.json')!)).toMatchObject({
        first_time: days[2],
        last_time: days[4],
        range: { first_seq: 4, last_seq: 9 }
      })
    }
    const empty = await order(key, { from: '2030-01-01T00:00:00Z', to: '2030-01-02T00:00:00Z' })
    expect(await finish(key, 'period', empty)).toMatchObject({ status: 'DONE', total: 0 })
    expect(placesIn(await download(key, empty))).toEqual([])
  })

  it('names what was erased, with the receipt of that, which may be younger than the period', async () => {
    const key = await makeKey('gaps', ['admin'])
    const made = await fill('gaps', 5, { timestamp: '2026-03-01T00:00:00.000Z' })
    const { json } = await call('DELETE', `/receipts/${made[2]!.run_id}`, { key, body: { reason: 'asked for' } })
    await hours('gaps', [
      [0, Date.parse('2026-03-01T00:00:00Z')],
      [5, Date.parse('2026-03-02T00:00:00Z')]
    ])
    const id = await order(key, { from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:00Z' })
    await finish(key, 'gaps', id)
    const files = await download(key, id)
    expect(JSON.parse(files.get('gaps.json')!)).toMatchObject({
      erased: [[2, 2]],
      unreadable: [],
      receipts: 4,
      range: { first_seq: 0, last_seq: 4 }
    })
    expect(JSON.parse(files.get('erased.ndjson')!)).toMatchObject({ seq: 2, erased_by: json.erased_by })
    expect(files.get('erasures.ndjson')).toContain(`"seq":5`)
    expect(checkChain(placesIn(files), nodeHash).breaks).toEqual([])
  })

  it('says which receipt the ledger has lost', async () => {
    const key = await makeKey('lost', ['audit'])
    await fill('lost', 3)
    await runInDurableObject(
      ledgerStub('lost'),
      (_object, state) => void state.storage.sql.exec(`UPDATE entries SET body = '' WHERE seq = 1`)
    )
    const id = await order(key)
    await finish(key, 'lost', id)
    expect(JSON.parse((await download(key, id)).get('gaps.json')!)).toMatchObject({ erased: [], unreadable: [[1, 1]] })
  })

  it('stopped before and after each of its steps ends in the same bytes', async () => {
    const key = await makeKey('crash', ['admin'])
    const made = await fill('crash', 620)
    await call('DELETE', `/receipts/${made[300]!.run_id}`, { key, body: { reason: 'asked for' } })
    const id = await order(key)
    const other = await order(key, PERIOD)
    // Both see the same ledger: the order of the second one is in it before the first begins.
    await finish(key, 'crash', id)
    let stops = 0
    for (let i = 0; i < 200; i++) {
      const { json } = await call('GET', `/exports/${other}`, { key })
      if (json.status === 'DONE') break
      // One step, then the object dies: the clock runs out while the ledger answers, and the isolate with it.
      await runInDurableObject(stub('crash', other), async (object, state) => {
        const before = Number(state.storage.sql.exec<{ n: number }>('SELECT count(*) AS n FROM bytes').one().n)
        const { transactionSync } = state.storage
        let writes = 0
        Object.defineProperty(state.storage, 'transactionSync', {
          configurable: true,
          value: <T>(work: () => T): T => {
            // Every other time it dies in the middle of the write, which must then not have been.
            if (++writes > 1) throw new Error('stopped before the write')
            if (i % 2 === 1)
              return transactionSync.call(state.storage, () => {
                work()
                throw new Error('stopped in the write')
              }) as T
            return transactionSync.call(state.storage, work) as T
          }
        })
        await (object as unknown as { alarm(): Promise<void> }).alarm()
        Object.defineProperty(state.storage, 'transactionSync', { configurable: true, value: transactionSync })
        const after = Number(state.storage.sql.exec<{ n: number }>('SELECT count(*) AS n FROM bytes').one().n)
        if (i % 2 === 1) expect(after).toBe(before)
        expect(await state.storage.getAlarm()).not.toBeNull()
      })
      stops++
      await evictDurableObject(stub('crash', other))
    }
    expect(stops).toBeGreaterThan(20)
    const [whole, stopped] = [await download(key, id), await download(key, other)]
    expect(checkChain(placesIn(stopped), nodeHash)).toMatchObject({ breaks: [], from: 0 })
    for (const [name, text] of whole) expect([name, stopped.get(name) === text]).toEqual([name, true])
  }, 60_000)

  it('is one under an Idempotency-Key; another period under it is another request', async () => {
    const key = await makeKey('idem-export', ['audit'])
    await fill('idem-export', 1)
    const headers = { 'idempotency-key': 'e1' }
    const ids = await Promise.all([order(key, PERIOD, headers), order(key, PERIOD, headers)])
    expect(ids[0]).toBe(ids[1])
    const other = await call('POST', '/exports', { key, body: { ...PERIOD, to: '2099-01-01T00:00:00Z' }, headers })
    expect([other.status, other.json.code]).toEqual([422, 'idempotency_key_reused'])
    for (const body of [{ from: PERIOD.to, to: PERIOD.from }, { from: PERIOD.from }, { from: 'yesterday', to: PERIOD.to }])
      expect((await call('POST', '/exports', { key, body })).status).toBe(422)
  })

  it('is nobody else’s, and five under way are enough', async () => {
    const key = await makeKey('mine-export', ['audit'])
    const stranger = await makeKey('other-export', ['admin'])
    await fill('mine-export', 1)
    const id = await order(key)
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/file'],
      ['DELETE', '']
    ] as const)
      expect((await call(method, `/exports/${id}${path}`, { key: stranger })).status).toBe(404)
    expect((await call('GET', '/exports', { key: stranger })).json.data).toEqual([])
    for (let i = 0; i < 4; i++) await order(key)
    const sixth = await call('POST', '/exports', { key, body: PERIOD })
    expect([sixth.status, sixth.headers.get('retry-after')]).toEqual([429, '60'])
    const { json } = await call('GET', '/exports?limit=3', { key })
    const { json: rest } = await call('GET', `/exports?limit=3&cursor=${json.next_cursor}`, { key })
    expect(new Set([...json.data, ...rest.data].map(({ export_id }: { export_id: string }) => export_id)).size).toBe(5)
  })
})

describe('an export’s end', () => {
  it('comes by itself when its time is over, and leaves nothing', async () => {
    const id = await order(auditor)
    await finish(auditor, 'audited', id)
    await runInDurableObject(stub('audited', id), (_object, state) => {
      const [row] = state.storage.sql.exec<{ text: string }>('SELECT text FROM state').toArray()
      state.storage.sql.exec('UPDATE state SET text = ?', row!.text.replace(/"expires_at":\d+/, '"expires_at":1'))
    })
    await runDurableObjectAlarm(stub('audited', id))
    expect((await call('GET', `/exports/${id}`, { key: auditor })).status).toBe(404)
    expect(await stub('audited', id).progress()).toBeNull()
  })

  it('comes when it is deleted, also while it is being made', async () => {
    const id = await order(auditor)
    expect((await call('DELETE', `/exports/${id}`, { key: auditor })).status).toBe(204)
    expect((await call('DELETE', `/exports/${id}`, { key: auditor })).status).toBe(404)
    await runDurableObjectAlarm(stub('audited', id))
    expect(await stub('audited', id).progress()).toBeNull()
  })

  it('one that was never begun is begun by the sweep; one whose row is gone deletes itself', async () => {
    const sweep = () => sweepExports({ exports: list, clock: { now: () => systemClock.now() + 120_000 }, log: () => undefined })
    const at = systemClock.now()
    const lost = {
      team_id: 'audited',
      export_id: '0198c0de-0000-7000-8000-00000000aaaa',
      from: 0,
      to: at,
      created_at: at,
      expires_at: at + 900_000
    }
    await env.DB.prepare(
      `INSERT INTO exports (team_id, export_id, from_at, to_at, status, created_at, expires_at) VALUES (?, ?, ?, ?, 'RUNNING', ?, ?)`
    )
      .bind(lost.team_id, lost.export_id, lost.from, lost.to, lost.created_at, lost.expires_at)
      .run()
    await sweep()
    expect(await finish(auditor, 'audited', lost.export_id)).toMatchObject({ status: 'DONE' })
    const id = await order(auditor)
    await env.DB.prepare('DELETE FROM exports WHERE export_id = ?').bind(id).run()
    await runDurableObjectAlarm(stub('audited', id))
    expect(await stub('audited', id).progress()).toBeNull()
  })

  it('that always fails is FAILED, says so, and keeps no bytes', async () => {
    const key = await makeKey('failing', ['audit'])
    await fill('failing', 2)
    const id = await order(key)
    await runInDurableObject(ledgerStub('failing'), (_object, state) => void state.storage.sql.exec('DELETE FROM entries WHERE seq = 1'))
    await runDurableObjectAlarm(stub('failing', id))
    await runInDurableObject(stub('failing', id), (_object, state) => void state.storage.sql.exec('UPDATE tries SET count = 37'))
    const done = await finish(key, 'failing', id)
    expect(done).toMatchObject({ status: 'FAILED', size_bytes: null, detail: 'it could not be finished; the log says why' })
    expect((await call('GET', `/exports/${id}/file`, { key })).status).toBe(409)
  })
})
