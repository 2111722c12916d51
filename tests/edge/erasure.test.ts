// Retention and erasure: bodies go everywhere, the ledger stays whole, and whoever blanks a body without saying so is found.
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/adapters/clock/system.ts'
import { d1Directory } from '../../src/adapters/edge/directory.ts'
import { edgeLedger, entryOf } from '../../src/adapters/edge/ledger.ts'
import { d1Receipts } from '../../src/adapters/edge/receipts.ts'
import { d1Settings } from '../../src/adapters/edge/settings.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import {
  checkChain,
  openCheckpoint,
  originOf,
  verifyProof,
  verifyReceipt,
  type ErasureOrder,
  type Finding,
  type JsonObject,
  type LedgerPlace,
  type Receipt
} from '../../src/engine/index.ts'
import { reconcile } from '../../src/jobs/reconcile.ts'
import { retain } from '../../src/jobs/retain.ts'
import { call, keys, ledgerStub, makeKey, makeReceipt } from './parts.ts'

const RUN = { workflow: 'agent_pr_workflow', user_email: 'agent@company.com', payload: { repo: 'myorg/app', branch: 'main' } }
const ledger = edgeLedger(env.LEDGER, 'alone')
const index = d1Receipts(env.DB, nodeHash, ledger.present, systemClock)
const settings = d1Settings(env.DB)
const DAY_MS = 86_400_000

const erase = (key: string, id: string, reason = 'asked by the person it is about') =>
  call('DELETE', `/receipts/${id}`, { key, body: { reason } })

async function fill(team: string, count: number, more: Partial<Receipt> = {}): Promise<Receipt[]> {
  const made = await Promise.all(Array.from({ length: count }, () => makeReceipt(team, more)))
  await ledgerStub(team).appendMany(team, made.map(entryOf))
  return made
}

/** As if everything that is there had been appended so many days ago. */
const age = (team: string, days: number) =>
  runInDurableObject(ledgerStub(team), (_object, state) => {
    state.storage.sql.exec('DELETE FROM hours')
    const { size } = state.storage.sql.exec<{ size: number }>('SELECT count(*) AS size FROM entries').one()
    state.storage.sql.exec('INSERT INTO hours VALUES (?, ?)', size, Date.now() - days * DAY_MS)
  })

async function sweep(): Promise<JsonObject[]> {
  const logged: JsonObject[] = []
  await env.DB.prepare('UPDATE team_settings SET retained_at = 0').run()
  const installation = () => ({ digest: 'sha256:0' })
  await retain({ settings, ledger, installation, ids: uuidIds, clock: systemClock, log: (entry) => logged.push(entry) })
  return logged
}

async function findings(team: string): Promise<string[]> {
  await env.DB.prepare('DELETE FROM findings').run()
  const directory = d1Directory(env.DB, systemClock)
  await env.DB.prepare(`INSERT INTO teams (team_id, created_by, created_at) VALUES (?, 'test', '') ON CONFLICT DO NOTHING`).bind(team).run()
  await env.DB.prepare('UPDATE teams SET reconcile_from = 0').run()
  await reconcile({ directory, ledger, index, alarm: () => Promise.resolve(), clock: systemClock, log: () => undefined })
  const { results } = await env.DB.prepare('SELECT kind FROM findings WHERE team_id = ? ORDER BY id')
    .bind(team)
    .all<{ kind: Finding['kind'] }>()
  return results.map(({ kind }) => kind)
}

/** Everything that any store of the installation says. */
async function everywhere(team: string): Promise<string> {
  const tables = ['receipts', 'receipt_tags', 'sealed', 'shares', 'changes', 'approvals', 'webhook_events']
  const rows = await Promise.all(tables.map((table) => env.DB.prepare(`SELECT * FROM ${table} WHERE team_id = ?`).bind(team).all()))
  const own = await runInDurableObject(ledgerStub(team), (_object, state) =>
    ['entries', 'parts'].map((table) => state.storage.sql.exec(`SELECT * FROM ${table}`).toArray())
  )
  return JSON.stringify([rows.map(({ results }) => results), own])
}

