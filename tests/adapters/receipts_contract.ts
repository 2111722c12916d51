// What every store of receipts promises, whatever holds them.
import { beforeEach, describe, expect, test } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { checkChain, leafOf, verifyPlace } from '../../src/engine/ledger.ts'
import type { Ledger, Receipts } from '../../src/engine/ports.ts'
import { ReceiptQuery } from '../../src/engine/receipt_query.ts'
import type { Receipt } from '../../src/engine/schema.ts'
import { hex } from '../../src/engine/bytes.ts'
import { receiptOf, runId } from './receipt_samples.ts'

/** A query as HTTP would give it. */
export const query = (given: Record<string, string | number> = {}) => ReceiptQuery.parse(given)

const blocked: Partial<Receipt> = {
  decision: 'BLOCK',
  outcome: 'NONE',
  policy_results: [{ policy: 'dont_push_to_main', passed: false, effect: 'deny', reason: 'branch `main` is protected' }]
}
const deleted: Partial<Receipt> = {
  workflow: 'delete_row',
  user_email: 'other@company.com',
  outcome: 'PARTIAL',
  actions_taken: [
    {
      action: 'delete_row',
      system: 'postgres',
      success: true,
      status: 'DONE',
      output: {},
      rollback_data: null,
      resources: ['postgres/Customers/7'],
      started_at: '2026-03-01T00:00:00Z',
      finished_at: '2026-03-01T00:00:01Z',
      error: null
    }
  ]
}

