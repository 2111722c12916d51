// Erasure as a pure matter: what the receipt of one says, and what passes for such a receipt.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { webcryptoKeys } from '../../src/adapters/keys/index.ts'
import { memorySealed } from '../../src/adapters/sealed/index.ts'
import {
  erasedBy,
  erasureDraft,
  fault,
  isInRanges,
  issueReceipt,
  rangesOf,
  Receipt,
  recordChange,
  type ErasureOrder
} from '../../src/engine/index.ts'

const ports = { hash: nodeHash, keys: webcryptoKeys({ secret: 'x'.repeat(32) }), sealed: memorySealed() }
const ORDER: ErasureOrder = {
  run_id: '0198c0de-0000-7000-8000-000000000001',
  team_id: 'acme',
  api_key_id: 'k1',
  user_email: 'ops@company.com',
  config_digest: 'sha256:0',
  at: Date.parse('2026-03-01T04:30:00Z'),
  why: { kind: 'retention', retention_days: 30 }
}
const REQUEST = { kind: 'request', run_id: '0198c0de-0000-7000-8000-000000000002', reason: 'art. 17' } as const

describe('ranges', () => {
  test('hold exactly what went in, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 60 }), { minLength: 1 }), (seqs) => {
        const ranges = rangesOf(seqs)
        for (let seq = 0; seq <= 61; seq++) expect(isInRanges(ranges, seq)).toBe(seqs.includes(seq))
        for (const [i, [first]] of ranges.entries()) if (i > 0) expect(first).toBeGreaterThan(ranges[i - 1]![1] + 1)
      }),
      { seed: 4 }
    )
  })
})

test('a change whose receipt was erased meanwhile leaves the outbox, and is not written anew', async () => {
  const done: string[] = []
  const change = { ...ORDER, workflow: 'fact_changed:x', name: 'x', before: null, after: true, api_key_id: 'k1' }
  const ledger = { latest: () => Promise.reject(fault('erased', 'gone')), append: () => Promise.reject(new Error('written anew')) }
  const outbox = { waiting: () => Promise.resolve([]), done: ({ run_id }: { run_id: string }) => Promise.resolve(void done.push(run_id)) }
  await recordChange(change, outbox, { ...ports, ledger })
  expect(done).toEqual([ORDER.run_id])
})

describe('the receipt of an erasure', () => {
  test('says what was erased by place, and reads back as that', async () => {
    const receipt = await issueReceipt(erasureDraft(ORDER, [7, 3, 4, 5], 2), ports)
    expect(Receipt.safeParse(receipt).success).toBe(true)
    expect(receipt).toMatchObject({
      workflow: 'retention_applied:3-7',
      payload: {
        retention_days: 30,
        entries: 4,
        runs: 2,
        erased: [
          [3, 5],
          [7, 7]
        ]
      }
    })
    expect(erasedBy(receipt)).toEqual([
      [3, 5],
      [7, 7]
    ])
  })

  test('on request names the run and the reason', async () => {
    const receipt = await issueReceipt(erasureDraft({ ...ORDER, why: REQUEST }, [3], 1), ports)
    expect(receipt).toMatchObject({
      workflow: `receipt_erased:${REQUEST.run_id}`,
      payload: { run_id: REQUEST.run_id, reason: 'art. 17', erased: [[3, 3]] }
    })
  })

  test.each([
    ['a BLOCK, which anybody can get for any name', { decision: 'BLOCK', outcome: 'NONE' }],
    ['one that was imported', { mode: 'imported' }],
    ['a dry run', { run_mode: 'dry_run' }],
    ['a shadow run', { run_mode: 'shadow' }],
    ['an observed one', { mode: 'observed' }],
    ['a later revision', { revision: 1 }],
    ['another workflow', { workflow: 'x:retention_applied:3-7' }],
    ['no ranges', { payload: { erased: [] } }],
    ['a range the wrong way round', { payload: { erased: [[5, 3]] } }],
    ['ranges that are no numbers', { payload: { erased: [[0, 'all']] } }],
    ['no payload', { payload: {} }]
  ] as const)('is none: %s', async (_what, more) => {
    const receipt = await issueReceipt(erasureDraft(ORDER, [3, 4, 5, 7], 2), ports)
    expect(erasedBy({ ...receipt, ...(more as object) })).toBeNull()
  })
})