async function placesOf(team: string): Promise<LedgerPlace[]> {
  return runInDurableObject(ledgerStub(team), (_object, state) =>
    state.storage.sql.exec<LedgerPlace & Record<string, SqlStorageValue>>('SELECT seq, leaf, prev FROM entries ORDER BY seq').toArray()
  )
}

describe('erasing one receipt', () => {
  it('takes its body away everywhere, keeps leaf, place and proof, and leaves a receipt that says who, why and which', async () => {
    const key = await makeKey('erase', ['admin'], { user_email: 'ops@company.com' })
    await fill('erase', 3)
    const secret = 'person-of-whom-nothing-stays'
    const [one] = await fill('erase', 1, { user_email: `${secret}@company.com`, payload: { note: `${secret} ${'x'.repeat(600_000)}` } })
    await fill('erase', 3)
    const before = (await call('GET', `/receipts/${one!.run_id}`, { key })).json
    expect(await everywhere('erase')).toContain(secret)
    const done = await erase(key, one!.run_id)
    expect([done.status, done.json]).toEqual([
      200,
      { run_id: one!.run_id, erased_at: expect.stringMatching(/Z$/), erased_by: expect.any(String) }
    ])
    expect(await everywhere('erase')).not.toContain(secret)
    const gone = await call('GET', `/receipts/${one!.run_id}`, { key })
    expect([gone.status, gone.headers.get('content-type')]).toEqual([410, 'application/problem+json'])
    expect(gone.json).toMatchObject({
      code: 'erased',
      seq: 3,
      leaf: before.ledger.leaf,
      erased_at: done.json.erased_at,
      erased_by: done.json.erased_by
    })
    expect(gone.text).not.toContain(secret)
    const { json: proof } = await call('GET', `/receipts/${one!.run_id}/proof`, { key })
    const ring = await keys.team('erase')
    const opened = await openCheckpoint(
      proof.checkpoint,
      originOf('erase'),
      { verify: ring.verify, publicKeys: await ring.publicKeys() },
      nodeHash
    )
    if (!opened.ok) throw new Error(opened.problem)
    expect(verifyProof(before.ledger, proof, opened.checkpoint, nodeHash)).toEqual([])
    const { json: receipt } = await call('GET', `/receipts/${done.json.erased_by}`, { key })
    expect((await verifyReceipt(receipt, ring, nodeHash)).valid).toBe(true)
    expect(receipt).toMatchObject({
      workflow: `receipt_erased:${one!.run_id}`,
      user_email: 'ops@company.com',
      payload: { run_id: one!.run_id, reason: 'asked by the person it is about', entries: 1, erased: [[3, 3]] }
    })
    expect(checkChain(await placesOf('erase'), nodeHash)).toMatchObject({ whole: true })
    expect((await call('GET', '/receipts?limit=200', { key })).json.data.map(({ run_id }: Receipt) => run_id)).not.toContain(one!.run_id)
    expect(await findings('erase')).toEqual([])
  })

  it('twice is once; its own receipt stays; another team’s is nothing', async () => {
    const key = await makeKey('twice', ['admin'])
    const [one] = await fill('twice', 1)
    const first = await erase(key, one!.run_id)
    expect((await erase(key, one!.run_id)).json).toEqual(first.json)
    expect((await call('GET', '/receipts', { key })).json.data).toHaveLength(1)
    const kept = await erase(key, first.json.erased_by)
    expect([kept.status, kept.json.code]).toEqual([403, 'forbidden'])
    const [other] = await fill('twice-other', 1)
    expect((await erase(key, other!.run_id)).status).toBe(404)
    expect((await call('DELETE', `/receipts/${one!.run_id}`, { key, body: {} })).status).toBe(422)
  })

  it('two at once erase once, and the receipts of many at once say together exactly what is gone', async () => {
    const key = await makeKey('rush', ['admin'])
    const made = await fill('rush', 12)
    const answers = await Promise.all([...made, ...made].map(({ run_id }) => erase(key, run_id)))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(new Set(answers.map(({ json }) => json.erased_by)).size).toBe(12)
    const receipts = (await call('GET', '/receipts?limit=200', { key })).json.data as Receipt[]
    const ranges = receipts.flatMap(({ payload }) => payload.erased as [number, number][])
    expect(ranges.map(([first]) => first).toSorted((a, b) => a - b)).toEqual(made.map((_, i) => i))
    expect(checkChain(await placesOf('rush'), nodeHash)).toMatchObject({ whole: true })
    expect(await findings('rush')).toEqual([])
  })

  it('erases all revisions, and a run that is erased is neither rolled back nor run again nor imported over', async () => {
    const key = await makeKey('again', ['admin'])
    const headers = { 'idempotency-key': 'once' }
    const { json: run } = await call('POST', '/runs', { key, body: RUN, headers })
    await ledgerStub('again').appendMany('again', [entryOf(await makeReceipt('again', { run_id: run.run_id, revision: 1 }))])
    expect((await erase(key, run.run_id)).status).toBe(200)
    const codes = [
      await call('POST', `/runs/${run.run_id}/rollback`, { key, body: {} }),
      await call('POST', '/runs', { key, body: RUN, headers }),
      await call('GET', `/runs/${run.run_id}`, { key }),
      await call('GET', `/receipts/${run.run_id}?revision=0`, { key }),
      await call('POST', '/receipts', { key, body: { run_id: run.run_id, workflow: 'x', decision: 'PASS', receipt: {} } })
    ]
    expect(codes.map(({ status, json }) => [status, json.code])).toEqual(codes.map(() => [410, 'erased']))
    expect(await findings('again')).toEqual([])
  })

  it('waits while a rollback of it goes on', async () => {
    const key = await makeKey('waits', ['admin'])
    const [one] = await fill('waits', 1)
    await env.DB.prepare('INSERT INTO unfinished_runs (team_id, run_id, due_at, rollback_of) VALUES (?, ?, 0, ?)')
      .bind('waits', uuidIds.runId(), one!.run_id)
      .run()
    expect((await erase(key, one!.run_id)).json.code).toBe('run_in_progress')
    await env.DB.prepare(`DELETE FROM unfinished_runs WHERE team_id = 'waits'`).run()
    expect((await erase(key, one!.run_id)).status).toBe(200)
  })

  it('is told to the index later where the index does not answer now, and pumps and webhooks go on', async () => {
    const key = await makeKey('later', ['admin'])
    const [one] = await fill('later', 2)
    await ledger.project('later')
    await env.DB.prepare('ALTER TABLE receipt_tags RENAME TO receipt_tags_away').run()
    expect((await erase(key, one!.run_id)).status).toBe(200)
    await env.DB.prepare('ALTER TABLE receipt_tags_away RENAME TO receipt_tags').run()
    expect(await env.DB.prepare('SELECT 1 FROM receipts WHERE run_id = ?').bind(one!.run_id).first()).not.toBeNull()
    await runDurableObjectAlarm(ledgerStub('later'))
    expect(await env.DB.prepare('SELECT 1 FROM receipts WHERE run_id = ?').bind(one!.run_id).first()).toBeNull()
    const [next] = await fill('later', 1)
    await runDurableObjectAlarm(ledgerStub('later'))
    expect((await index.list('later', {}, null, 10)).map(({ receipt }) => receipt.run_id)).toContain(next!.run_id)
    // An index that is written anew from the beginning does not bring it back.
    await runInDurableObject(
      ledgerStub('later'),
      (_object, state) => void state.storage.sql.exec(`UPDATE facts SET value = 0 WHERE name IN ('projected', 'published')`)
    )
    await runDurableObjectAlarm(ledgerStub('later'))
    expect(await env.DB.prepare('SELECT 1 FROM receipts WHERE run_id = ?').bind(one!.run_id).first()).toBeNull()
  })
})