/** Runs the contract against a store, made afresh for each test. */
export function receiptsContract(name: string, make: () => Promise<Ledger & Receipts> | (Ledger & Receipts)): void {
  describe(`${name} keeps the contract of receipt stores`, () => {
    let store: Ledger & Receipts
    beforeEach(async () => {
      store = await make()
    })
    const append = (...receipts: Receipt[]) =>
      receipts.reduce<Promise<unknown>>((before, receipt) => before.then(() => store.append(receipt.team_id, receipt)), Promise.resolve())
    const ids = async (given: Record<string, string | number> = {}) =>
      (await store.list('acme', query({ limit: 200, ...given }))).data.map((receipt) => Number(receipt.run_id.slice(-12)))

    test('what was appended is read back word for word, with its place', async () => {
      const receipt = receiptOf(1, { payload: { text: 'ünïcödé \u202e\u0000', 'deep.key': [{ a: null }], '7': 1 } })
      const place = await store.append('acme', receipt)
      expect(place).toEqual({ seq: 0, leaf: hex(leafOf(receipt, nodeHash)), prev: '0'.repeat(64) })
      expect(await store.get('acme', receipt.run_id)).toEqual({ ...receipt, ledger: place })
      expect(await store.latest('acme', receipt.run_id)).toEqual({ ...receipt, ledger: place })
    })

    test('places are gapless and chained, also when appends race', async () => {
      const places = await Promise.all(Array.from({ length: 40 }, (_, n) => store.append('acme', receiptOf(n))))
      expect(checkChain(places, nodeHash)).toMatchObject({ whole: true, from: 0, to: 39, links: 40 })
      for (let n = 0; n < 40; n++) expect(verifyPlace((await store.get('acme', runId(n)))!, nodeHash)).toEqual([])
    })

    test('appending the same again gives the same place and no second entry, also when both race', async () => {
      const [first, second] = await Promise.all([store.append('acme', receiptOf(1)), store.append('acme', receiptOf(1))])
      expect(second).toEqual(first)
      expect(await store.append('acme', { ...receiptOf(1), ledger: { ...first, seq: 9 } })).toEqual(first)
      expect((await store.append('acme', receiptOf(2))).seq).toBe(1)
    })

    test('another body under the same id is refused and changes nothing', async () => {
      await append(receiptOf(1))
      await expect(store.append('acme', receiptOf(1, { outcome: 'FAILED' }))).rejects.toMatchObject({ code: 'receipt_conflict' })
      expect(await store.get('acme', runId(1))).toMatchObject({ outcome: 'SUCCEEDED' })
      expect((await store.append('acme', receiptOf(2))).seq).toBe(1)
    })

    test('a later revision is the newest, the earlier one stays', async () => {
      await append(receiptOf(1), receiptOf(2), receiptOf(1, { revision: 1, outcome: 'UNKNOWN' }))
      expect(await store.latest('acme', runId(1))).toMatchObject({ revision: 1, ledger: { seq: 2 } })
      expect(await store.get('acme', runId(1))).toMatchObject({ revision: 1 })
      expect(await store.get('acme', runId(1), 0)).toMatchObject({ revision: 0, outcome: 'SUCCEEDED', ledger: { seq: 0 } })
      expect(await store.get('acme', runId(1), 2)).toBeNull()
      expect(await store.get('acme', runId(1), -1)).toBeNull()
    })

    test('another team sees nothing, and cannot append in this team’s name', async () => {
      await append(receiptOf(1))
      expect(await store.get('other', runId(1))).toBeNull()
      expect(await store.latest('other', runId(1))).toBeNull()
      expect(await store.list('other', query())).toMatchObject({ data: [], has_more: false, next_cursor: null })
      await expect(store.append('other', receiptOf(2))).rejects.toMatchObject({ code: 'invalid' })
    })

    test('what is not a run’s id is simply not there', async () => {
      await append(receiptOf(1))
      for (const id of ['', '..', '../etc/passwd', `${runId(1)}/..`, runId(1).toUpperCase(), `${runId(1)}\0`, '%2e%2e', '__proto__']) {
        expect(await store.get('acme', id)).toBeNull()
        expect(await store.latest('acme', id)).toBeNull()
      }
    })

    test('what is not a receipt is refused', async () => {
      for (const bad of [{ run_id: '../../x' }, { run_id: runId(1).toUpperCase() }, { revision: -1 }, { revision: 0.5 }, { extra: 1 }]) {
        await expect(store.append('acme', receiptOf(1, bad as Partial<Receipt>))).rejects.toMatchObject({ code: 'invalid' })
      }
      expect(await ids()).toEqual([])
    })

    test('nobody changes a stored receipt through what was given in or out', async () => {
      const receipt = receiptOf(1, { payload: { list: ['a'] } })
      await append(receipt)
      ;(receipt.payload as { list: string[] }).list.push('b')
      ;((await store.get('acme', runId(1)))!.payload as { list: string[] }).list.push('c')
      expect((await store.get('acme', runId(1)))!.payload).toEqual({ list: ['a'] })
    })

    test('a list is newest first, one row a run, standing where the run began', async () => {
      await append(receiptOf(1), receiptOf(2), receiptOf(3), receiptOf(1, { revision: 1, outcome: 'PARTIAL' }))
      expect(await ids()).toEqual([3, 2, 1])
      expect((await store.list('acme', query())).data[2]).toMatchObject({ revision: 1, outcome: 'PARTIAL' })
      expect(await ids({ outcome: 'PARTIAL' })).toEqual([1])
    })

    test('paging neither repeats nor skips, whatever is added or amended meanwhile', async () => {
      await append(...Array.from({ length: 10 }, (_, n) => receiptOf(n)))
      const seen: number[] = []
      let cursor: string | null = null
      for (let turn = 0; turn < 20; turn++) {
        const page = await store.list('acme', query({ limit: 3, ...(cursor === null ? {} : { cursor }) }))
        seen.push(...page.data.map((receipt) => Number(receipt.run_id.slice(-12))))
        expect(page.has_more).toBe(page.next_cursor !== null)
        cursor = page.next_cursor
        if (cursor === null) break
        await append(receiptOf(100 + turn), receiptOf(turn, { revision: 1 }))
      }
      expect(seen).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
    })

    test.each([
      [{ decision: 'BLOCK' }, [2]],
      [{ outcome: 'PARTIAL' }, [3]],
      [{ workflow: 'delete_row' }, [3]],
      [{ user_email: 'other@company.com' }, [3]],
      [{ policy: 'dont_push_to_main' }, [2]],
      [{ system: 'postgres' }, [3]],
      [{ system: 'postgres', decision: 'BLOCK' }, []],
      [{ q: 'CUSTOMERS/7' }, [3]],
      [{ q: 'protected  branch' }, [2]],
      [{ q: 'protected customers' }, []],
      [{ q: '%' }, []],
      [{ q: runId(1) }, [1]],
      [{ from: '2026-03-01T00:02:00Z' }, [3, 2]],
      [{ to: '2026-03-01T00:02:00Z' }, [1]],
      [{ from: '2026-03-01', to: '2026-03-02' }, [3, 2, 1]],
      [{ from: '2026-03-02' }, []],
      [{ search: 'decision:block' }, [2]],
      [{ search: '-decision:block agent:agent' }, [1]],
      [{ search: 'agent:OTHER@company.com system:post*' }, [3]],
      [{ search: 'policy:dont_* mode:enforce' }, [2]],
      [{ search: 'workflow:*_row,nothing until:2026-03-02' }, [3]],
      [{ search: '"branch `main` is" -customers' }, [2]],
      [{ search: 'since:2026-03-01T00:02:00Z' }, [3, 2]],
      [{ search: 'since:1m' }, []],
      [{ search: 'decision:held' }, []],
      [{ changed_after: 1 }, [3, 2]],
      [{ changed_after: 3 }, []]
    ])('the filter %j finds exactly %j', async (filter, expected) => {
      await append(receiptOf(1), receiptOf(2, blocked), receiptOf(3, deleted))
      expect(await ids(filter as Record<string, string>)).toEqual(expected)
    })
  })
}
