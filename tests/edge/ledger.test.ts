// The ledger object: the one writer of a team's receipts, under concurrency, eviction and tampering.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/adapters/clock/system.ts'
import { d1Directory } from '../../src/adapters/edge/directory.ts'
import { edgeLedger, entryOf } from '../../src/adapters/edge/ledger.ts'
import { d1Receipts } from '../../src/adapters/edge/receipts.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import {
  checkChain,
  openCheckpoint,
  originOf,
  verifyPlace,
  verifyProof,
  verifyReceipt,
  type Finding,
  type JsonObject,
  type LedgerPlace,
  type Receipt
} from '../../src/engine/index.ts'
import { reconcile } from '../../src/jobs/reconcile.ts'
import { keys, ledgerStub, makeReceipt } from './parts.ts'

const ledger = edgeLedger(env.LEDGER, 'together')
const index = d1Receipts(env.DB, nodeHash, ledger.latest, systemClock)
const directory = d1Directory(env.DB, systemClock)

async function team(teamId: string): Promise<string> {
  await env.DB.prepare(`INSERT INTO teams (team_id, created_by, created_at) VALUES (?, 'test', '') ON CONFLICT DO NOTHING`)
    .bind(teamId)
    .run()
  return teamId
}

async function reconcileAll(): Promise<{ logged: JsonObject[]; rows: Finding['kind'][] }> {
  const logged: JsonObject[] = []
  await env.DB.prepare('DELETE FROM findings').run()
  await reconcile({ directory, ledger, index, alarm: () => Promise.resolve(), clock: systemClock, log: (entry) => logged.push(entry) })
  const { results } = await env.DB.prepare('SELECT kind FROM findings ORDER BY id').all<{ kind: Finding['kind'] }>()
  return { logged, rows: results.map(({ kind }) => kind) }
}