describe('a body that is gone', () => {
  const blanked: [string, (sql: SqlStorage) => void][] = [
    ['without a word', (sql) => void sql.exec(`UPDATE entries SET body = '', signatures = '[]' WHERE seq = 1`)],
    [
      'with a note that names no receipt',
      (sql) => {
        sql.exec(`UPDATE entries SET body = '' WHERE seq = 1`)
        sql.exec(`INSERT INTO erased VALUES (1, 0, '${uuidIds.runId()}', 1)`)
      }
    ],
    [
      'with a note that names an ordinary receipt',
      (sql) => {
        sql.exec(`UPDATE entries SET body = '' WHERE seq = 1`)
        sql.exec(`INSERT INTO erased SELECT 1, 0, run_id, 1 FROM entries WHERE seq = 0`)
      }
    ],
    [
      'with a note that names the receipt of another erasure',
      (sql) => {
        sql.exec(`UPDATE entries SET body = '' WHERE seq = 1`)
        sql.exec(`INSERT INTO erased SELECT 1, 0, run_id, 1 FROM entries WHERE seq = 3`)
      }
    ],
    [
      'with the receipt of another erasure changed to say so',
      (sql) => {
        sql.exec(`UPDATE entries SET body = '' WHERE seq = 1`)
        sql.exec(`INSERT INTO erased SELECT 1, 0, run_id, 1 FROM entries WHERE seq = 3`)
        sql.exec(`UPDATE entries SET body = replace(body, '"erased":[[2,2]]', '"erased":[[1,2]]') WHERE seq = 3`)
      }
    ]
  ]
  it.each(blanked)('%s is damage', async (what, blank) => {
    const team = `blank-${blanked.findIndex(([name]) => name === what)}`
    const key = await makeKey(team, ['admin'])
    const made = await fill(team, 3)
    await erase(key, made[2]!.run_id)
    expect(await findings(team)).toEqual([])
    await runInDurableObject(ledgerStub(team), (_object, state) => blank(state.storage.sql))
    expect(await findings(team)).toContain('ledger_damaged')
    // And the index, which still has it, is not touched.
    expect((await index.list(team, {}, null, 10)).map(({ receipt }) => receipt.run_id)).toContain(made[1]!.run_id)
  })

  it('but came back to the index is taken out again', async () => {
    const key = await makeKey('back', ['admin'])
    const [one] = await fill('back', 1)
    await ledger.project('back')
    const row = await env.DB.prepare(`SELECT * FROM receipts WHERE run_id = ?`).bind(one!.run_id).first<Record<string, unknown>>()
    await erase(key, one!.run_id)
    const names = Object.keys(row!)
    await env.DB.prepare(`INSERT INTO receipts (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`)
      .bind(...Object.values(row!))
      .run()
    expect(await findings('back')).toEqual(['surplus'])
    expect(await env.DB.prepare('SELECT 1 FROM receipts WHERE run_id = ?').bind(one!.run_id).first()).toBeNull()
    expect(await findings('back')).toEqual([])
  })
})

