// The index in D1 means by every search what the memory and file stores mean, whatever stands in it.
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { entryOf } from '../../src/adapters/edge/ledger.ts'
import { d1Receipts } from '../../src/adapters/edge/receipts.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { matchesFilter, parseSearch, printSearch, type Receipt, type ReceiptFilter } from '../../src/engine/index.ts'
import { receiptOf } from '../adapters/receipt_samples.ts'
import { receipts as randomReceipts, searches } from '../adapters/search_samples.ts'

const NOW = Date.UTC(2026, 2, 1) + 20 * 60_000
const index = d1Receipts(env.DB, nodeHash, () => Promise.resolve(null), { now: () => NOW })

async function put(teamId: string, made: readonly Receipt[]): Promise<Receipt[]> {
  const placed = made.map((receipt, seq) => ({ ...receipt, ledger: { seq, leaf: 'a'.repeat(64), prev: 'b'.repeat(64) } }))
  await index.put(
    teamId,
    placed.map((receipt, position) => ({ ...entryOf(receipt), position, place: receipt.ledger }))
  )
  return placed
}

const idsOf = (found: readonly Receipt[]) => found.map(({ run_id }) => run_id)
const sample = (count: number, seed: number) =>
  fc.sample(fc.tuple(...Array.from({ length: count }, (_, n) => randomReceipts(n))), { numRuns: 1, seed })[0]!