describe('appending', () => {
  it('gives 200 concurrent receipts gapless places in one chain, and proves every one of them against a signed checkpoint', async () => {
    const receipts = await Promise.all(Array.from({ length: 200 }, () => makeReceipt('busy')))
    const places = await Promise.all(receipts.map((receipt) => ledger.append('busy', receipt)))
    expect(places.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(receipts.map((_, i) => i))
    expect(checkChain(places, nodeHash)).toMatchObject({ whole: true, links: 200 })
    const ring = await keys.team('busy')
    const trusted = { verify: ring.verify, publicKeys: await ring.publicKeys() }
    for (const [i, receipt] of receipts.entries()) {
      const stored = (await ledger.latest('busy', receipt.run_id))!
      expect(stored).toEqual({ ...receipt, ledger: places[i] })
      expect(verifyPlace(stored, nodeHash)).toEqual([])
      const proof = (await ledger.proof('busy', receipt.run_id))!
      const opened = await openCheckpoint(proof.checkpoint!, originOf('busy'), trusted, nodeHash)
      if (!opened.ok) throw new Error(opened.problem)
      expect(verifyProof(stored.ledger!, proof, opened.checkpoint, nodeHash)).toEqual([])
    }
    expect((await verifyReceipt(await ledger.latest('busy', receipts[7]!.run_id), ring, nodeHash)).valid).toBe(true)
  })

  it('is idempotent per run and revision, and refuses another body under the same ids', async () => {
    const receipt = await makeReceipt('idem')
    const first = await ledger.append('idem', receipt)
    const twice = await Promise.all([ledger.append('idem', receipt), ledger.append('idem', receipt)])
    expect(twice).toEqual([first, first])
    const other = await makeReceipt('idem', { run_id: receipt.run_id, outcome: 'FAILED' })
    await expect(ledger.append('idem', other)).rejects.toMatchObject({ code: 'receipt_conflict' })
    expect((await ledger.append('idem', await makeReceipt('idem'))).seq).toBe(1)
  })

  it('appends the good entries of a batch when one of them conflicts, without a gap', async () => {
    const receipt = await makeReceipt('mixed')
    await ledger.append('mixed', receipt)
    const forged = await makeReceipt('mixed', { run_id: receipt.run_id, decision: 'BLOCK' })
    const good = [await makeReceipt('mixed'), await makeReceipt('mixed')]
    const places = (await ledgerStub('mixed').appendMany('mixed', [
      entryOf(good[0]!),
      entryOf(forged),
      entryOf(good[1]!)
    ])) as (LedgerPlace | null)[]
    expect(places.map((place) => place?.seq ?? null)).toEqual([1, null, 2])
  })

  it('keeps a receipt that is longer than a row, byte for byte, even where a surrogate pair meets the cut', async () => {
    const payload = { text: 'x'.repeat(499_700) + '😀'.repeat(400_000) }
    const receipt = await makeReceipt('long', { payload })
    await ledger.append('long', receipt)
    await evictDurableObject(ledgerStub('long'))
    const stored = (await ledger.latest('long', receipt.run_id))!
    expect(stored.payload).toEqual(payload)
    expect(verifyPlace(stored, nodeHash)).toEqual([])
    await ledger.project('long')
    const [row] = await index.list('long', {}, null, 10)
    expect(row!.receipt).toEqual(stored)
  })

  it('goes on where it was after its object is evicted', async () => {
    const before = await Promise.all(Array.from({ length: 37 }, async () => ledger.append('evicted', await makeReceipt('evicted'))))
    await evictDurableObject(ledgerStub('evicted'))
    const after = await ledger.append('evicted', await makeReceipt('evicted'))
    expect(checkChain([...before, after], nodeHash)).toMatchObject({ whole: true, to: 37 })
  })

  it('keeps teams apart: the same ids are two receipts, and one team never sees the other', async () => {
    const mine = await makeReceipt('mine')
    await ledger.append('mine', mine)
    expect(await ledger.latest('yours', mine.run_id)).toBeNull()
    expect(await ledger.proof('yours', mine.run_id)).toBeNull()
    expect((await ledger.append('yours', await makeReceipt('yours', { run_id: mine.run_id }))).seq).toBe(0)
  })
})

describe('checkpoints', () => {
  it('are signed by the alarm once 256 entries wait, and not before a minute has passed for fewer', async () => {
    const some = await Promise.all(Array.from({ length: 5 }, () => makeReceipt('points')))
    await ledgerStub('points').appendMany('points', some.map(entryOf))
    await runDurableObjectAlarm(ledgerStub('points'))
    expect(await storedCheckpoints('points')).toEqual([])
    const many = await Promise.all(Array.from({ length: 256 }, () => makeReceipt('points')))
    await ledgerStub('points').appendMany('points', many.map(entryOf))
    await runDurableObjectAlarm(ledgerStub('points'))
    expect(await storedCheckpoints('points')).toEqual([261])
  })

  it('are signed for a few entries once they have waited a minute', async () => {
    await ledger.append('patient', await makeReceipt('patient'))
    await runDurableObjectAlarm(ledgerStub('patient'))
    expect(await storedCheckpoints('patient')).toEqual([])
    await runInDurableObject(ledgerStub('patient'), (_object, state) => {
      state.storage.sql.exec(`UPDATE facts SET value = value - 60000 WHERE name = 'uncovered_since'`)
    })
    expect(await runDurableObjectAlarm(ledgerStub('patient'))).toBe(true)
    expect(await storedCheckpoints('patient')).toEqual([1])
  })
})

async function storedCheckpoints(teamId: string): Promise<number[]> {
  return runInDurableObject(ledgerStub(teamId), (_object, state) =>
    state.storage.sql
      .exec<{ tree_size: number }>('SELECT tree_size FROM checkpoints ORDER BY tree_size')
      .toArray()
      .map(({ tree_size }) => tree_size)
  )
}

describe('the index in D1', () => {
  it('holds the newest revision of every run, in the order of first revisions, after project()', async () => {
    const receipts = await Promise.all(Array.from({ length: 30 }, () => makeReceipt('shown')))
    for (const receipt of receipts) await ledger.append('shown', receipt)
    const next = await makeReceipt('shown', { run_id: receipts[3]!.run_id, revision: 1, links: { rolled_back_by: receipts[9]!.run_id } })
    await ledger.append('shown', next)
    await ledger.project('shown')
    const rows = await index.list('shown', {}, null, 100)
    expect(rows.map(({ position }) => position)).toEqual(receipts.map((_, i) => 29 - i))
    expect(rows[26]!.receipt).toMatchObject({ revision: 1, links: next.links })
    expect(rows.map(({ receipt }) => receipt)).toEqual(await Promise.all(rows.map(({ receipt }) => ledger.latest('shown', receipt.run_id))))
  })

  it('is not set back when an old projection is repeated', async () => {
    const receipt = await makeReceipt('again')
    await ledger.append('again', receipt)
    await ledger.append('again', await makeReceipt('again', { run_id: receipt.run_id, revision: 1, outcome: 'FAILED' }))
    await ledger.project('again')
    await runInDurableObject(
      ledgerStub('again'),
      (_object, state) => void state.storage.sql.exec(`UPDATE facts SET value = 0 WHERE name = 'projected'`)
    )
    await ledger.project('again')
    expect((await index.list('again', {}, null, 10)).map(({ receipt }) => receipt.outcome)).toEqual(['FAILED'])
    await index.put('again', [{ ...entryOf(receipt), position: 0, place: { seq: 0, leaf: '0'.repeat(64), prev: '0'.repeat(64) } }])
    expect((await index.list('again', {}, null, 10)).map(({ receipt }) => receipt.outcome)).toEqual(['FAILED'])
  })

  it('is brought up to date by the alarm, without anybody asking', async () => {
    await ledger.append('alone', await makeReceipt('alone'))
    expect(await runDurableObjectAlarm(ledgerStub('alone'))).toBe(true)
    expect(await index.list('alone', {}, null, 10)).toHaveLength(1)
  })
})

describe('the reconciler', () => {
  it('finds nothing where nothing is wrong', async () => {
    await team('fine')
    for (let i = 0; i < 5; i++) await ledger.append('fine', await makeReceipt('fine'))
    const { logged, rows } = await reconcileAll()
    expect([logged, rows]).toEqual([[], []])
  })

  const tampering: [string, Finding['kind'], (receipt: Receipt) => [string, ...unknown[]]][] = [
    [
      'a body that says something else',
      'differs',
      (receipt) => [`UPDATE receipts SET body = replace(body, 'agent@company.com', 'boss@company.com') WHERE run_id = ?`, receipt.run_id]
    ],
    ['a decision that was turned', 'differs', (receipt) => [`UPDATE receipts SET decision = 'BLOCK' WHERE run_id = ?`, receipt.run_id]],
    ['a user who never was', 'differs', (receipt) => [`UPDATE receipts SET user_email = 'x@y.zz' WHERE run_id = ?`, receipt.run_id]],
    ['another time', 'differs', (receipt) => ['UPDATE receipts SET at = at + 1 WHERE run_id = ?', receipt.run_id]],
    ['another agent', 'differs', (receipt) => [`UPDATE receipts SET agent = 'x@y.zz' WHERE run_id = ?`, receipt.run_id]],
    ['another key', 'differs', (receipt) => [`UPDATE receipts SET api_key_id = 'x' WHERE run_id = ?`, receipt.run_id]],
    ['another mode', 'differs', (receipt) => [`UPDATE receipts SET run_mode = 'shadow' WHERE run_id = ?`, receipt.run_id]],
    ['another place of the newest revision', 'differs', (receipt) => ['UPDATE receipts SET seq = 99 WHERE run_id = ?', receipt.run_id]],
    ['another signature', 'differs', (receipt) => [`UPDATE receipts SET signatures = '[]' WHERE run_id = ?`, receipt.run_id]],
    ['a body that is no JSON', 'differs', (receipt) => [`UPDATE receipts SET body = '{' WHERE run_id = ?`, receipt.run_id]],
    ['a body that was taken away', 'differs', (receipt) => ['UPDATE receipts SET body = NULL WHERE run_id = ?', receipt.run_id]],
    ['a newer revision than there is', 'differs', (receipt) => ['UPDATE receipts SET revision = 9 WHERE run_id = ?', receipt.run_id]],
    ['a place that is another’s', 'differs', (receipt) => ['UPDATE receipts SET position = 77 WHERE run_id = ?', receipt.run_id]],
    ['tags that were added', 'differs', () => [`INSERT INTO receipt_tags VALUES ('tampered', 'policy', 'x', 1)`]],
    ['a row that is gone', 'missing', (receipt) => ['DELETE FROM receipts WHERE run_id = ?', receipt.run_id]],
    [
      'a row that the ledger never had',
      'surplus',
      () => [
        `INSERT INTO receipts SELECT team_id, '00000000-0000-7000-8000-000000000000', 900, 0, workflow, decision, outcome, user_email, at, words, body, signatures, place, agent, api_key_id, run_mode, seq FROM receipts WHERE team_id = 'tampered' LIMIT 1`
      ]
    ]
  ]
  it.each(tampering)('finds %s, reports it in a log line and a row, and repairs it', async (_name, kind, change) => {
    await team('tampered')
    const receipts = await Promise.all(Array.from({ length: 3 }, () => makeReceipt('tampered')))
    for (const receipt of receipts) await ledger.append('tampered', receipt)
    await ledger.project('tampered')
    const [sql, ...values] = change(receipts[1]!)
    await env.DB.prepare(sql)
      .bind(...values)
      .run()
    const first = await reconcileAll()
    expect(first.rows).toEqual([kind])
    expect(first.logged).toEqual([
      expect.objectContaining({ level: 'error', event: 'receipts_differ', team_id: 'tampered', kind, repaired: true })
    ])
    expect((await reconcileAll()).rows).toEqual([])
  })

  it('reports a ledger whose stored text was changed, and writes nothing over the index that still has the truth', async () => {
    await team('damaged')
    const receipt = await makeReceipt('damaged')
    await ledger.append('damaged', receipt)
    await ledger.project('damaged')
    await runInDurableObject(
      ledgerStub('damaged'),
      (_object, state) => void state.storage.sql.exec(`UPDATE entries SET body = replace(body, 'PASS', 'BLOCK')`)
    )
    expect((await reconcileAll()).rows).toEqual(['ledger_damaged'])
    expect((await index.list('damaged', {}, null, 1))[0]!.receipt.decision).toBe('PASS')
  })

  it('goes through a large ledger range by range', async () => {
    await team('large')
    const receipts = await Promise.all(Array.from({ length: 620 }, () => makeReceipt('large')))
    await Promise.all(receipts.map((receipt) => ledger.append('large', receipt)))
    await ledger.project('large')
    await env.DB.prepare(`UPDATE receipts SET outcome = 'FAILED' WHERE team_id = 'large' AND position = 600`).run()
    await env.DB.prepare(`DELETE FROM teams WHERE team_id <> 'large'`).run()
    expect((await reconcileAll()).rows).toEqual([])
    expect((await reconcileAll()).rows).toEqual(['differs'])
    expect((await reconcileAll()).rows).toEqual([])
  })
})