describe('retention', () => {
  it('is set and receipted by admins, and what is out of range is refused', async () => {
    const key = await makeKey('set', ['admin'])
    expect((await call('GET', '/settings', { key })).json).toEqual({ retention_days: null, badge: true })
    const changed = await call('PATCH', '/settings', { key, body: { retention_days: 30 } })
    expect(changed.json).toEqual({ retention_days: 30, badge: true, run_id: expect.any(String) })
    const { json: receipt } = await call('GET', `/receipts/${changed.json.run_id}`, { key })
    expect(receipt).toMatchObject({
      workflow: 'settings_changed',
      payload: { name: 'retention_days', before: { retention_days: null }, after: { retention_days: 30 } }
    })
    expect((await call('PATCH', '/settings', { key, body: { retention_days: 30 } })).json.run_id).toBeNull()
    expect((await call('PATCH', '/settings', { key, body: { badge: false } })).json).toMatchObject({ retention_days: 30, badge: false })
    expect((await call('PATCH', '/settings', { key, body: { retention_days: null } })).json.retention_days).toBeNull()
    for (const retention_days of [0, -1, 3651, 1.5, '30']) {
      expect((await call('PATCH', '/settings', { key, body: { retention_days } })).status).toBe(422)
    }
    const both = await Promise.all([1, 2].map((days) => call('PATCH', '/settings', { key, body: { retention_days: days } })))
    expect(both.map(({ status }) => status)).toEqual([200, 200])
  })

  it('erases what is older and nothing else, in one receipted batch, and again only what has grown old since', async () => {
    const key = await makeKey('old', ['admin'])
    const old = await fill('old', 5)
    await age('old', 31)
    const young = await fill('old', 5)
    // A later finding about an old run keeps the whole of it.
    await ledgerStub('old').appendMany('old', [entryOf(await makeReceipt('old', { run_id: old[2]!.run_id, revision: 1 }))])
    await call('PATCH', '/settings', { key, body: { retention_days: 30 } })
    const logged = await sweep()
    expect(logged).toEqual([expect.objectContaining({ event: 'retention_applied', team_id: 'old', count: 4 })])
    const status = async (receipts: Receipt[]) =>
      Promise.all(receipts.map(async ({ run_id }) => (await call('GET', `/receipts/${run_id}`, { key })).status))
    expect(await status(old)).toEqual([410, 410, 200, 410, 410])
    expect(await status(young)).toEqual([200, 200, 200, 200, 200])
    expect((await call('GET', `/receipts/${String(logged[0]!.run_id)}`, { key })).json).toMatchObject({
      workflow: 'retention_applied:0-4',
      actor: { api_key_id: null },
      payload: {
        retention_days: 30,
        entries: 4,
        runs: 4,
        erased: [
          [0, 1],
          [3, 4]
        ]
      }
    })
    expect(await sweep()).toEqual([])
    await age('old', 31)
    expect(await sweep()).toEqual([expect.objectContaining({ count: 8 })])
    expect(await status([...old, ...young])).toEqual(Array.from({ length: 10 }, () => 410))
    // The receipts of erasures are as old as the rest, and stay.
    await age('old', 31)
    await sweep()
    expect((await call('GET', `/receipts/${String(logged[0]!.run_id)}`, { key })).status).toBe(200)
    expect(checkChain(await placesOf('old'), nodeHash)).toMatchObject({ whole: true })
    expect(await findings('old')).toEqual([])
  })

  it('passes over a run that is being rolled back, and comes back for it', async () => {
    await makeKey('held', ['admin'])
    const [first, second] = await fill('held', 2)
    await age('held', 3)
    await env.DB.prepare('INSERT INTO team_settings (team_id, retention_days) VALUES (?, 2)').bind('held').run()
    await env.DB.prepare('INSERT INTO unfinished_runs (team_id, run_id, due_at, rollback_of) VALUES (?, ?, 0, ?)')
      .bind('held', uuidIds.runId(), first!.run_id)
      .run()
    await sweep()
    expect([await ledger.present('held', first!.run_id), await ledger.present('held', second!.run_id)]).toEqual([expect.anything(), null])
    await env.DB.prepare(`DELETE FROM unfinished_runs WHERE team_id = 'held'`).run()
    await sweep()
    expect(await ledger.present('held', first!.run_id)).toBeNull()
  })

  it('goes through a large backlog round by round', async () => {
    const made = await fill('backlog', 2_300)
    await age('backlog', 3)
    const order = (): ErasureOrder => ({
      run_id: uuidIds.runId(),
      team_id: 'backlog',
      api_key_id: null,
      user_email: '',
      config_digest: 'sha256:0',
      at: Date.now(),
      why: { kind: 'retention', retention_days: 1 }
    })
    const rounds = []
    for (let more = true; more;) {
      const answer = await ledger.erase(order())
      rounds.push(answer.kind === 'erased' ? answer.entries : 0)
      more = answer.more
    }
    expect(rounds).toEqual([1_000, 1_000, 300])
    while (
      await runInDurableObject(
        ledgerStub('backlog'),
        (_o, state) => state.storage.sql.exec('SELECT 1 FROM erased WHERE told = 0 LIMIT 1').toArray().length > 0
      )
    )
      await runDurableObjectAlarm(ledgerStub('backlog'))
    expect((await index.list('backlog', {}, null, 10)).map(({ receipt }) => receipt.workflow.split(':')[0])).toEqual(
      rounds.map(() => 'retention_applied')
    )
    expect(await ledger.present('backlog', made[2_299]!.run_id)).toBeNull()
  }, 60_000)
})