describe('a search in D1', () => {
  it('finds exactly what it finds in memory, random receipts and random searches, page by page', async () => {
    // More than are looked up one by one, so that both halves of the statement are asked.
    const stored = await put('random', sample(450, 7))
    await fc.assert(
      fc.asyncProperty(searches(), fc.option(fc.nat(450), { nil: undefined }), async (search, changed_after) => {
        const filter: ReceiptFilter = { search, ...(changed_after === undefined ? {} : { changed_after }) }
        const expected = idsOf(stored.filter((receipt) => matchesFilter(receipt, filter, NOW)).toReversed())
        const found = (await index.list('random', filter, null, 1_000)).map(({ receipt }) => receipt)
        expect({ search: printSearch(search), changed_after, found: idsOf(found) }).toEqual({
          search: printSearch(search),
          changed_after,
          found: expected
        })
        const half = await index.list('random', filter, 225, 3)
        expect(idsOf(half.map(({ receipt }) => receipt))).toEqual(expected.filter((id) => Number(id.slice(-12)) < 225).slice(0, 3))
      }),
      { numRuns: 500, seed: 11 }
    )
  }, 60_000)

  const ATTACKS = [
    "'",
    "' OR '1'='1",
    '"',
    "x'; DROP TABLE receipts; --",
    '%',
    '_',
    '*',
    '[a-z]*',
    '?',
    '\\',
    '?1',
    ':team',
    '@x',
    '$1',
    '" OR 1=1',
    "') OR (1=1",
    '\u{10ffff}*',
    '\ud7ff*',
    ')*'
  ]
  it.each(['text', 'agent', 'key', 'workflow', 'policy', 'system'] as const)(
    'a value of %s is never SQL, and no team sees another’s rows',
    async (field) => {
      await put('victim', [receiptOf(1, { team_id: 'victim' })])
      await put('thief', [receiptOf(2, { team_id: 'thief' })])
      for (const value of ATTACKS)
        for (const not of [false, true]) {
          const search = [{ field, not, values: [value] }]
          const again = parseSearch(printSearch(search)).map(({ start: _start, end: _end, ...term }) => term)
          expect(again).toEqual(search)
          const found = idsOf((await index.list('thief', { search }, null, 10)).map(({ receipt }) => receipt))
          const own = receiptOf(2, { team_id: 'thief' })
          expect([value, not, found]).toEqual([value, not, matchesFilter(own, { search }, NOW) ? [own.run_id] : []])
        }
      expect(await index.list('victim', {}, null, 10)).toHaveLength(1)
    }
  )

  it('takes the largest search that the language can say', async () => {
    const texts = [
      `policy:${Array.from({ length: 32 }, (_, n) => `p${n}*x`).join(',')}`,
      Array.from({ length: 24 }, (_, n) => `-workflow:w${n}*`).join(' '),
      `${'agent:a*b,c,d* '.repeat(8)}since:1h until:2026-03-02 -since:2026-03-02 words`,
      Array.from({ length: 24 }, (_, n) => `word${n}`).join(' ')
    ]
    for (const text of texts)
      await index.list('random', { search: parseSearch(text), workflow: 'a', policy: 'b', system: 'c', q: 'x '.repeat(40).trim() }, 5, 200)
  })

  it('walks on where a page ended although what it should hold was erased', async () => {
    const gone = d1Receipts(env.DB, nodeHash, () => Promise.resolve(null), { now: () => NOW })
    const stored = await put(
      'holes',
      Array.from({ length: 9 }, (_, n) => receiptOf(n, { team_id: 'holes' }))
    )
    await env.DB.prepare(`UPDATE receipts SET body = NULL WHERE team_id = 'holes' AND position IN (8, 7, 5)`).run()
    const seen: string[] = []
    let cursor: number | null = null
    for (let turn = 0; turn < 5; turn++) {
      const rows: readonly Receipt[] = (await gone.page('holes', {}, cursor, 2)).data
      const page = await gone.page('holes', {}, cursor, 2)
      seen.push(...idsOf(rows))
      expect(page.has_more).toBe(turn < 4)
      cursor = 9 - 2 * (turn + 1)
    }
    expect(seen).toEqual(idsOf([6, 4, 3, 2, 1, 0].map((n) => stored[n]!)))
  })

  it('was filled by its migration as the pump fills it', async () => {
    const session = { api_key_id: 'k', session_id: 's:1' }
    const links = { rollback_of: receiptOf(1).run_id, idempotency_key: 'x' }
    const stored = await put('migrated', [
      receiptOf(1, { team_id: 'migrated', user_email: 'Dev@Company.com' }),
      receiptOf(2, { team_id: 'migrated', actor: session, links, run_mode: 'shadow' })
    ])
    const columns = 'agent, api_key_id, run_mode, seq'
    const rows = () => env.DB.prepare(`SELECT position, ${columns} FROM receipts WHERE team_id = 'migrated' ORDER BY position`).all()
    const tags = () => env.DB.prepare(`SELECT * FROM receipt_tags WHERE team_id = 'migrated' ORDER BY kind, value`).all()
    const before = [(await rows()).results, (await tags()).results]
    expect(before[1]).toHaveLength(2)
    await env.DB.prepare(`UPDATE receipts SET agent = '', api_key_id = '', run_mode = '', seq = -1`).run()
    await env.DB.prepare(`DELETE FROM receipt_tags WHERE kind IN ('session', 'link')`).run()
    const queries = env.MIGRATIONS.find(({ name }) => name.includes('receipt_search'))!.queries.filter((query) =>
      /^(--.*\n)*(UPDATE|INSERT)/.test(query.trim())
    )
    expect(queries).toHaveLength(3)
    for (const query of queries) await env.DB.prepare(query).run()
    expect([(await rows()).results, (await tags()).results]).toEqual(before)
    expect(stored).toHaveLength(2)
  })

  it('counts by time and decision what a list of the same search holds', async () => {
    const stored = await put('counted', sample(200, 3))
    const [from, minutes] = [Date.UTC(2026, 2, 1), 10]
    await fc.assert(
      fc.asyncProperty(searches(2), async (search) => {
        const buckets = await index.histogram('counted', { search }, from, minutes * 60_000, 5)
        const expected = buckets.map(({ at }) => {
          const among = stored.filter((receipt) => matchesFilter(receipt, { search, from: at, to: at + minutes * 60_000 }, NOW))
          const count = (decision: string) => among.filter((receipt) => receipt.decision === decision).length
          return { at, pass: count('PASS'), block: count('BLOCK'), partial: count('PARTIAL') }
        })
        expect(buckets).toEqual(expected)
        expect(buckets.map(({ at }) => at)).toEqual([0, 1, 2, 3, 4].map((n) => from + n * minutes * 60_000))
      }),
      { numRuns: 100, seed: 5 }
    )
  }, 30_000)
})
